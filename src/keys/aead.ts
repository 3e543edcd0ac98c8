import { createCipheriv, createDecipheriv } from 'node:crypto'

const ALGORITHM = 'aes-256-gcm'
const NONCE_BYTES = 12
/** What a sealed box has more than what is in it. */
export const TAG_BYTES = 16

/** Bytes that no holder of the key has sealed, not here, or not in this place. */
export class SealError extends Error {
  override readonly name = 'SealError'
}

/**
 * AES-256-GCM with a counter as the nonce: four zero bytes, and the counter as eight, big-endian. Under one key, a counter is used once:
 * a second use would give away both texts and the means to forge (Joux 2006), which is why keys are derived for each stream and each
 * opening of a store, and counters only rise.
 */
export class Sealer {
  #next = 0
  constructor (private readonly key: Uint8Array) {}

  /** The counter that the next `seal` uses. */
  get next (): number { return this.#next }

  /** Ciphertext, then tag. */
  seal (plain: Uint8Array, associated: Uint8Array): Uint8Array { return sealAt(this.key, this.#next++, plain, associated) }
}

/** For whoever counts for itself: no counter may be used twice with one key. Ciphertext, then tag. */
export function sealAt (key: Uint8Array, counter: number, plain: Uint8Array, associated: Uint8Array): Uint8Array {
  if (!Number.isSafeInteger(counter) || counter < 0) throw new SealError('this key has sealed all that it may')
  const cipher = createCipheriv(ALGORITHM, key, nonce(counter))
  cipher.setAAD(associated)
  const body = cipher.update(plain)
  cipher.final()
  const out = new Uint8Array(body.length + TAG_BYTES)
  out.set(body)
  out.set(cipher.getAuthTag(), body.length)
  return out
}

/** @throws SealError */
export function openSealed (key: Uint8Array, counter: number, sealed: Uint8Array, associated: Uint8Array): Uint8Array {
  if (sealed.length < TAG_BYTES) throw new SealError(`${sealed.length} bytes are too few for a sealed box`)
  if (!Number.isSafeInteger(counter) || counter < 0) throw new SealError('a counter over 2^53')
  const decipher = createDecipheriv(ALGORITHM, key, nonce(counter), { authTagLength: TAG_BYTES })
  decipher.setAAD(associated)
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
  const plain = decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES))
  try {
    decipher.final()
  } catch (error) {
    // Nothing of what was decrypted leaves before its tag is known to be right.
    throw new SealError('not sealed by a holder of this key, not for this place, or changed since', { cause: error })
  }
  return plain
}

function nonce (counter: number): Uint8Array {
  const out = new Uint8Array(NONCE_BYTES)
  const view = new DataView(out.buffer)
  view.setUint32(4, Math.floor(counter / 0x1_0000_0000))
  view.setUint32(8, counter >>> 0)
  return out
}
