import type { KvResult, KvRow, Moment, QueueCommand, View } from './kv-types.js'

/** Queues: not there yet. */
export function runQueueCommand (_view: View, _command: QueueCommand, _moment: Moment): KvResult {
  return { ok: false, reason: 'unknown-command' }
}

/** A row whose lease has ended. True: it is a queue's, and was seen to; otherwise it goes away with its lease. */
export function queueLeaseEnded (_view: View, _row: KvRow, _moment: Moment): boolean {
  return false
}
