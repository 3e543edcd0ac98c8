import { ownPrefix } from './names.js'
import type { Row } from './types.js'

/**
 * The rows of an event log:
 *
 *   e<index, 8 bytes><place, 2 bytes>   an event
 *   n                                   its version is how many were ever appended
 *   c<number, 8 bytes>                  the index of the event that was appended as that number: one of so many
 *   t                                   the index up to which events were trimmed
 */
export interface EventLogKeys {
  readonly events: Uint8Array
  /** Behind the event of that index, and before the next. */
  readonly behind: (index: number) => Uint8Array
  readonly count: Uint8Array
  readonly checkpoint: (number: number) => Uint8Array
  readonly trimmed: Uint8Array
  /** Where what is only told is told: who may write and read the rows may tell and hear it. */
  readonly topic: string
}

export function eventLogKeys (name: string): EventLogKeys {
  const prefix = ownPrefix('log', name)
  const under = (letter: string, ...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat([prefix, Buffer.from(letter), ...parts]))
  return {
    events: under('e'),
    behind: index => under('e', encodeIndex(index), Uint8Array.of(0xff, 0xff)),
    count: under('n'),
    checkpoint: number => under('c', encodeIndex(number)),
    trimmed: under('t'),
    topic: new TextDecoder().decode(prefix)
  }
}

export function encodeIndex (index: number): Uint8Array {
  const out = new DataView(new ArrayBuffer(8))
  out.setBigUint64(0, BigInt(index))
  return new Uint8Array(out.buffer)
}

/** Bytes of an event's key behind `events`: its index, and its place among those of that revision. */
const OF_EVENT = 10

/** The index of an event's row. Undefined: a row that is there all the same, since anyone with the right to may write it, and that no append has made. */
export function indexOf ({ events }: EventLogKeys, { key, createRevision }: Row): number | undefined {
  return key.byteLength === events.byteLength + OF_EVENT && decodeIndex(key, events.byteLength) === createRevision ? createRevision : undefined
}

/** The number in the 8 bytes from `at` on; 0 where there are none. */
export function decodeIndex (bytes: Uint8Array | undefined, at = 0): number {
  if (bytes === undefined || bytes.byteLength < at + 8) return 0
  return Number(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(at))
}
