import fc from 'fast-check'
import { joined } from './mutations.js'

/** A field as it stands in a message: its tag, and its value as bytes on the wire; of wire type 2, without the length. */
interface Field { readonly number: number, readonly type: number, readonly value: Uint8Array }

function varint (value: number): Uint8Array {
  const out: number[] = []
  for (; value >= 0x80; value = Math.floor(value / 0x80)) out.push((value % 0x80) | 0x80)
  return Uint8Array.from([...out, value])
}

/** The fields of a message that has varints and lengths only, as all of ours do; undefined if this is none. */
function fieldsOf (bytes: Uint8Array): Field[] | undefined {
  let at = 0
  const read = (): number => {
    let value = 0
    for (let scale = 1; at < bytes.length; scale *= 0x80) {
      const byte = bytes[at++]
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
    return NaN
  }
  const fields: Field[] = []
  while (at < bytes.length) {
    const tag = read()
    const [number, type] = [Math.floor(tag / 8), tag % 8]
    const from = at
    const length = read()
    if (!(number > 0) || Number.isNaN(length) || (type !== 0 && type !== 2)) return undefined
    if (type === 2 && at + length > bytes.length) return undefined
    fields.push({ number, type, value: type === 0 ? bytes.subarray(from, at) : bytes.subarray(at, at += length) })
  }
  return fields.length > 0 ? fields : undefined
}

const toBytes = (fields: readonly Field[]): Uint8Array =>
  joined(...fields.flatMap(({ number, type, value }) => [varint(number * 8 + type), ...(type === 2 ? [varint(value.length)] : []), value]))

interface Choice { readonly path: readonly number[], readonly how: number, readonly number: number, readonly bytes: Uint8Array }

function change (field: Field, { how, number, bytes }: Choice): Field[] {
  const { type, value } = field
  const other = type === 0 ? varint(number) : how % 2 === 0 ? bytes : how % 4 === 1 ? value.subarray(0, -1) : joined(value, bytes)
  switch (how % 8) {
    case 0: return []
    case 1: return [field, field]
    case 2: return [field, { ...field, value: other }]
    case 3: return [{ ...field, number: 1 + number % 24 }]
    default: return [{ ...field, value: other }]
  }
}

/** Into the message by `path`, as far as there are messages in it; lengths around what was changed still tell the truth. */
function within (bytes: Uint8Array, choice: Choice): Uint8Array {
  const fields = fieldsOf(bytes)
  if (fields === undefined) return bytes
  const [step = 0, ...path] = choice.path
  const place = step % fields.length
  const field = fields[place]
  const inner = field.type === 2 && path.length > 0 && fieldsOf(field.value) !== undefined
  const instead = inner ? [{ ...field, value: within(field.value, { ...choice, path }) }] : change(field, choice)
  return toBytes([...fields.slice(0, place), ...instead, ...fields.slice(place + 1)])
}

const choice: fc.Arbitrary<Choice> = fc.record({
  path: fc.array(fc.nat(30), { minLength: 1, maxLength: 3 }), how: fc.nat(31),
  number: fc.oneof(fc.nat(4), fc.nat(300), fc.maxSafeNat(), fc.constantFrom(2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53)), bytes: fc.uint8Array({ maxLength: 40 })
})

/** Messages that are well formed, of which one or two fields are not as they were: left out, repeated, under another number, with another value. */
export function remade (valid: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc.tuple(valid, fc.array(choice, { minLength: 1, maxLength: 2 })).map(([bytes, choices]) => choices.reduce(within, bytes))
}
