import v8 from 'node:v8'
import vm from 'node:vm'
import { describe, expect, it } from 'vitest'
import { joined } from './mutations.js'
import { wireDecoders } from './wire-decoders.js'

/** What a frame of a peer may make this node hold, for each of its bytes. At the largest frame, 8 MiB, that is 256 MiB. */
const HELD_FOR_EACH_BYTE = 32
const FRAME_BYTES = 1 << 20
/** What one frame may make it hold, whatever is in it. */
const HELD_AT_MOST = 64 << 20

v8.setFlagsFromString('--expose-gc')
const collectGarbage = vm.runInNewContext('gc') as () => void

function held (): number {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Bytes that the result of decoding `bytes` holds, for each of them; nothing for what is refused. */
function heldForEachByte (name: string, bytes: Uint8Array): number {
  const decode = wireDecoders.find(of => of.name === name)?.decode
  const before = held()
  const results: unknown[] = []
  try {
    results.push(decode?.(bytes))
  } catch { /* holds nothing */ }
  const after = held()
  // Looked at after the measurement, so that it is still there during it.
  expect(results.length).toBeLessThanOrEqual(1)
  return (after - before) / bytes.length
}

function varint (value: number): Uint8Array {
  const out: number[] = []
  for (; value >= 0x80; value = Math.floor(value / 0x80)) out.push((value % 0x80) | 0x80)
  return Uint8Array.from([...out, value])
}

const field = (tag: number[], body: Uint8Array): Uint8Array => joined(Uint8Array.from(tag), varint(body.length), body)
const repeated = (unit: readonly number[], count: number): Uint8Array => Uint8Array.from({ length: unit.length * count }, (_, i) => unit[i % unit.length])
const filled = (unit: Uint8Array): Uint8Array => joined(...Array<Uint8Array>(Math.floor(FRAME_BYTES / unit.length)).fill(unit))
const ID = Uint8Array.of(8, 1)
const INCARNATIONS = Uint8Array.of(0x0a, 1, 0x61, 0x12, 1, 0x62)
const json = (text: string): Uint8Array => new TextEncoder().encode(text)

const frames: ReadonlyArray<readonly [what: string, decoder: string, bytes: () => Uint8Array]> = [
  ['as many requests as there may be', 'command-frame', () => repeated([0x0a, 2, 8, 1], 16_384)],
  ['as many reads', 'command-frame', () => repeated([0x0a, 4, 8, 1, 0x5a, 0], 16_384)],
  ['as many answers', 'command-frame', () => repeated([0x12, 4, 8, 1, 0x5a, 0], 16_384)],
  ['as many cancels', 'command-frame', () => repeated([0x18, 1], 16_384)],
  ['requests with as many changes as there may be in each', 'command-frame', () => filled(field([0x0a], joined(ID, field([0x82, 0x01], repeated([0x0a, 0], 1_024)))))],
  ['as many messages as a group may send', 'group-messages', () => joined(INCARNATIONS, repeated([0x1a, 4, 8, 9, 16, 1], 65_536))],
  ['as many messages of kinds that are not known', 'group-messages', () => joined(INCARNATIONS, repeated([0x1a, 2, 8, 99], 65_536))],
  ['groups with nothing to say', 'link-frame', () => filled(joined(Uint8Array.of(0x12, 34, 0x0a, 32), new Uint8Array(32)))],
  ['a configuration of empty ids', 'configuration', () => json(`{"voters":[${'"",'.repeat(FRAME_BYTES / 3)}""],"outgoing":[],"learners":[],"learnersNext":[]}`)],
  ['a configuration of lists in lists', 'configuration', () => json('['.repeat(FRAME_BYTES))]
]

/** Elements of two bytes each: a bound on each list is not enough, nor is one on the bytes. */
const lists: typeof frames = [
  ['answers with as many keys as there may be in each', 'command-frame', () => filled(field([0x12], joined(ID, field([0x62], repeated([0x0a, 0], 65_536)))))],
  ['answers with as many keys as there may be in all', 'command-frame', () => joined(...Array<Uint8Array>(3).fill(field([0x12], joined(ID, field([0x62], repeated([0x0a, 0], 65_536))))))],
  ['requests with as many peers as there may be in each', 'command-frame', () => filled(field([0x0a], joined(ID, field([0x9a, 0x01], repeated([0x0a, 0], 4_096)))))],
  ['requests with peers with as many addresses as there may be in each', 'command-frame', () => filled(field([0x0a], joined(ID, field([0x9a, 0x01], field([0x0a], repeated([0x12, 0], 256))))))],
  ['an append of empty entries', 'group-messages', () => append(FRAME_BYTES / 2)],
  ['an append of as many empty entries as there may be', 'group-messages', () => append(262_144)]
]

function append (count: number): Uint8Array {
  const block = joined(Uint8Array.of(1), varint(count), Uint8Array.of(0, 1, 1, 0), repeated([0x0c, 0], count - 1))
  return joined(INCARNATIONS, field([0x1a], joined(Uint8Array.of(8, 5, 16, 1), field([0x5a], block))))
}

describe('what a frame makes a node hold', () => {
  it.each(frames)('is bounded by its size: %s', (_what, decoder, bytes) => {
    expect(heldForEachByte(decoder, bytes())).toBeLessThanOrEqual(HELD_FOR_EACH_BYTE)
  })

  it.each(lists)('is bounded, whatever its size: %s', (what, decoder, build) => {
    const bytes = build()
    expect(heldForEachByte(decoder, bytes) * bytes.length).toBeLessThanOrEqual(HELD_AT_MOST)
    const decode = (): unknown => wireDecoders.find(of => of.name === decoder)?.decode(bytes)
    if (what.includes('in all') || what.includes('as many empty')) expect(decode).not.toThrow()
    else expect(decode).toThrow(/elements in all|more than 262144 entries/)
  })
})
