import type { Input, Output } from './kv-bytes.js'
import type { QueueCommand } from './kv-types.js'

/**
 * Commands of queues. After the tag, the queue's name (length, UTF-8), then:
 *
 *   push       16, value to the end
 *   push       17, id length, id, value to the end: one with an id
 *   take       18, limit, visibility
 *   ack        19, lease, number of items, items
 *   release    20, as ack
 *   redrive    21, limit
 *   configure  22, which of the settings follow (bits 1, 2 and 4), maxAttempts, maxLength, dedupe
 *   discard    23, number of items, items
 *   release    24, as ack: of untried ones
 */
const PUSH = 16
const PUSH_ID = 17
const TAKE = 18
const ACK = 19
const RELEASE = 20
const REDRIVE = 21
const CONFIGURE = 22
const DISCARD = 23
const RELEASE_UNTRIED = 24

const MAX_NAME = 255

export const isQueueTag = (tag: number): boolean => tag >= PUSH && tag <= RELEASE_UNTRIED

export function writeQueueCommand (out: Output, command: QueueCommand): Output {
  const { queue } = command
  const items = (values: readonly number[]): Output => out.list(values, item => { out.number(item) })
  switch (command.type) {
    case 'queue-push': return (command.id === undefined ? out.byte(PUSH).text(queue) : out.byte(PUSH_ID).text(queue).bytes(command.id)).raw(command.value)
    case 'queue-take': return out.byte(TAKE).text(queue).number(command.limit).number(command.visibility)
    case 'queue-ack':
    case 'queue-release':
      out.byte(command.type === 'queue-ack' ? ACK : command.untried === true ? RELEASE_UNTRIED : RELEASE).text(queue).number(command.lease)
      return items(command.items)
    case 'queue-discard':
      out.byte(DISCARD).text(queue)
      return items(command.items)
    case 'queue-redrive': return out.byte(REDRIVE).text(queue).number(command.limit)
    case 'queue-configure': return writeSettings(out.byte(CONFIGURE).text(queue), command)
  }
}

export function readQueueCommand (input: Input, tag: number): QueueCommand {
  const queue = readName(input)
  const items = (): number[] => input.list(1, () => input.number())
  switch (tag) {
    case PUSH: return { type: 'queue-push', queue, value: input.rest() }
    case PUSH_ID: return { type: 'queue-push', queue, id: input.bytes(), value: input.rest() }
    case TAKE: return { type: 'queue-take', queue, limit: input.number(), visibility: input.number() }
    case ACK: return { type: 'queue-ack', queue, lease: input.number(), items: items() }
    case RELEASE: return { type: 'queue-release', queue, lease: input.number(), items: items() }
    case RELEASE_UNTRIED: return { type: 'queue-release', queue, lease: input.number(), items: items(), untried: true }
    case REDRIVE: return { type: 'queue-redrive', queue, limit: input.number() }
    case DISCARD: return { type: 'queue-discard', queue, items: items() }
    default: return { type: 'queue-configure', queue, ...readSettings(input) }
  }
}

const SETTINGS = ['maxAttempts', 'maxLength', 'dedupe'] as const
type Settings = { readonly [name in typeof SETTINGS[number]]?: number }

function writeSettings (out: Output, settings: Settings): Output {
  out.byte(SETTINGS.reduce((given, name, i) => settings[name] === undefined ? given : given | 1 << i, 0))
  for (const name of SETTINGS) if (settings[name] !== undefined) out.number(settings[name])
  return out
}

function readSettings (input: Input): Settings {
  const given = input.byte()
  if (given >= 1 << SETTINGS.length) throw input.fail(`settings ${given}, which there are not`)
  return Object.fromEntries(SETTINGS.filter((_, i) => (given & 1 << i) !== 0).map(name => [name, input.number()]))
}

/** A zero byte would let one queue's name reach into another's rows. */
function readName (input: Input): string {
  const name = input.text(MAX_NAME)
  if (name.length === 0 || name.includes('\0')) throw input.fail('a name that is empty or has a zero byte')
  return name
}
