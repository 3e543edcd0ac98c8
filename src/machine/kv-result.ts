import { CodecError, Reader, writeU64 } from '../storage/index.js'
import { Refused } from './kv-command.js'

/** `revision`: the index of the command in the log; every key that it wrote has it as its mod revision. */
export type KvResult =
  | { readonly ok: true, readonly revision: number }
  | { readonly ok: false, readonly reason: 'unknown-command' | 'malformed' }

const OK = 0
const REFUSED = 1

const reasons = { [Refused.unknownCommand]: 'unknown-command', [Refused.malformed]: 'malformed' } as const

export function encodeKvOk (revision: number): Uint8Array {
  const out = new Uint8Array(9)
  out[0] = OK
  writeU64(out, 1, revision)
  return out
}

/** No text in it: the words of a message may change with a version, and what members answer must not. */
export const encodeKvRefused = (reason: Refused): Uint8Array => Uint8Array.of(REFUSED, reason)

/** @throws CodecError if these are not the bytes of a result */
export function decodeKvResult (bytes: Uint8Array): KvResult {
  const input = new Reader(bytes)
  const kind = input.u8()
  if (kind === OK) {
    const revision = input.u64()
    input.end()
    return { ok: true, revision }
  }
  if (kind !== REFUSED) throw new CodecError(`a result of kind ${kind}`)
  const reason = reasons[input.u8() as Refused]
  input.end()
  if (reason === undefined) throw new CodecError('refused for a reason that this version does not know')
  return { ok: false, reason }
}
