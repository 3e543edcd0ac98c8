/**
 * Commands of the KV machine, as they stand in the log:
 *
 *   put     1, key length, key, value to the end
 *   delete  2, key to the end
 *   batch   3, number of operations, then for each: 1 or 2, key length, key, and for a put value length, value
 *
 * Lengths are LEB128. Every member must read a command alike for ever: what is written here never changes its meaning, and a tag that
 * is not known, or bytes left over, make the command refused on every member, never a throw on one of them.
 */
export type KvOp =
  | { readonly type: 'put', readonly key: Uint8Array, readonly value: Uint8Array }
  | { readonly type: 'delete', readonly key: Uint8Array }

export type KvCommand = KvOp | { readonly type: 'batch', readonly ops: readonly KvOp[] }

/** Why a command was not run. The number is what its result carries. */
export const Refused = { unknownCommand: 1, malformed: 2 } as const
export type Refused = typeof Refused[keyof typeof Refused]

/** Thrown by {@link decodeKvCommand}; the machine turns it into a refused result. */
export class KvCommandError extends Error {
  override readonly name = 'KvCommandError'
  constructor (message: string, readonly reason: Refused) { super(message) }
}

const PUT = 1
const DELETE = 2
const BATCH = 3

export function encodeKvCommand (command: KvCommand): Uint8Array {
  if (command.type === 'delete') return prefixed([DELETE], command.key)
  if (command.type === 'put') return prefixed([PUT, ...varint(command.key.length)], command.key, command.value)
  const head = [BATCH, ...varint(command.ops.length)]
  const parts = command.ops.flatMap(op => op.type === 'put'
    ? [Uint8Array.from([PUT, ...varint(op.key.length)]), op.key, Uint8Array.from(varint(op.value.length)), op.value]
    : [Uint8Array.from([DELETE, ...varint(op.key.length)]), op.key])
  return prefixed(head, ...parts)
}

/**
 * Keys and values of the result are views of `bytes`.
 *
 * @throws KvCommandError
 */
export function decodeKvCommand (bytes: Uint8Array): KvCommand {
  const input = new Input(bytes)
  const tag = input.byte()
  if (tag === PUT) return { type: 'put', key: input.key(input.varint()), value: input.rest() }
  if (tag === DELETE) return { type: 'delete', key: input.key(input.left) }
  if (tag !== BATCH) throw new KvCommandError(`command ${tag} is not known to this version`, Refused.unknownCommand)
  const count = input.varint()
  // The least operation takes 3 bytes: a count beyond what the bytes can hold is refused before anything is made for it.
  if (count * 3 > input.left) throw malformed(`${count} operations in ${input.left} bytes`)
  const ops: KvOp[] = []
  for (let i = 0; i < count; i++) ops.push(readOp(input))
  if (input.left !== 0) throw malformed(`${input.left} bytes after the last operation`)
  return { type: 'batch', ops }
}

function readOp (input: Input): KvOp {
  const tag = input.byte()
  if (tag !== PUT && tag !== DELETE) throw malformed(`operation ${tag} in a batch`)
  const key = input.key(input.varint())
  return tag === PUT ? { type: 'put', key, value: input.take(input.varint()) } : { type: 'delete', key }
}

const malformed = (what: string): KvCommandError => new KvCommandError(`malformed command: ${what}`, Refused.malformed)

class Input {
  #offset = 0
  constructor (readonly bytes: Uint8Array) {}

  get left (): number { return this.bytes.length - this.#offset }

  byte (): number {
    if (this.left === 0) throw malformed('it ends early')
    return this.bytes[this.#offset++]
  }

  varint (): number {
    let value = 0
    for (let scale = 1; scale <= 0x1000_0000; scale *= 0x80) {
      const byte = this.byte()
      value += (byte & 0x7f) * scale
      if (byte >= 0x80) continue
      // One encoding for each number, so that equal commands are equal bytes.
      if (byte === 0 && scale > 1) throw malformed('a length in more bytes than it needs')
      return value
    }
    throw malformed('a length over 35 bits')
  }

  key (length: number): Uint8Array {
    if (length === 0) throw malformed('an empty key')
    return this.take(length)
  }

  take (length: number): Uint8Array {
    if (length > this.left) throw malformed(`${length} bytes wanted, ${this.left} left`)
    const view = this.bytes.subarray(this.#offset, this.#offset + length)
    this.#offset += length
    return view
  }

  rest (): Uint8Array { return this.take(this.left) }
}

function varint (value: number): number[] {
  const out: number[] = []
  for (; value >= 0x80; value = Math.floor(value / 0x80)) out.push((value % 0x80) | 0x80)
  out.push(value)
  return out
}

function prefixed (head: readonly number[], ...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, head.length))
  out.set(head)
  let offset = head.length
  for (const part of parts) {
    out.set(part, offset)
    offset += part.length
  }
  return out
}
