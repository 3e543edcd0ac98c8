import { decodeKvCommand } from './kv-command.js'
import { leaseKey } from './leases.js'
import { queueRowsOf } from './queues.js'
import { sessionKey } from './sessions.js'
import type { KvCommand, RecordTable, TxnOp } from './kv-types.js'

/** What a command will surely look at, so that what many commands need is loaded at once. Ranges, and what a row leads to, are not in it. */
export interface Needs { readonly rows: Uint8Array[], readonly records: Array<{ readonly table: RecordTable, readonly key: Uint8Array }> }

export function needs (command: KvCommand): Needs {
  const found: Needs = { rows: [], records: [] }
  add(found, command)
  return found
}

function add (found: Needs, command: KvCommand): void {
  switch (command.type) {
    case 'put':
    case 'delete': return addOp(found, command)
    case 'batch': return command.ops.forEach(op => { addOp(found, op) })
    case 'txn':
      found.rows.push(...command.compare.map(({ key }) => key))
      for (const op of command.then) addOp(found, op)
      for (const op of command.else) addOp(found, op)
      return
    case 'revoke': return command.leases.forEach(id => { addLease(found, id, true) })
    case 'session':
      addLease(found, command.lease, true)
      return addInner(found, command.command)
    case 'grant':
    case 'compact': return
    default: found.rows.push(...queueRowsOf(command))
  }
}

function addOp (found: Needs, op: TxnOp): void {
  if (op.type === 'delete-range') return
  if (op.type !== 'append') found.rows.push(op.key)
  if ((op.type === 'put' || op.type === 'append') && op.lease !== undefined) addLease(found, op.lease, false)
}

function addLease (found: Needs, id: number, session: boolean): void {
  found.records.push({ table: 'lease', key: leaseKey(id) })
  if (session) found.records.push({ table: 'answer', key: sessionKey(id) })
}

function addInner (found: Needs, command: Uint8Array): void {
  let inner: KvCommand
  try {
    inner = decodeKvCommand(command)
  } catch {
    return // It will be refused, and looks at nothing.
  }
  add(found, inner)
}
