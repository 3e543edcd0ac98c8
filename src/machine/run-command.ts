import { decodeKvCommand, KvCommandError } from './kv-command.js'
import { decodeKvResult, encodeKvRefused, encodeKvResult } from './kv-result.js'
import { grant, revoke } from './leases.js'
import { runQueueCommand } from './queues.js'
import { runSession } from './sessions.js'
import { runBatch, runTxn } from './txn.js'
import { deleteKey, putKey } from './write-row.js'
import type { KvCommand, KvResult, Moment, RefusalReason, View } from './kv-types.js'

type SessionCommand = Extract<KvCommand, { type: 'session' }>

/**
 * An entry of the log: its answer, as it goes to whoever asked. What the view was told lasts, whatever the answer: a command that is refused
 * told it nothing, but a session remembers that its command was refused.
 *
 * Throws what the view throws, and never for what is in `bytes`.
 */
export function run (view: View, bytes: Uint8Array, moment: Moment): Uint8Array {
  try {
    return answer(view, decodeKvCommand(bytes), moment)
  } catch (error) {
    if (error instanceof KvCommandError) return encodeKvRefused(error.reason)
    throw error
  }
}

export function answer (view: View, command: KvCommand, moment: Moment): Uint8Array {
  return command.type === 'session' ? runSession(view, command, inner => run(view, inner, moment)) : encodeKvResult(runCommand(view, command, moment))
}

/** As {@link run}, of a command that is read already. */
export function runCommand (view: View, command: KvCommand, moment: Moment): KvResult {
  switch (command.type) {
    case 'session': return decodeKvResult(answer(view, command, moment))
    // One key is checked before it is changed: this is what most commands are, and they take nothing back.
    case 'put': return written(putKey(view, command, moment), moment)
    case 'delete':
      deleteKey(view, command.key)
      return written(undefined, moment)
    case 'grant': return written(grant(view, command.ttl, moment), moment)
    case 'compact': return compact(view, command.revision, moment)
    case 'revoke': return revoke(view, command.leases, moment)
    default: return view.attempt(() => runMany(view, command, moment))
  }
}

function runMany (view: View, command: Exclude<KvCommand, SessionCommand | { type: 'put' | 'delete' | 'grant' | 'compact' | 'revoke' }>, moment: Moment): KvResult {
  switch (command.type) {
    case 'batch': return runBatch(view, command.ops, moment)
    case 'txn': return runTxn(view, command, moment)
    default: return runQueueCommand(view, command, moment)
  }
}

function written (refusal: RefusalReason | undefined, { revision }: Moment): KvResult {
  return refusal === undefined ? { ok: true, type: 'written', revision } : { ok: false, reason: refusal }
}

/** History up to `revision` goes; what is compacted already stays so. */
function compact (view: View, revision: number, moment: Moment): KvResult {
  if (revision > moment.revision) return { ok: false, reason: 'future-revision' }
  view.compacted = Math.max(view.compacted, revision)
  return written(undefined, moment)
}
