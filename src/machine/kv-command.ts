import { Input, Output } from './kv-bytes.js'
import { isQueueTag, readQueueCommand, writeQueueCommand } from './queue-codec.js'
import { MAX_REVOKED_LEASES, MAX_SESSION_SECRET } from './kv-types.js'
import { readOp, readTxn, writeOp, writeTxn } from './txn-codec.js'
import type { KvCommand } from './kv-types.js'

export type { KvCommand, KvOp } from './kv-types.js'

/**
 * Commands of the KV machine, as they stand in the log:
 *
 *   put      1, key length, key, value to the end
 *   delete   2, key to the end
 *   batch    3, number of operations, then each as txn-codec.ts has it
 *   put      4, lease, key length, key, value to the end: one with a lease
 *   txn      5, see txn-codec.ts
 *   grant    6, ttl
 *   revoke   7, 1 if expired, or else 0, number of leases, leases
 *   compact  8, revision
 *   session  9, lease, sequence, acknowledged, secret length, secret, command to the end
 *   queues   from 16 on, see queue-codec.ts
 *
 * Lengths and numbers are LEB128. Every member must read a command alike for ever: what is written here never changes its meaning, and a tag that
 * is not known, or bytes left over, make the command refused on every member, never a throw on one of them.
 */
const PUT = 1
const DELETE = 2
const BATCH = 3
const PUT_LEASED = 4
const TXN = 5
const GRANT = 6
const REVOKE = 7
const COMPACT = 8
const SESSION = 9

const NO_SECRET = new Uint8Array(0)

/** The least operation of a batch: a delete of a key of one byte. */
const LEAST_OP = 3

/** Why a command could not be read. */
export const Refused = { unknownCommand: 'unknown-command', malformed: 'malformed' } as const
export type Refused = typeof Refused[keyof typeof Refused]

/** Thrown by {@link decodeKvCommand}; the machine turns it into a refused result. */
export class KvCommandError extends Error {
  override readonly name = 'KvCommandError'
  constructor (message: string, readonly reason: Refused) { super(message) }
}

const malformed = (what: string): KvCommandError => new KvCommandError(`malformed command: ${what}`, Refused.malformed)

export function encodeKvCommand (command: KvCommand): Uint8Array {
  const out = new Output()
  switch (command.type) {
    case 'put': return (command.lease ?? 0) === 0
      ? out.byte(PUT).bytes(command.key).raw(command.value).finish()
      : out.byte(PUT_LEASED).number(command.lease ?? 0).bytes(command.key).raw(command.value).finish()
    case 'delete': return out.byte(DELETE).raw(command.key).finish()
    case 'batch': return out.byte(BATCH).list(command.ops, op => { writeOp(out, op) }).finish()
    case 'txn': return writeTxn(out.byte(TXN), command).finish()
    case 'grant': return out.byte(GRANT).number(command.ttl).finish()
    case 'revoke': return out.byte(REVOKE).byte(command.expired ? 1 : 0).list(command.leases, id => { out.number(id) }).finish()
    case 'compact': return out.byte(COMPACT).number(command.revision).finish()
    case 'session': return out.byte(SESSION).number(command.lease).number(command.sequence).number(command.acknowledged).bytes(command.secret ?? NO_SECRET).raw(command.command).finish()
    default: return writeQueueCommand(out, command).finish()
  }
}

/**
 * Keys and values of the result are views of `bytes`.
 *
 * @throws KvCommandError
 */
export function decodeKvCommand (bytes: Uint8Array): KvCommand {
  const input = new Input(bytes, malformed)
  const tag = input.byte()
  const command = isQueueTag(tag) ? readQueueCommand(input, tag) : readCommand(input, tag)
  input.end()
  return command
}

function readCommand (input: Input, tag: number): KvCommand {
  switch (tag) {
    case PUT: return { type: 'put', key: input.key(), value: input.rest() }
    case DELETE: return { type: 'delete', key: input.filled(input.rest()) }
    case BATCH: return { type: 'batch', ops: input.list(LEAST_OP, () => readOp(input)) }
    case PUT_LEASED: {
      const lease = readLease(input)
      return { type: 'put', key: input.key(), value: input.rest(), lease }
    }
    case TXN: return readTxn(input)
    case GRANT: return { type: 'grant', ttl: input.number() }
    case REVOKE: {
      const expired = input.flag()
      return { type: 'revoke', leases: input.list(1, () => readLease(input), MAX_REVOKED_LEASES), expired }
    }
    case COMPACT: return { type: 'compact', revision: input.number() }
    case SESSION: return readSession(input)
    default: throw new KvCommandError(`command ${tag} is not known to this version`, Refused.unknownCommand)
  }
}

function readSession (input: Input): KvCommand {
  const [lease, sequence, acknowledged] = [readLease(input), input.number(), input.number()]
  if (acknowledged > sequence) throw malformed('a session that has the answer to what it asks')
  const secret = input.bytes()
  if (secret.length > MAX_SESSION_SECRET) throw malformed(`a secret of ${secret.length} bytes, over ${MAX_SESSION_SECRET}`)
  const command = input.rest()
  if (command.length === 0 || command[0] === SESSION) throw malformed('a session without a command, or with a session in it')
  return { type: 'session', lease, sequence, acknowledged, ...(secret.length === 0 ? {} : { secret }), command }
}

function readLease (input: Input): number {
  const lease = input.number()
  if (lease === 0) throw malformed('lease 0')
  return lease
}
