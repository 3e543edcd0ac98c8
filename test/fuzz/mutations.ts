import fc from 'fast-check'

/** Integers that lie about a length, in the encodings that are in use here: varints of 5, 8 and 10 bytes, and 4 and 8 bytes big-endian. */
const liars: readonly Uint8Array[] = [
  [0x7f], [0xff, 0x01], [0xff, 0xff, 0xff, 0xff, 0x07], [0xff, 0xff, 0xff, 0xff, 0x0f], [0x80, 0x80, 0x80, 0x80, 0x08],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], [0x80, 0x00],
  [0xff, 0xff, 0xff, 0xff], [0x7f, 0xff, 0xff, 0xff], [0x80, 0, 0, 0], [0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], [0, 0x20, 0, 0, 0, 0, 0, 0], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
].map(bytes => Uint8Array.from(bytes))

/** Fields of protobuf that no version has, of every wire type, two of which (6 and 7) do not exist; and groups, open, closed, and nested. */
const strangers: readonly Uint8Array[] = [
  [0xa0, 0x06, 0x05], [0xa1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8], [0xa2, 0x06, 0x02, 0x61, 0x62], [0xa5, 0x06, 1, 2, 3, 4],
  [0xa3, 0x06, 0xa4, 0x06], [0xa3, 0x06, 0xa3, 0x06, 0xa4, 0x06, 0xa4, 0x06], [0xa3, 0x06], [0xa4, 0x06], [0xa6, 0x06], [0xa7, 0x06],
  [0x00], [0x02, 0x00], [0xf8, 0xff, 0xff, 0xff, 0x0f, 0x01], [0xa2, 0x06, 0xff, 0xff, 0xff, 0xff, 0x0f]
].map(bytes => Uint8Array.from(bytes))

type Mutation = (bytes: Uint8Array, other: Uint8Array) => Uint8Array

export function joined (...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

/** A place in any bytes: a fraction, so that shrinking and other lengths keep it meaningful. */
const place = fc.nat(0xffff)
const at = (where: number, length: number): number => Math.floor(where / 0x1_0000 * (length + 1))

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(place, fc.integer({ min: 1, max: 255 })).map(([where, bits]): Mutation => bytes => {
    const copy = bytes.slice()
    if (copy.length > 0) copy[Math.min(at(where, copy.length), copy.length - 1)] ^= bits
    return copy
  }),
  place.map((where): Mutation => bytes => bytes.slice(0, at(where, bytes.length))),
  fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 12 })).map(([where, put]): Mutation => bytes => joined(bytes.subarray(0, at(where, bytes.length)), put, bytes.subarray(at(where, bytes.length)))),
  fc.tuple(place, place).map(([here, there]): Mutation => (bytes, other) => joined(bytes.subarray(0, at(here, bytes.length)), other.subarray(at(there, other.length)))),
  fc.tuple(place, fc.constantFrom(...liars), fc.boolean()).map(([where, lie, over]): Mutation => bytes => {
    const from = at(where, bytes.length)
    return joined(bytes.subarray(0, from), lie, bytes.subarray(over ? from + lie.length : from + 1))
  }),
  fc.tuple(place, place, fc.integer({ min: 1, max: 40 })).map(([a, b, copies]): Mutation => bytes => {
    const [from, to] = [a, b].map(where => at(where, bytes.length)).sort((x, y) => x - y)
    return joined(bytes.subarray(0, to), ...Array<Uint8Array>(copies).fill(bytes.subarray(from, to)), bytes.subarray(to))
  }),
  fc.tuple(place, place).map(([a, b]): Mutation => bytes => {
    const [from, to] = [a, b].map(where => at(where, bytes.length)).sort((x, y) => x - y)
    return joined(bytes.subarray(0, from), bytes.subarray(to))
  }),
  fc.constant<Mutation>((bytes, other) => joined(bytes, other)),
  // The same number, spelt in one byte more.
  place.map((where): Mutation => bytes => {
    const from = Math.min(at(where, bytes.length), bytes.length - 1)
    return from < 0 || bytes[from] >= 0x80 ? bytes : joined(bytes.subarray(0, from), Uint8Array.of(bytes[from] | 0x80, 0), bytes.subarray(from + 1))
  }),
  fc.tuple(fc.constantFrom(0, 0xffff), place, fc.constantFrom(...strangers)).chain(([end, inside, field]) => fc.boolean().map((atEnd): Mutation => bytes => {
    const from = at(atEnd ? end : inside, bytes.length)
    return joined(bytes.subarray(0, from), field, bytes.subarray(from))
  })),
  // A length that tells the truth of what follows, where another field's length or value was: one message read as another.
  fc.tuple(place, fc.nat(255)).map(([where, tag]): Mutation => bytes => {
    const from = at(where, bytes.length)
    const rest = bytes.subarray(from)
    return joined(bytes.subarray(0, from), Uint8Array.of(tag, rest.length & 0x7f), rest)
  })
)

/** Valid bytes with one to three things wrong: bits, cuts, splices of two, lengths that lie, repeated and unknown fields, nested lengths. */
export function mutated (valid: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc.tuple(valid, valid, fc.array(mutation, { minLength: 1, maxLength: 3 })).map(([bytes, other, mutations]) => mutations.reduce((so, mutate) => mutate(so, other), bytes))
}
