import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Mesh } from '../examples/support/mesh.js'
import { encodeCommandHello } from '../src/wire/commands.js'
import { joinFrames } from '../src/wire/frames.js'
import { encodeHello } from '../src/wire/link-frames.js'
import { CommandFrame } from '../src/wire/pb/command.js'
import { encodeFrame } from '../src/wire/writer.js'
import { pour, Stranger } from './stranger.js'
import type { NodeProcess } from '../examples/support/node.js'
import type { Stream } from '@libp2p/interface'

const NS = '/raft/flood'
const MIB = 1 << 20
const limits = { partialBytes: 16 * MIB, requestBytes: 16 * MIB, streams: 8, requests: 256, joins: 5 }
/** What a node holds beside that which is bounded: buffers of sockets, frames that are being read, the group itself. */
const ROOM = 48 * MIB

let mesh: Mesh
let target: NodeProcess
let before: number

beforeAll(async () => {
  mesh = await Mesh.create({ prefix: 'raftmesh-flood-' })
  target = await mesh.start('target', { limits })
  await mesh.start('other')
  await mesh.joinAll(NS, { preset: 'local', bootstrap: { mode: 'expect', expect: 2 } })
  await mesh.leader(NS)
  await mesh.node('other').call('set', { namespace: NS, key: 'large', value: 'x'.repeat(MIB) })
  before = await target.call('memory', null)
}, 60_000)
afterAll(async () => { await mesh?.[Symbol.asyncDispose]() })

/** Meanwhile, the group serves. */
async function expectServed (): Promise<void> {
  await mesh.node('other').call('set', { namespace: NS, key: 'served', value: 'yes' })
  expect(await target.call('get', { namespace: NS, key: 'served' })).toBe('yes')
}

async function expectHeld (most: number): Promise<void> {
  const held = await target.call('memory', null) - before
  expect(held, `${Math.round(held / MIB)} MiB more than before`).toBeLessThanOrEqual(most + ROOM)
}

const frameOf = (frame: Partial<CommandFrame>): Uint8Array => joinFrames([encodeFrame(CommandFrame.codec(), { requests: [], responses: [], cancels: [], ...frame })])
const request = { namespace: NS, forwarded: false, timeoutMs: 10_000 }

describe('a peer that does as much as it can', () => {
  it('of frames that are all there but for their last byte: they are bounded, and the slowest ends', async () => {
    await using stranger = await Stranger.create()
    const frame = joinFrames([new Uint8Array(8 * MIB - 1)]).subarray(0, 8 * MIB - 1)
    const pieces = Array.from({ length: 128 }, (_, i) => frame.subarray(i * (frame.length / 128), (i + 1) * (frame.length / 128)))
    const streams: Stream[] = []
    for (let i = 0; i < 6; i++) {
      const stream = await stranger.open(target.address, '/raft/v1')
      streams.push(stream)
      await pour(stream, pieces)
      await expectServed()
      expect((await target.call('nodeStats', null)).used.partialBytes).toBeLessThanOrEqual(limits.partialBytes)
    }
    const { used } = await target.call('nodeStats', null)
    expect(used.partialEvicted).toBeGreaterThanOrEqual(3)
    await expectHeld(limits.partialBytes)
    expect(streams.filter(stream => stream.status === 'open').length).toBeLessThan(streams.length)
  })

  it('of streams: it has as many as it may, the others are refused and counted', async () => {
    await using stranger = await Stranger.create()
    const refused = async (): Promise<number> => (await target.call('nodeStats', null)).commands.refused
    const already = await refused()
    const opened = await Promise.allSettled(Array.from({ length: 100 }, async () => await stranger.open(target.address, '/raft/v1')))
    await expectServed()
    const { used } = await target.call('nodeStats', null)
    // Those of the member, too.
    expect(used.streams).toBeLessThanOrEqual(2 * limits.streams)
    const open = (): number => opened.filter(result => result.status === 'fulfilled' && result.value.status === 'open').length
    // That it was refused, the peer hears a moment after it was let in.
    await expect.poll(open, { timeout: 20_000 }).toBeLessThanOrEqual(limits.streams)
    expect(open()).toBeGreaterThan(0)
    expect(await refused() - already).toBeGreaterThan(10)
    await expectHeld(0)
  })

  it('of requests whose answers it does not read: they are bounded, and its stream ends', async () => {
    await using stranger = await Stranger.create()
    const stream = await stranger.open(target.address, '/raft/v1')
    // Nobody listens for messages, so that nothing is read.
    const get = (id: number): Uint8Array => frameOf({ requests: [{ ...request, id, get: { key: Buffer.from('large'), consistency: 'STALE' as never } }] })
    await pour(stream, [joinFrames([encodeCommandHello()])])
    let id = 0
    const flood = function * (): Generator<Uint8Array> { while (id < 3_000) yield get(++id) }
    await pour(stream, flood())
    await expectServed()
    await expectHeld(limits.requestBytes)
  })

  it('of requests to join: as many as it may in a minute, and the rest costs nothing', async () => {
    await using stranger = await Stranger.create()
    const stream = await stranger.open(target.address, '/raft/v1')
    stream.addEventListener('message', () => {})
    const junk = { body: new Uint8Array(64), publicKey: new Uint8Array(36), signature: new Uint8Array(64) }
    await pour(stream, [joinFrames([encodeCommandHello()]), ...Array.from({ length: 50 }, (_, i) => frameOf({ requests: [{ ...request, id: i + 1, join: junk }] }))])
    await expectServed()
    await expect.poll(async () => (await target.call('nodeStats', null)).used.joinsRefused, { timeout: 20_000 }).toBe(45)
  })

  it('of snapshots that it offers: as many lanes as it may have, and no memory', async () => {
    await using stranger = await Stranger.create()
    await Promise.allSettled(Array.from({ length: 60 }, async () => {
      const stream = await stranger.open(target.address, '/raft/v1/transport')
      await pour(stream, [joinFrames([encodeHello('snapshot')])])
    }))
    await expectServed()
    await expect.poll(async () => (await target.call('nodeStats', null)).links.refusalsOut, { timeout: 20_000 }).toBeGreaterThan(20)
    await expectHeld(0)
  })
})
