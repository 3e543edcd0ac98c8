import { describe, expect, it } from 'vitest'
import { BusyError } from '../../src/errors.js'
import { FramedStream } from '../../src/wire/framed-stream.js'
import { joinFrames } from '../../src/wire/frames.js'
import { PartialFrames } from '../../src/wire/partial-frames.js'
import { FakeStream } from '../fuzz/fake-stream.js'

const frame = (bytes: number): Uint8Array => joinFrames([new Uint8Array(bytes)])

async function open (partial: PartialFrames): Promise<{ on: FakeStream, frames: Uint8Array[] }> {
  const on = new FakeStream()
  const frames: Uint8Array[] = []
  void new FramedStream(on.asStream, { partial, onFrame: bytes => { frames.push(bytes) } })
  await Promise.resolve()
  return { on, frames }
}

describe('frames that are not complete', () => {
  it('are counted while they are not, and no longer than their stream', async () => {
    const partial = new PartialFrames(1_000)
    const { on, frames } = await open(partial)
    const bytes = frame(100)
    on.deliver(bytes.subarray(0, 60))
    expect(partial.bytes).toBe(60)
    on.deliver(bytes.subarray(60))
    expect(partial.bytes).toBe(0)
    expect(frames).toHaveLength(1)
    on.deliver(joinFrames([new Uint8Array(5), new Uint8Array(50)]).subarray(0, 40))
    expect(partial.bytes).toBe(34)
    on.abort(new Error('gone'))
    expect(partial.bytes).toBe(0)
    expect(partial.evicted).toBe(0)
  })

  it('end the stream whose frame has been incomplete for longest, when all hold too much', async () => {
    const partial = new PartialFrames(1_000)
    const [slow, busy, late] = [await open(partial), await open(partial), await open(partial)]
    const bytes = frame(600)
    busy.on.deliver(bytes.subarray(0, 100))
    slow.on.deliver(bytes.subarray(0, 300))
    // Completes a frame and begins another: it is younger than the slow one's from here.
    busy.on.deliver(bytes.subarray(100))
    busy.on.deliver(bytes.subarray(0, 400))
    slow.on.deliver(bytes.subarray(300, 310))
    expect(partial.bytes).toBe(710)
    late.on.deliver(bytes.subarray(0, 500))
    expect(slow.on.abortedWith).toBeInstanceOf(BusyError)
    expect(partial.bytes).toBe(900)
    expect([busy.on.ended, late.on.ended]).toEqual([false, false])
    expect(partial.evicted).toBe(1)
    busy.on.deliver(bytes.subarray(400))
    late.on.deliver(bytes.subarray(500))
    expect([busy.frames.length, late.frames.length, partial.bytes]).toEqual([2, 1, 0])
  })

  it('end the stream itself that holds more than all may', async () => {
    const partial = new PartialFrames(50)
    const { on } = await open(partial)
    on.deliver(frame(100).subarray(0, 60))
    expect(on.abortedWith).toBeInstanceOf(BusyError)
    expect(partial.bytes).toBe(0)
  })
})
