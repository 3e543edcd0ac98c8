import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { describe, expect, it, vi } from 'vitest'
import { BusyError, ClosedError, InvalidArgumentError, NoLeaderError, NotLeaderError, TooLargeError, UnavailableError, UnknownNamespaceError, UnknownOutcomeError } from '../../src/errors.js'
import { Client } from '../../src/service/client.js'
import { resolveClientOptions } from '../../src/service/options.js'
import { RequestLostError } from '../../src/wire/index.js'
import { ManualClock } from './support/manual-clock.js'
import type { ClientRouting } from '../../src/service/client-routing.js'
import type { RequestBody, Response } from '../../src/wire/index.js'
import type { PeerId } from '@libp2p/interface'

const makePeer = async (): Promise<PeerId> => peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
const [a, b] = await Promise.all([makePeer(), makePeer()])
const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
const written = (revision: number): Response => ({ id: 1, proposed: { index: revision, result: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, revision) } })
const got = (value: string): Response => ({ id: 1, got: { found: true, value: utf8(value), facts: { createRevision: 1, modRevision: 2, version: 1, lease: 0 } } })

type Answer = Response | Error | 'silence'
interface Setup { clock: ManualClock, client: Client, asked: Array<{ peer: PeerId, body: RequestBody, timeoutMs: number }>, routing: ClientRouting, search: ReturnType<typeof vi.fn> }

/** A client whose peers answer as told: each peer's answers in order, the last one again and again. */
function setup (answers: Map<PeerId, Answer[]>, options = {}): Setup {
  const clock = new ManualClock()
  const asked: Setup['asked'] = []
  let routing: ClientRouting | undefined
  const search = vi.fn(async () => {})
  const client = new Client({
    namespace: '/raft/t',
    options: resolveClientOptions(options),
    clock,
    random: () => 0.5,
    newId: () => '0123456789abcdef',
    log: () => {},
    finder: r => {
      routing = r
      for (const peer of answers.keys()) r.add(peer)
      return { search, reach: async () => true, close: () => {} }
    },
    signJoin: async () => { throw new Error('not here') },
    port: {
      request: async (peer, body, { timeoutMs, signal }) => {
        asked.push({ peer, body, timeoutMs })
        const list = [...answers].find(([p]) => p.equals(peer))?.[1] ?? [new UnavailableError('cannot be dialled')]
        const answer = list.length > 1 ? list.shift() : list[0]
        if (answer instanceof Error) throw answer
        if (answer !== undefined && answer !== 'silence') return answer
        return await new Promise<Response>((_resolve, reject) => {
          const lost = (cause: unknown) => (): void => { reject(new RequestLostError('no answer', true, { cause })) }
          clock.setTimer(timeoutMs, lost('time'))
          signal?.addEventListener('abort', lost(signal.reason))
        })
      }
    }
  })
  return { clock, client, asked, routing: routing as unknown as ClientRouting, search }
}

/** Runs simulated time until the promise settles. */
async function run<T> (clock: ManualClock, promise: Promise<T>): Promise<T> {
  let done = false
  const end = (): void => { done = true }
  promise.then(end, end)
  for (let i = 0; i < 2_000 && !done; i++) await clock.advance(20)
  if (!done) throw new Error('nothing after 40 s')
  return await promise
}

describe('Client', () => {
  it('sets and gets', async () => {
    const { clock, client, asked } = setup(new Map([[a, [written(7), got('v')]]]))
    expect(await run(clock, client.set('k', 'v'))).toEqual({ revision: 7 })
    expect(await run(clock, client.get('k'))).toEqual(utf8('v'))
    expect(asked.map(({ body }) => ({ namespace: body.namespace, forwarded: body.forwarded }))).toEqual([{ namespace: '/raft/t', forwarded: false }, { namespace: '/raft/t', forwarded: false }])
    expect(asked[0]?.body.timeoutMs).toBeLessThan(10_000)
  })

  it('goes to the leader that an answer names', async () => {
    const { clock, client, asked } = setup(new Map([[a, [{ ...written(1), leader: b.toString() }]], [b, [written(2)]]]))
    await run(clock, client.set('k', 'v'))
    expect(await run(clock, client.set('k', 'v'))).toEqual({ revision: 2 })
    expect(asked.map(({ peer }) => peer.toString())).toEqual([a.toString(), b.toString()])
  })

  it('follows NotLeaderError without a pause', async () => {
    const { clock, client } = setup(new Map([[a, [new NotLeaderError('no', b.toString())]], [b, [written(2)]]]))
    const before = clock.now()
    const result = client.set('k', 'v')
    await clock.advance(0)
    expect(await result).toEqual({ revision: 2 })
    expect(clock.now()).toBe(before)
  })

  it.each([
    ['Busy', new BusyError('later')], ['no leader yet', new NoLeaderError('none')], ['a closing peer', new ClosedError('closing')],
    ['a request that never left', new RequestLostError('dead stream', false)], ['a peer that does not host it', new UnknownNamespaceError('not here')],
    ['a peer that cannot be dialled', new UnavailableError('no route')]
  ])('tries a write again after %s: it was refused', async (_what, error) => {
    const { clock, client, asked } = setup(new Map([[a, [error, written(3)]]]))
    expect(await run(clock, client.set('k', 'v'))).toEqual({ revision: 3 })
    expect(asked).toHaveLength(2)
  })

  it('never tries a write again whose answer was lost', async () => {
    const { clock, client, asked } = setup(new Map([[a, [new RequestLostError('dead stream', true), written(3)]], [b, [written(4)]]]))
    const error = await run(clock, client.set('k', 'v').catch((e: unknown) => e))
    expect(error).toBeInstanceOf(UnknownOutcomeError)
    expect(error).toMatchObject({ outcome: 'unknown' })
    expect(asked).toHaveLength(1)
  })

  it('never tries a write again that the peer calls unknown', async () => {
    const { clock, client, asked } = setup(new Map([[a, [new UnknownOutcomeError('leader fell'), written(3)]]]))
    await expect(run(clock, client.delete('k'))).rejects.toThrow(UnknownOutcomeError)
    expect(asked).toHaveLength(1)
  })

  it('tries a read again elsewhere after a lost answer, at once', async () => {
    const { clock, client, asked } = setup(new Map([[a, [new RequestLostError('dead stream', true)]], [b, [got('v')]]]))
    expect(await run(clock, client.get('k'))).toEqual(utf8('v'))
    expect(asked.map(({ peer }) => peer)).toEqual([a, b])
  })

  it('gives a hanging read another try elsewhere within its time, and a hanging write all of it', async () => {
    const { clock, client, asked } = setup(new Map([[a, ['silence' as const]], [b, [got('v')]]]), { timeouts: { request: 3_000, attempt: 500 } })
    expect(await run(clock, client.get('k'))).toEqual(utf8('v'))
    expect(asked[0]?.timeoutMs).toBe(500)
    const second = setup(new Map([[a, ['silence' as const]]]), { timeouts: { request: 3_000, attempt: 500 } })
    await expect(run(second.clock, second.client.set('k', 'v'))).rejects.toThrow(UnknownOutcomeError)
    expect(second.asked[0]?.timeoutMs).toBe(3_000)
  })

  it('keeps a lease alive elsewhere when a member hangs, though each try gets a part of its ttl only', async () => {
    const kept: Response = { id: 1, leaseList: { leases: [{ id: 7, ttlMs: 900 }], more: false } }
    const { clock, client, asked } = setup(new Map([[a, [written(7), 'silence' as const, 'silence' as const, 'silence' as const]], [b, [kept, kept, kept, kept]]]), { timeouts: { request: 30_000, attempt: 10_000 } })
    const lease = await run(clock, client.lease({ ttl: 900 }))
    await clock.advance(2_000)
    expect(asked.map(({ peer }) => peer).slice(0, 3)).toEqual([a, a, b])
    expect(lease.signal.aborted).toBe(false)
    await client.close()
  })

  it('does not try again what can never work', async () => {
    const { clock, client, asked } = setup(new Map([[a, [new TooLargeError('too large'), written(3)]]]))
    await expect(run(clock, client.set('k', 'v'))).rejects.toThrow(TooLargeError)
    expect(asked).toHaveLength(1)
  })

  it('gives up in time, and says that nothing was written', async () => {
    const { clock, client } = setup(new Map([[a, [new NoLeaderError('none')]]]), { timeouts: { request: 1_000 } })
    const before = clock.now()
    const error = await run(clock, client.set('k', 'v').catch((e: unknown) => e))
    expect(error).toBeInstanceOf(NoLeaderError)
    expect(error).toMatchObject({ outcome: 'refused', message: expect.stringMatching(/nothing was written/) as string })
    expect(clock.now() - before).toBeLessThan(1_200)
  })

  it('looks for peers while it knows none, and waits for them', async () => {
    const { clock, client, routing, search } = setup(new Map())
    const result = client.get('k')
    await clock.advance(100)
    expect(search).toHaveBeenCalledTimes(1)
    routing.add(a)
    await expect(run(clock, result)).rejects.toThrow(UnavailableError) // there is nobody at a
    const nobody = setup(new Map(), { timeouts: { request: 2_000 } })
    await expect(run(nobody.clock, nobody.client.get('k'))).rejects.toThrow(/No reachable peer serves/)
    expect(nobody.search.mock.calls.length).toBeGreaterThan(2)
  })

  it('gives the caller its own reason when it gives up a read, and an unknown outcome for a write that is under way', async () => {
    const { client, clock } = setup(new Map([[a, ['silence' as const]]]))
    const reader = new AbortController()
    const read = client.get('k', { signal: reader.signal })
    await clock.advance(10)
    reader.abort(new Error('bored'))
    await expect(read).rejects.toThrow('bored')
    const writer = new AbortController()
    const write = client.set('k', 'v', { signal: writer.signal })
    await clock.advance(500)
    writer.abort(new Error('bored'))
    await expect(write).rejects.toThrow(UnknownOutcomeError)
    await expect(client.set('k', 'v', { signal: AbortSignal.abort(new Error('never began')) })).rejects.toThrow('never began')
  })

  it('refuses bad arguments before it asks anybody', async () => {
    const { client, asked } = setup(new Map([[a, [written(1)]]]))
    await expect(client.set('', 'v')).rejects.toThrow(InvalidArgumentError)
    await expect(client.get('k', { consistency: 'perhaps' as never })).rejects.toThrow(InvalidArgumentError)
    await expect(client.apply('x' as never)).rejects.toThrow(InvalidArgumentError)
    await expect(client.batch([])).rejects.toThrow(InvalidArgumentError)
    expect(asked).toHaveLength(0)
  })

  it('treats an answer that is none as an unknown outcome of a write, and asks on for a read', async () => {
    const { clock, client } = setup(new Map([[a, [{ id: 1 }, { id: 1 }, got('v')]]]))
    await expect(run(clock, client.set('k', 'v'))).rejects.toThrow(UnknownOutcomeError)
    expect(await run(clock, client.get('k'))).toEqual(utf8('v'))
  })

  const changes = { type: 'changes', span: { from: Uint8Array.of() }, position: { revision: 5, skip: 0 }, waitMs: 60_000, maxBytes: 1_000 } as const
  const listen = { type: 'listen', topic: 't', position: { epoch: 1, position: 1 }, waitMs: 60_000 } as const
  const nothing: Response = { id: 1, changeList: { changes: [], next: 6, nextSkip: 0 }, leader: a.toString() }
  const silent: Response = { id: 1, heard: { sayings: [], epoch: 1, position: 1, missed: false } }

  it('spreads watches over those that serve, and sends the rest to the leader', async () => {
    const { clock, client, asked, routing } = setup(new Map([[a, [nothing, nothing, got('v')]], [b, [nothing]]]))
    routing.hosts(b)
    routing.leads(a)
    for (let i = 0; i < 4; i++) await run(clock, client.ask(changes))
    expect(await run(clock, client.get('k'))).toEqual(utf8('v'))
    expect(asked.map(({ peer }) => peer.equals(a) ? 'a' : 'b').slice(0, 4).sort()).toEqual(['a', 'a', 'b', 'b'])
    expect(asked[4]?.peer).toEqual(a)
  })

  it.each([
    ['a watch', changes, nothing], ['one who listens', listen, silent]
  ])('sends %s elsewhere when a member has no more room for those who wait, and comes back', async (_what, query, answer) => {
    const { clock, client, asked, routing } = setup(new Map([[a, [new BusyError('full'), answer]], [b, [answer]]]))
    routing.leads(a)
    await run<unknown>(clock, client.ask(query))
    expect(asked.map(({ peer }) => peer)).toEqual([a, b])
    expect(routing.leader).toEqual(a)
    await clock.advance(1_000)
    for (let i = 0; i < 2; i++) await run<unknown>(clock, client.ask(query))
    expect(asked.slice(2).map(({ peer }) => peer)).toContainEqual(a)
  })

  it('waits for no answer to a poll much longer than 10 s, however patient it is', async () => {
    const { clock, client, asked } = setup(new Map([[a, ['silence' as const]], [b, [nothing]]]), { timeouts: { request: 600_000, attempt: 60_000 } })
    const answered = client.ask(changes)
    await clock.advance(70_100)
    await answered
    expect(asked.map(({ timeoutMs, body }) => [timeoutMs, body.changes?.waitMs])).toEqual([[70_000, 10_000], [70_000, 10_000]])
  })

  it('refuses work once it is closed, and ends what waits', async () => {
    const { clock, client } = setup(new Map())
    const waiting = client.get('k')
    const watching = (await client.watch({ revision: 1 })).next()
    const over = expect(watching).rejects.toThrow(ClosedError)
    await clock.advance(10)
    await client.close()
    await expect(run(clock, waiting)).rejects.toThrow(ClosedError)
    await over
    await expect(client.get('k')).rejects.toThrow(ClosedError)
    await client.close()
  })
})
