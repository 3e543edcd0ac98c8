import { streamPair } from '@libp2p/utils'
import { peerIdFromString } from '@libp2p/peer-id'
import { expect, it } from 'vitest'
import { GroupKeys } from '../../src/wire/group-keys.js'
import { Link } from '../../src/wire/link.js'
import { linkCounters } from '../../src/wire/link-stats.js'
import { ManualClock, settle } from '../service/support/manual-clock.js'
import type { LinkHost } from '../../src/wire/link.js'
import type { Connection, Stream } from '@libp2p/interface'

const PEER = '12D3KooWQoMLsHpq7qkqAWqJDZxJVHVDFpxVNMEzUMZSZqGE2Kwk'
const timings = { livenessMs: 100, deadMs: 400, abandonMs: 2_000, dialTimeoutMs: 60_000, redialMinMs: 10, redialMaxMs: 100 }

function held (clock: ManualClock, connection: Connection): { link: Link, counters: ReturnType<typeof linkCounters> } {
  const counters = linkCounters()
  const nothing = (): void => {}
  const host: LinkHost = {
    clock, counters, timings, random: () => 0.5, maxFrameBytes: 1 << 20, maxControlQueueBytes: 1 << 20, maxLogQueueBytes: 1 << 20,
    runOnLimitedConnection: false, self: 'me', groups: new GroupKeys(), salt: () => new Uint8Array(32),
    connections: () => [connection], dial: async () => connection, schedule: lane => { lane.flush() },
    onReply: nothing, onUp: nothing, onDown: nothing, onIdle: nothing, warn: nothing
  }
  const link = new Link(PEER, peerIdFromString(PEER), host)
  link.hold(true)
  return { link, counters }
}

it('a peer is given its time from the first lane on, however long the second takes to open', async () => {
  const clock = new ManualClock()
  await clock.advance(10 * timings.abandonMs)
  const streams = [(await streamPair())[0], (await streamPair())[0]]
  const opened: Array<(stream: Stream) => void> = []
  const aborted: Error[] = []
  const connection = {
    newStream: async () => new Promise<Stream>(resolve => { opened.push(resolve) }),
    abort: (err: Error) => { aborted.push(err) }
  } as unknown as Connection
  const { link, counters } = held(clock, connection)
  const [control, log] = streams as [Stream, Stream]
  opened[0]?.(control)
  await settle()
  expect(link.control.attached).toBe(true)
  expect(link.log.attached).toBe(false)

  link.tick(0)
  expect(aborted).toEqual([])
  await clock.advance(timings.abandonMs)
  link.tick(0)
  expect(aborted).toEqual([])
  opened[1]?.(log)
  await settle()
  link.tick(0)
  expect(counters.abandoned).toBe(0)

  await clock.advance(timings.abandonMs + 1)
  link.tick(0)
  expect(aborted.map(err => err.message)).toEqual(['the peer is silent'])
  await link.close(AbortSignal.timeout(1_000))
})
