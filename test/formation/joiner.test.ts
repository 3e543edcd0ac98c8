import { beforeEach, describe, expect, it } from 'vitest'
import { NotLeaderError, UnavailableError } from '../../src/errors.js'
import { Joiner } from '../../src/formation/joiner.js'
import { ManualClock, quiet } from './clock.js'
import { statusOf } from './group.js'
import { generator } from './world.js'
import type { MembersReport } from '../../src/formation/joiner.js'
import type { GroupShape } from './group.js'

const CLUSTER = new Uint8Array(32).fill(1)
const NOBODY: GroupShape = { voters: [], leader: undefined, role: 'follower' }

let clock: ManualClock
let shape: GroupShape
let peers: string[]
let asked: string[]
let answer: (peer: string) => Promise<{ leader?: string }>
let members: (peer: string) => Promise<MembersReport>
let told: string[]
let signed: number
let signedAt: number
let trusted: (peer: string) => boolean

beforeEach(() => {
  clock = new ManualClock()
  shape = NOBODY
  peers = ['A', 'B']
  asked = []
  told = []
  signed = 0
  trusted = () => true
  answer = async () => ({})
  members = async () => ({ clusterId: CLUSTER, members: [], configurationIndex: 0, pending: false, term: 2 })
})

function start (role: 'voter' | 'learner' = 'voter'): { joiner: Joiner, abort: AbortController, result: Promise<string> } {
  const joiner = new Joiner({
    clock,
    random: generator(5),
    clusterId: CLUSTER,
    group: { self: 'X.1', status: () => statusOf(shape) },
    role,
    peers: () => peers,
    sign: async at => ({ body: Uint8Array.of(signedAt = at, ++signed), publicKey: new Uint8Array(0), signature: new Uint8Array(0) }),
    request: async peer => {
      asked.push(peer)
      return await answer(peer)
    },
    members: async peer => await members(peer),
    trusts: async peer => trusted(peer),
    onProgress: detail => { told.push(detail) }
  })
  const abort = new AbortController()
  return { joiner, abort, result: joiner.run({ signal: abort.signal }).catch((error: Error) => error.message) }
}

describe('Joiner', () => {
  it('asks, becomes a learner, says now and then that it wants a vote, and rests as a voter', async () => {
    members = async () => ({ clusterId: CLUSTER, members: [], configurationIndex: 7, pending: false, term: 2 })
    const { joiner, abort, result } = start()
    await quiet()
    expect(asked).toEqual(['A'])
    expect(signedAt).toBe(7) // as the one who is asked tells it
    shape = { voters: ['A.1', 'B.1'], learners: ['X.1'] }
    joiner.changed()
    await quiet()
    const before = asked.length
    await clock.advance(60_000)
    expect(asked.length).toBeGreaterThan(before + 1)
    expect(asked.length).toBeLessThan(before + 5)
    shape = { voters: ['A.1', 'B.1', 'X.1'] }
    joiner.changed()
    await quiet()
    const asVoter = asked.length
    await clock.advance(600_000)
    expect(asked).toHaveLength(asVoter)
    abort.abort(new Error('closing'))
    expect(await result).toBe('closing')
    expect(clock.pending).toBe(0)
  })

  it('never asks for more than to listen, as a learner by choice', async () => {
    const { abort, result } = start('learner')
    shape = { voters: ['A.1', 'B.1'], learners: ['X.1'] }
    await clock.advance(600_000)
    expect(asked).toEqual(['A'])
    abort.abort(new Error('closing'))
    await result
  })

  it('never gives up: it tries all peers, follows the leader\'s name, and slows down', async () => {
    answer = async peer => {
      if (peer === 'C') return { leader: 'C' }
      throw peer === 'A' ? new UnavailableError('out of reach') : new NotLeaderError('not me', clock.now() > 300_000 ? 'C' : undefined)
    }
    const { abort, result } = start()
    await clock.advance(300_000)
    expect(new Set(asked)).toEqual(new Set(['A', 'B']))
    expect(asked.length).toBeGreaterThan(60)
    expect(asked.length).toBeLessThan(120)
    await clock.advance(20_000)
    expect(asked.at(-1)).toBe('C')
    expect(told[0]).toBe('not taken in yet (B: not me): asking again')
    expect(signed).toBe(asked.length) // a fresh signature for each
    abort.abort(new Error('closing'))
    await result
  })

  it('knows that it was removed, even if it was added and removed while it was still asking', async () => {
    let answered = (): void => {}
    answer = async () => await new Promise(resolve => { answered = () => { resolve({}) } })
    const { joiner, result } = start()
    await quiet()
    shape = { voters: ['A.1', 'B.1'], learners: ['X.1'] }
    joiner.changed()
    shape = { voters: ['A.1', 'B.1'] }
    joiner.changed()
    answered()
    expect(await result).toBe('removed')
    expect(asked).toEqual(['A'])
  })

  it('does not ask back in when it was taken in and removed while it was asking', async () => {
    const report: MembersReport = { clusterId: CLUSTER, configurationIndex: 9, pending: false, term: 2, leader: 'A', members: [{ peer: 'A', incarnation: '1' }] }
    members = async () => {
      // The leader's entries arrive before its answer, with this node in; and it is out again by then.
      await Promise.resolve() // It is asked before there is a joiner to tell.
      if (shape !== NOBODY) return report
      shape = { voters: ['A.1'], learners: ['X.1'], leader: 'A.1', role: 'follower', configurationIndex: 8 }
      joiner.changed()
      return report
    }
    const { joiner, result } = start('learner')
    await clock.advance(10_000)
    expect(asked).toEqual([])
    expect(await result).toBe('removed')
  })

  it('sees in its own log that it was removed', async () => {
    shape = { voters: ['A.1', 'B.1', 'X.1'] }
    const { joiner, result } = start()
    await quiet()
    shape = { voters: ['A.1', 'B.1'], pending: true }
    joiner.changed()
    await quiet()
    expect(told).toEqual([])
    shape = { voters: ['A.1', 'B.1'] }
    joiner.changed()
    expect(await result).toBe('removed')
    expect(clock.pending).toBe(0)
  })

  it('does not ask to be let in again while its removal is not committed', async () => {
    shape = { voters: ['A.1', 'B.1'], learners: ['X.1'], leader: 'A.1' }
    const { joiner, abort, result } = start('learner')
    await quiet()
    shape = { voters: ['A.1', 'B.1'], leader: 'A.1', pending: true }
    joiner.changed()
    await clock.advance(5_000)
    expect(asked).toEqual([])
    // Rolled back with the leader that proposed it.
    shape = { voters: ['A.1', 'B.1'], learners: ['X.1'], leader: 'B.1' }
    await clock.advance(5_000)
    expect(asked).toEqual([])
    abort.abort(new Error('still a member'))
    expect(await result).toBe('still a member')
  })

  it('believes the leader that the removal in its own log is in force, when it never hears so itself', async () => {
    shape = { voters: ['A.1', 'B.1', 'X.1'], leader: 'A.1', configurationIndex: 4 }
    members = async () => ({ clusterId: CLUSTER, configurationIndex: 9, pending: false, term: 2, leader: 'B', members: [{ peer: 'A', incarnation: '1' }, { peer: 'B', incarnation: '1' }] })
    const { joiner, result } = start()
    await quiet()
    shape = { voters: ['A.1', 'B.1'], leader: undefined, role: 'follower', pending: true, configurationIndex: 9 }
    joiner.changed()
    await clock.advance(10_000)
    expect(await result).toBe('removed')
  })

  describe('without a leader', () => {
    const removed: MembersReport = { clusterId: CLUSTER, configurationIndex: 9, pending: false, term: 2, leader: 'A', members: [{ peer: 'A', incarnation: '1' }, { peer: 'B', incarnation: '1' }] }

    beforeEach(() => { shape = { voters: ['A.1', 'B.1', 'X.1'], leader: undefined, role: 'follower', configurationIndex: 4 } })

    it('believes the leader that it was removed, after a while', async () => {
      members = async () => removed
      const { result } = start()
      await clock.advance(2_000)
      expect(told).toEqual([])
      await clock.advance(2_000)
      expect(await result).toBe('removed')
    })

    it.each<[string, Partial<MembersReport>]>([
      ['who does not lead', { leader: undefined }],
      ['who knows of no later configuration', { configurationIndex: 4 }],
      ['of another group', { clusterId: new Uint8Array(32).fill(2) }],
      ['who has it among the members', { members: [{ peer: 'X', incarnation: '1' }] }],
      ['whose configuration may yet be rolled back', { pending: true }],
      ['who names no members', { members: [] }],
      ['who leads a term that is over by what is in the log here', { term: 1 }]
    ])('does not believe one %s', async (_who, wrong) => {
      peers = ['A']
      members = async () => ({ ...removed, ...wrong })
      const { abort, result } = start()
      await clock.advance(60_000)
      abort.abort(new Error('still a member'))
      expect(await result).toBe('still a member')
    })

    it('goes on to its own group where the leader of another one under the same name answers first', async () => {
      peers = ['other', 'A']
      let away = true
      const foreign: MembersReport = { clusterId: new Uint8Array(32).fill(2), configurationIndex: 1, pending: false, term: 5, leader: 'other', members: [{ peer: 'other', incarnation: '1' }] }
      members = async peer => {
        if (peer === 'other') return foreign
        if (away) throw new Error('out of reach')
        return removed
      }
      const { result } = start()
      await clock.advance(20_000)
      away = false
      await clock.advance(20_000)
      expect(await result).toBe('removed')
    })

    it('does not believe a peer that nobody known here vouches for', async () => {
      trusted = () => false
      members = async () => removed
      const { abort, result } = start()
      await clock.advance(60_000)
      trusted = () => true
      await clock.advance(10_000)
      expect(await result).toBe('removed')
      abort.abort()
    })

    it('believes it even where a configuration of the same index or a later one is in its log, which nobody else has', async () => {
      shape = { voters: ['B.1', 'X.1'], leader: undefined, role: 'follower', pending: true, configurationIndex: 12, committedConfigurationIndex: 4 }
      members = async () => removed
      const { result } = start()
      await clock.advance(4_000)
      expect(await result).toBe('removed')
    })
  })

  describe('with a leader, as far as it knows', () => {
    const removed: MembersReport = { clusterId: CLUSTER, configurationIndex: 9, pending: false, term: 2, leader: 'A', members: [{ peer: 'A', incarnation: '1' }, { peer: 'B', incarnation: '1' }] }
    let reports: string[]

    beforeEach(() => {
      reports = []
      members = async peer => {
        reports.push(peer)
        return { ...removed, leader: 'A' }
      }
    })

    it('asks it now and then, and notices a removal that nobody told a learner or a member of a quiet group', async () => {
      shape = { voters: ['A.1', 'B.1', 'X.1'], leader: 'A.1', role: 'follower', configurationIndex: 9 }
      const { result } = start()
      await clock.advance(50_000)
      expect(reports).toEqual([])
      await clock.advance(300_000)
      expect(reports.length).toBeGreaterThan(3)
      expect(reports.length).toBeLessThan(8)
      expect(new Set(reports)).toEqual(new Set(['A']))
      shape = { ...shape, configurationIndex: 4 }
      await clock.advance(70_000)
      expect(await result).toBe('removed')
    })

    it('asks it at once on suspicion, and does not ask back in once it is out', async () => {
      shape = { voters: ['A.1', 'B.1'], learners: ['X.1'], leader: 'A.1', role: 'follower', configurationIndex: 4 }
      const { joiner, result } = start()
      await quiet()
      const before = asked.length
      reports.length = 0
      joiner.suspect()
      expect(await result).toBe('removed')
      expect(reports).toEqual(['A'])
      expect(asked).toHaveLength(before)
    })

    it('asks it with its removal in its log, too: the leader may have let go of it before it said that this is committed', async () => {
      shape = { voters: ['A.1', 'B.1'], learners: ['X.1'], leader: 'A.1', role: 'follower', configurationIndex: 4 }
      const { joiner, result } = start('learner')
      await quiet()
      // In a group that sleeps, its leader stays its leader.
      shape = { voters: ['A.1', 'B.1'], leader: 'A.1', role: 'follower', pending: true, configurationIndex: 9 }
      joiner.changed()
      await clock.advance(5_000)
      expect(reports).toEqual([])
      joiner.suspect()
      expect(await result).toBe('removed')
      expect(reports).toEqual(['A'])
      expect(asked).toEqual([])
    })

    it('goes on asking on suspicion until a leader has answered', async () => {
      shape = { voters: ['A.1', 'B.1'], learners: ['X.1'], leader: 'A.1', role: 'follower', configurationIndex: 4 }
      const answer = members
      members = async peer => {
        reports.push(peer)
        throw new Error('its connection was closing')
      }
      const { joiner, result } = start()
      await quiet()
      joiner.suspect()
      await clock.advance(5_000)
      expect(reports.length).toBeGreaterThan(1)
      members = answer
      await clock.advance(10_000)
      expect(await result).toBe('removed')
    })

    it('goes on asking on suspicion while a change is under way', async () => {
      shape = { voters: ['A.1', 'B.1'], learners: ['X.1'], leader: 'A.1', role: 'follower', configurationIndex: 4 }
      let pending = true
      members = async () => ({ ...removed, pending })
      const { joiner, result } = start()
      await quiet()
      joiner.suspect()
      await clock.advance(5_000)
      pending = false
      await clock.advance(10_000)
      expect(await result).toBe('removed')
    })

    it('is reassured by a leader that counts it among the members', async () => {
      shape = { voters: ['A.1', 'B.1'], learners: ['X.1'], leader: 'A.1', role: 'follower', configurationIndex: 4 }
      members = async peer => {
        reports.push(peer)
        return { ...removed, members: [...removed.members, { peer: 'X', incarnation: '1' }] }
      }
      const { joiner, abort, result } = start('learner')
      await quiet()
      joiner.suspect()
      await clock.advance(30_000)
      expect(reports).toEqual(['A'])
      abort.abort(new Error('still a member'))
      expect(await result).toBe('still a member')
    })
  })
})
