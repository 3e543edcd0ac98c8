import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MalformedFrameError } from '../../src/errors.js'
import { FrameDecoder, encodedLengthBytes, joinFrames } from '../../src/wire/frames.js'

/** What the decoder makes of the bytes, in reads of these sizes. */
function read (bytes: Uint8Array, cuts: readonly number[], max = 1 << 20): Uint8Array[] {
  const decoder = new FrameDecoder(max)
  const frames: Uint8Array[] = []
  let at = 0
  for (let i = 0; at < bytes.length; i++) {
    const end = Math.min(bytes.length, at + Math.max(1, cuts[i % Math.max(1, cuts.length)] ?? 1))
    for (const f of decoder.decode(Buffer.from(bytes.subarray(at, end)))) frames.push(f)
    at = end
  }
  return frames
}

describe('frames', () => {
  it('come out as they went in, however the stream is cut', () => {
    const frame = fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.uint8Array({ minLength: 120, maxLength: 140 }), fc.nat(70_000).map(n => new Uint8Array(n + 1).fill(n)))
    fc.assert(fc.property(fc.array(frame, { maxLength: 6 }), fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 5 }), (frames, cuts) => {
      const got = read(joinFrames(frames), cuts)
      expect(got.length).toBe(frames.length)
      // Not toEqual, which takes seconds for arrays of this size.
      expect(got.every((f, i) => Buffer.compare(f, frames[i]) === 0)).toBe(true)
    }))
  })

  it('are cut byte by byte, too', () => {
    const frames = [new Uint8Array(1), new Uint8Array(127).fill(1), new Uint8Array(128).fill(2), new Uint8Array(20_000).fill(3)]
    expect(read(joinFrames(frames), [1])).toEqual(frames)
  })

  it('are no Buffers, whose slice would not copy', () => {
    const source = Buffer.from(joinFrames([new Uint8Array([5, 6, 7])]))
    const [frame] = [...new FrameDecoder(100).decode(source)]
    expect(Buffer.isBuffer(frame)).toBe(false)
    const copy = frame.slice()
    source.fill(0)
    expect([...copy]).toEqual([5, 6, 7])
  })

  it('over the limit are refused at their length, before their bytes come', () => {
    const decoder = new FrameDecoder(1_000)
    expect(() => [...decoder.decode(new Uint8Array([0xe9, 0x07]))]).toThrow(/longer than the limit of 1000 bytes/)
    expect([...new FrameDecoder(1_000).decode(new Uint8Array([0xe8, 0x07]))]).toEqual([])
  })

  it('a length that no frame has, or that is spelt longer than it need be, is refused', () => {
    for (const bad of [[0xff, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0xff, 0xff, 0x01], [0x80, 0x00], [0x81, 0x80, 0x00]]) {
      expect(() => [...new FrameDecoder(1 << 28).decode(new Uint8Array(bad))]).toThrow(MalformedFrameError)
    }
  })

  it('garbage is cut or refused, and never kept beyond the bound', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), chunks => {
      const decoder = new FrameDecoder(200)
      try {
        for (const c of chunks) for (const f of decoder.decode(c)) expect(f.byteLength).toBeLessThanOrEqual(200)
      } catch (err) {
        if (!(err instanceof MalformedFrameError)) throw err
      }
    }))
  })

  it('their lengths take as many bytes as said', () => {
    for (const [length, bytes] of [[0, 1], [127, 1], [128, 2], [16_383, 2], [16_384, 3], [2_097_151, 3], [2_097_152, 4]]) {
      expect(encodedLengthBytes(length)).toBe(bytes)
      expect(joinFrames([new Uint8Array(length)]).byteLength).toBe(length + bytes)
    }
  })
})
