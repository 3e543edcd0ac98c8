import { CodecError, Reader, readU32, writeU32, writeU64 } from './codec.js'

/**
 * A sealed record: format, epoch (4 bytes), counter (8), ciphertext, tag (16). Under the seal is the record as it would stand without
 * encryption, its own checksum included: a frame of the log names the one before by that checksum, which must outlive a rewrite.
 *
 * Formats of records that are not sealed are below 128, for ever: the first byte tells the two apart.
 */
const SEALED = 0x81
const HEADER = 13

export interface SealedRecord { readonly epoch: number, readonly counter: number, readonly box: Uint8Array }

export const isSealed = (stored: Uint8Array): boolean => stored[0] === SEALED

/** 0 for what is not sealed: epochs begin at 1. */
export const epochOf = (stored: Uint8Array): number => isSealed(stored) && stored.length >= HEADER ? readU32(stored, 1) : 0

export function encodeSealed ({ epoch, counter, box }: SealedRecord): Uint8Array {
  const out = new Uint8Array(HEADER + box.length)
  out[0] = SEALED
  writeU32(out, 1, epoch)
  writeU64(out, 5, counter)
  out.set(box, HEADER)
  return out
}

export function decodeSealed (stored: Uint8Array): SealedRecord {
  const input = new Reader(stored)
  const format = input.u8()
  if (format !== SEALED) throw new CodecError(`format ${format}, where a sealed record has ${SEALED}`)
  return { epoch: input.u32(), counter: input.u64(), box: input.raw(input.left) }
}
