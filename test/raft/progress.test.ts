import { describe, expect, it } from 'vitest'
import { makeConfiguration } from '../../src/raft/configuration.js'
import { Inflights, Progress } from '../../src/raft/progress.js'
import { Tracker } from '../../src/raft/tracker.js'
import { options } from './support.js'

const progress = (next = 10): Progress => new Progress('b', next, 0, new Inflights(3, 1_000))

describe('appends in flight', () => {
  it('are bounded by count and by bytes', () => {
    const flights = new Inflights(2, 100)
    flights.add(1, 10)
    expect(flights.full).toBe(false)
    flights.add(2, 10)
    expect(flights.full).toBe(true)
    flights.freeTo(1)
    expect([flights.full, flights.count, flights.bytes]).toEqual([false, 1, 10])
    flights.add(3, 90)
    expect(flights.full).toBe(true)
  })

  it('leak nothing over a long life', () => {
    const flights = new Inflights(200, 1_000_000)
    for (let i = 1; i <= 10_000; i++) {
      flights.add(i, i % 7)
      if (i > 150) flights.freeTo(i - 150)
    }
    expect(flights.count).toBe(150)
    flights.freeTo(10_000)
    expect([flights.count, flights.bytes, flights.full]).toEqual([0, 0, false])
  })

  it('are freed by an acknowledgement of any later one, and by none of an earlier', () => {
    const flights = new Inflights(5, 100)
    for (const i of [2, 4, 6]) flights.add(i, 1)
    flights.freeTo(1)
    expect(flights.count).toBe(3)
    flights.freeTo(5)
    expect(flights.count).toBe(1)
    flights.reset()
    expect([flights.count, flights.bytes]).toEqual([0, 0])
  })
})

describe('progress of a follower', () => {
  it('only goes forward by acknowledgements', () => {
    const p = progress()
    expect(p.acked(7)).toBe(true)
    expect([p.match, p.next]).toEqual([7, 10])
    expect(p.acked(5)).toBe(false)
    expect(p.acked(12)).toBe(true)
    expect([p.match, p.next]).toEqual([12, 13])
  })

  it('is probed further back on a refusal, as far as the hint says', () => {
    const p = progress(10)
    p.probeSent = true
    expect(p.refused(9, 4)).toBe(true)
    expect([p.next, p.probeSent]).toEqual([5, false])
    expect(p.refused(4, 99)).toBe(true)
    expect(p.next).toBe(4)
  })

  it('is not rewound by a stale refusal', () => {
    const p = progress(10)
    p.acked(6)
    expect(p.refused(6, 1)).toBe(false)
    expect(p.refused(5, 1)).toBe(false)
    expect(p.refused(8, 1)).toBe(false)
    expect([p.match, p.next]).toEqual([6, 10])
    p.becomeSnapshot()
    expect(p.refused(9, 1)).toBe(false)
  })

  it('is never probed before what it is known to match', () => {
    const p = progress(10)
    p.acked(6)
    p.becomeReplicate()
    p.next = 20
    expect(p.refused(19, 2)).toBe(true)
    expect([p.state, p.next]).toEqual(['probe', 7])
    p.becomeReplicate()
    p.next = 20
    // It has more than it has acknowledged.
    expect(p.refused(19, 11)).toBe(true)
    expect([p.state, p.next]).toEqual(['probe', 12])
  })

  it('forgets what was in flight when it changes state', () => {
    const p = progress(1)
    p.becomeReplicate()
    p.inflights.add(5, 100)
    p.fetching = 6
    p.becomeProbe()
    expect([p.inflights.count, p.inflights.bytes, p.fetching]).toEqual([0, 0, 0])
  })

  it('is retried once for each heartbeat tick without news, not for each answer', () => {
    const p = progress(10)
    p.probeSent = true
    expect(p.takeRetry()).toBe(false)
    p.heartbeatTick()
    expect([p.takeRetry(), p.takeRetry()]).toEqual([true, false])
    p.acked(4)
    p.becomeReplicate()
    p.next = 8
    p.heartbeatTick()
    expect(p.takeRetry()).toBe(false)
    p.heartbeatTick()
    expect(p.takeRetry()).toBe(true)
    p.heartbeatTick()
    p.acked(5)
    p.heartbeatTick()
    expect(p.takeRetry()).toBe(false)
    p.acked(7)
    p.heartbeatTick()
    p.heartbeatTick()
    expect(p.takeRetry()).toBe(false)
  })

  it('knows a commit index once it answered a heartbeat that told it', () => {
    const p = progress()
    p.tell(5, 3)
    p.tell(5, 4)
    p.answered(2)
    expect(p.knownCommit).toBe(0)
    p.answered(3)
    expect([p.knownCommit, p.ackedRound]).toEqual([5, 3])
    p.tell(9, 7)
    p.answered(6)
    expect([p.knownCommit, p.ackedRound]).toEqual([5, 6])
    p.answered(1)
    expect(p.ackedRound).toBe(6)
  })

  it('is active if heard of within an election timeout, and its connection did not close since', () => {
    const p = progress()
    expect(p.view(9, 10).recentlyActive).toBe(true)
    expect(p.view(10, 10).recentlyActive).toBe(false)
    p.unreachable = true
    expect(p.view(1, 10).recentlyActive).toBe(false)
    p.heard(2)
    expect(p.view(11, 10).recentlyActive).toBe(true)
  })
})

describe('the tracker', () => {
  const tracker = (): Tracker => {
    const t = new Tracker(options('a'))
    t.configure(makeConfiguration(['c', 'a', 'b'], ['l']), 10, 0)
    return t
  }
  const match = (t: Tracker, id: string, index: number): void => { t.get(id)?.acked(index) }

  it('keeps everyone in order of id', () => {
    expect(tracker().all.map(p => [p.id, p.next, p.learner])).toEqual([['a', 10, false], ['b', 10, false], ['c', 10, false], ['l', 10, true]])
  })

  it('counts voters, never learners', () => {
    const t = tracker()
    match(t, 'l', 9)
    match(t, 'a', 9)
    expect(t.quorum('match')).toBe(0)
    match(t, 'b', 7)
    expect(t.quorum('match')).toBe(7)
  })

  it('needs both majorities while joint', () => {
    const t = tracker()
    t.configure({ voters: ['a', 'd', 'e'], outgoing: ['a', 'b', 'c'], learners: [], learnersNext: [] }, 20, 5)
    for (const id of ['a', 'b', 'c']) match(t, id, 9)
    expect(t.quorum('match')).toBe(0)
    match(t, 'd', 8)
    expect(t.quorum('match')).toBe(8)
  })

  it('does not count who was removed, but keeps it a while to tell it so', () => {
    const t = tracker()
    const four = makeConfiguration(['a', 'b', 'c', 'd'])
    t.configure(four, 20, 0)
    for (const id of ['a', 'b', 'c']) match(t, id, 9)
    t.configure(makeConfiguration(['a', 'd']), 20, 0)
    expect(t.quorum('match')).toBe(0)
    expect(t.all.map(p => p.id)).toEqual(['a', 'b', 'c', 'd', 'l'])
    t.get('b')?.tell(20, 1)
    t.get('b')?.answered(1)
    t.dismiss(makeConfiguration(['a', 'd']), 20, 1)
    expect(t.all.map(p => p.id)).toEqual(['a', 'c', 'd', 'l'])
    t.dismiss(makeConfiguration(['a', 'd']), 20, 20)
    expect(t.all.map(p => p.id)).toEqual(['a', 'd'])
    expect(t.get('c')).toBeUndefined()
  })

  it('takes a member back with what was known of it', () => {
    const t = tracker()
    match(t, 'c', 9)
    t.configure(makeConfiguration(['a', 'b']), 20, 0)
    t.configure(makeConfiguration(['a', 'b', 'c']), 21, 1)
    t.dismiss(makeConfiguration(['a', 'b', 'c']), 21, 1_000)
    expect(t.get('c')?.match).toBe(9)
  })

  it('knows when one member is enough', () => {
    const t = new Tracker(options('a'))
    t.configure(makeConfiguration(['a'], ['l']), 1, 0)
    expect([t.isQuorumOf('a'), t.isQuorumOf('l')]).toEqual([true, false])
    t.configure({ voters: ['a'], outgoing: ['a', 'b'], learners: [], learnersNext: [] }, 1, 0)
    expect(t.isQuorumOf('a')).toBe(false)
    expect(tracker().isQuorumOf('a')).toBe(false)
  })
})
