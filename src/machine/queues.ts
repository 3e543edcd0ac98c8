import { Queue } from './queue.js'
import { MAX_LEASE_TTL, MIN_LEASE_TTL } from './kv-types.js'
import { MAX_QUEUE_ATTEMPTS, MAX_QUEUE_DEDUPE, MAX_QUEUE_ID, MAX_QUEUE_ITEMS, MAX_QUEUE_NAME, queueKeys, takenItem } from './queue-rows.js'
import type { KvResult, KvRow, Moment, QueueCommand, View } from './kv-types.js'

/**
 * Queues: items wait in the order of their pushes, and are taken under a lease. Who has taken an item says that it is done, or gives it back; if
 * neither comes before the lease ends, the item is back in its place. So an item is done at least once, and nobody holds one that another
 * holds. The work of a command is bounded: {@link MAX_QUEUE_ITEMS} items, each a few rows.
 */
export function runQueueCommand (view: View, command: QueueCommand, moment: Moment): KvResult {
  if (!isWellFormed(command)) return { ok: false, reason: 'malformed' }
  const queue = new Queue(view, queueKeys(command.queue), moment)
  switch (command.type) {
    case 'queue-push': return queue.push(command.id, command.value)
    case 'queue-take': return queue.take(command.limit, command.visibility)
    case 'queue-ack': return queue.giveUp(command.lease, command.items, 'done')
    case 'queue-release': return queue.giveUp(command.lease, command.items, command.untried === true ? 'not tried' : 'not done')
    case 'queue-redrive': return queue.redrive(command.limit)
    case 'queue-discard': return queue.discard(command.items)
    case 'queue-configure': return queue.configure(command)
  }
}

/** A row whose lease has ended. True: it is a queue's, and was seen to; otherwise it goes away with its lease. */
export function queueLeaseEnded (view: View, row: KvRow, moment: Moment): boolean {
  const taken = takenItem(row.key)
  if (taken === undefined) return false
  new Queue(view, taken.keys, moment).leaseEnded(row, taken.sequence)
  return true
}

/** Commands come from other nodes too: what the recipe refuses here is refused there. */
function isWellFormed (command: QueueCommand): boolean {
  if (command.queue === '' || command.queue.includes('\0') || new TextEncoder().encode(command.queue).length > MAX_QUEUE_NAME) return false
  switch (command.type) {
    case 'queue-push': return command.id === undefined || within(command.id.length, 1, MAX_QUEUE_ID)
    case 'queue-take': return within(command.limit, 1, MAX_QUEUE_ITEMS) && within(command.visibility, MIN_LEASE_TTL, MAX_LEASE_TTL)
    case 'queue-ack':
    case 'queue-release': return command.items.length <= MAX_QUEUE_ITEMS
    case 'queue-discard': return within(command.items.length, 1, MAX_QUEUE_ITEMS)
    case 'queue-redrive': return within(command.limit, 1, MAX_QUEUE_ITEMS)
    case 'queue-configure': return within(command.maxAttempts ?? 0, 0, MAX_QUEUE_ATTEMPTS) && (command.maxLength ?? 1) >= 1 && within(command.dedupe ?? 0, 0, MAX_QUEUE_DEDUPE)
  }
}

const within = (value: number, min: number, max: number): boolean => value >= min && value <= max
