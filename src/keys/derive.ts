import { hkdfSync } from 'node:crypto'

/** Bytes of a derived key: AES-256. */
export const KEY_BYTES = 32
/** Part of every derivation: a later version derives other keys. */
const VERSION = 'raftmesh v1'

const utf8 = new TextEncoder()

/**
 * HKDF-SHA-256 (RFC 5869) of `secret`, for one `use` in one `context`. Each field of the info has its length before it, so that no two
 * lists of fields read the same.
 */
export function deriveKey (secret: Uint8Array, use: string, salt: Uint8Array, context: ReadonlyArray<string | Uint8Array> = [], length = KEY_BYTES): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, salt, fields([VERSION, use, ...context]), length))
}

/** Each with its length before it, as four bytes, big-endian. Texts are UTF-8. */
export function fields (list: ReadonlyArray<string | Uint8Array>): Uint8Array {
  const parts = list.map(field => typeof field === 'string' ? utf8.encode(field) : field)
  const out = new Uint8Array(parts.reduce((sum, part) => sum + 4 + part.length, 0))
  const view = new DataView(out.buffer)
  let at = 0
  for (const part of parts) {
    view.setUint32(at, part.length)
    out.set(part, at + 4)
    at += 4 + part.length
  }
  return out
}
