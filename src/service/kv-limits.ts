import { InvalidArgumentError, TooLargeError } from '../errors.js'
import { decodeKvCommand } from '../machine/index.js'
import { describe } from './validate.js'
import type { LimitOptions } from './api.js'
import type { KvCommand, TxnOp } from '../machine/kv-types.js'

type Limits = Readonly<Required<LimitOptions>>

/** Bytes of the name of a queue, a lock and the like. */
const MAX_NAME = 255

export function checkKey (key: Uint8Array, limits: Limits): void {
  if (key.byteLength > limits.key) throw new TooLargeError(`The key has ${key.byteLength} bytes, at most ${limits.key} are allowed (limits.key)`)
}

export function checkCommand (command: unknown, limits: Limits): asserts command is Uint8Array {
  if (!(command instanceof Uint8Array)) throw new InvalidArgumentError(`The command must be a Uint8Array, got ${describe(command)}`)
  if (command.byteLength > limits.command) throw new TooLargeError(`The command has ${command.byteLength} bytes, at most ${limits.command} are allowed (limits.command)`)
}

/** A KV command against the group's limits: where it enters the group, whoever made it. Returns what it says. */
export function checkKvCommand (command: Uint8Array, limits: Limits): KvCommand {
  checkCommand(command, limits)
  const decoded = decode(command)
  check(decoded, limits)
  return decoded
}

function decode (command: Uint8Array): KvCommand {
  try {
    return decodeKvCommand(command)
  } catch (cause) {
    throw new InvalidArgumentError(`Not a command of the KV: ${(cause as Error).message}`, { cause })
  }
}

function check (command: KvCommand, limits: Limits): void {
  switch (command.type) {
    case 'put': case 'delete': checkOp(command, limits); return
    case 'batch': checkOps(command.ops, 'The batch', limits); return
    case 'txn':
      if (command.compare.length > limits.batch) throw new TooLargeError(`The transaction has ${command.compare.length} comparisons, at most ${limits.batch} are allowed (limits.batch)`)
      for (const { key } of command.compare) checkKey(key, limits)
      checkOps(command.then, 'The transaction', limits)
      checkOps(command.else, 'The transaction', limits)
      return
    // Its outcome is kept, and given again: what is in it must be as good as if it came alone.
    case 'session': check(decode(command.command), limits); return
    case 'queue-push':
      checkName(command.queue)
      if (command.id !== undefined && command.id.byteLength > limits.key) throw new TooLargeError(`The id of the item has ${command.id.byteLength} bytes, at most ${limits.key} are allowed (limits.key)`)
      checkValue(command.value, limits)
      return
    case 'grant': case 'revoke': case 'compact': return
    default: checkName(command.queue)
  }
}

function checkOps (ops: readonly TxnOp[], what: string, limits: Limits): void {
  if (ops.length > limits.batch) throw new TooLargeError(`${what} has ${ops.length} operations, at most ${limits.batch} are allowed (limits.batch)`)
  for (const op of ops) checkOp(op, limits)
}

/** Revision and place, which `append` puts behind its prefix. */
const APPENDED = 10

function checkOp (op: TxnOp, limits: Limits): void {
  switch (op.type) {
    case 'delete-range': return
    case 'append':
      if (op.prefix.byteLength + APPENDED > limits.key) throw new TooLargeError(`The prefix has ${op.prefix.byteLength} bytes, at most ${limits.key - APPENDED} are allowed (limits.key)`)
      checkValue(op.value, limits)
      return
    default:
      checkKey(op.key, limits)
      if (op.type === 'put') checkValue(op.value, limits)
  }
}

function checkValue (value: Uint8Array, limits: Limits): void {
  if (value.byteLength > limits.value) throw new TooLargeError(`The value has ${value.byteLength} bytes, at most ${limits.value} are allowed (limits.value)`)
}

/** Of a program's topic, which peers are judged by as if it were a key. */
export function checkTopic (topic: unknown): string {
  if (typeof topic !== 'string') throw new InvalidArgumentError(`A topic is a string, got ${describe(topic)}`)
  checkName(topic)
  return topic
}

/** Of a recipe, as it makes them: see `ownPrefix`. */
const OWN_TOPIC = /^\0[a-z]{1,16}\/([^\0]+)\0$/

/** Of a program's topic, or a recipe's own. */
export function checkAnyTopic (topic: string): string {
  checkName(OWN_TOPIC.exec(topic)?.[1] ?? topic)
  return topic
}

export function checkSaying (data: Uint8Array, limits: Limits): void { checkValue(data, limits) }

/** With a zero byte in it, or none at all, one queue's keys would be another's. */
function checkName (name: string): void {
  const bytes = Buffer.byteLength(name)
  if (bytes === 0 || bytes > MAX_NAME || name.includes('\0')) throw new InvalidArgumentError(`A name has 1 to ${MAX_NAME} bytes, none of them zero, got ${describe(name)}`)
}
