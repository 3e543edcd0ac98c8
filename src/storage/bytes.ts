export function concat (...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    out.set(part, offset)
    offset += part.length
  }
  return out
}

/** One character a byte: a Map's key, and `<` on two of them orders as the bytes do. */
export const byteString = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')

/** Copies; a Buffer's own `slice` would not. */
export const copyOf = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes)

export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

/** The first key after every key that begins with `prefix`. */
export function prefixEnd (prefix: Uint8Array): Uint8Array {
  let length = prefix.length
  while (length > 0 && prefix[length - 1] === 0xff) length--
  if (length === 0) throw new Error('a prefix of 0xff bytes alone has no end')
  const end = copyOf(prefix.subarray(0, length))
  end[length - 1]++
  return end
}

export interface ByteRange { readonly gte: Uint8Array, readonly lt: Uint8Array }

export const prefixRange = (prefix: Uint8Array): ByteRange => ({ gte: prefix, lt: prefixEnd(prefix) })
