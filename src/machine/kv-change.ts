import { CodecError, Reader, writeU32, writeU64 } from '../storage/index.js'
import type { KvChange, KvEvent } from './kv-types.js'

const DELETE = 0
const PUT = 1
/** Beside keys and values. */
const CHANGE_OVERHEAD = 64

export function keyOf (event: KvEvent): Uint8Array { return event.type === 'put' ? event.row.key : event.key }

/** What a change takes in memory, or in a frame, roughly. */
export function changeBytes ({ events }: KvChange): number {
  let bytes = CHANGE_OVERHEAD
  for (const event of events) bytes += CHANGE_OVERHEAD + (event.type === 'put' ? event.row.key.length + event.row.value.length : event.key.length)
  return bytes
}

/** Bytes that {@link writeChange} takes. */
export function changeSize ({ events }: KvChange): number {
  let size = 12
  for (const event of events) size += event.type === 'put' ? 33 + event.row.key.length + event.row.value.length : 5 + event.key.length
  return size
}

/** Returns the offset behind it. By hand, as the store's integers: it is done for every write. */
export function writeChange (out: Uint8Array, offset: number, { revision, events }: KvChange): number {
  writeU64(out, offset, revision)
  writeU32(out, offset + 8, events.length)
  offset += 12
  for (const event of events) {
    out[offset++] = event.type === 'put' ? PUT : DELETE
    if (event.type === 'delete') {
      offset = writeBytes(out, offset, event.key)
      continue
    }
    const { key, value, createRevision, version, lease } = event.row
    offset = writeBytes(out, offset, key)
    writeU64(out, offset, createRevision)
    writeU64(out, offset + 8, version)
    writeU64(out, offset + 16, lease)
    offset = writeBytes(out, offset + 24, value)
  }
  return offset
}

function writeBytes (out: Uint8Array, offset: number, bytes: Uint8Array): number {
  writeU32(out, offset, bytes.length)
  out.set(bytes, offset + 4)
  return offset + 4 + bytes.length
}

/** @throws CodecError */
export function readChange (input: Reader): KvChange {
  const revision = input.u64()
  const count = input.u32()
  // The least event takes 5 bytes.
  if (count * 5 > input.left) throw new CodecError(`${count} events in ${input.left} bytes`)
  const events: KvEvent[] = []
  for (let i = 0; i < count; i++) events.push(readEvent(input, revision))
  return { revision, events }
}

function readEvent (input: Reader, modRevision: number): KvEvent {
  const type = input.u8()
  const key = input.bytes()
  if (type === DELETE) return { type: 'delete', key }
  if (type !== PUT) throw new CodecError(`an event of type ${type}`)
  return { type: 'put', row: { key, createRevision: input.u64(), modRevision, version: input.u64(), lease: input.u64(), value: input.bytes() } }
}

/** Many changes as one value: LevelDB's cost is by the operation, not by the byte. */
export function encodeChanges (changes: readonly KvChange[]): Uint8Array {
  let size = 4
  for (const change of changes) size += changeSize(change)
  const out = new Uint8Array(size)
  writeU32(out, 0, changes.length)
  let offset = 4
  for (const change of changes) offset = writeChange(out, offset, change)
  return out
}

/** @throws CodecError */
export function decodeChanges (body: Uint8Array): KvChange[] {
  const input = new Reader(body)
  const changes: KvChange[] = []
  for (let left = input.u32(); left > 0; left--) {
    const change = readChange(input)
    if (change.revision <= (changes.at(-1)?.revision ?? 0)) throw new CodecError(`revision ${change.revision} is out of order`)
    changes.push(change)
  }
  input.end()
  return changes
}
