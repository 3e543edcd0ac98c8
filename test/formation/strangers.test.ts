import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UnavailableError } from '../../src/errors.js'
import { Strangers } from '../../src/formation/strangers.js'
import { ManualClock, quiet } from './clock.js'
import type { MembersReport } from '../../src/formation/joiner.js'
import type { StrangersGroup } from '../../src/formation/strangers.js'

const CLUSTER = new Uint8Array(32).fill(1)
const report = (configurationIndex: number, ...members: string[]): MembersReport => ({
  clusterId: CLUSTER, configurationIndex, pending: false, term: 3, leader: members[0]?.split('.')[0],
  members: members.map(member => ({ peer: member.split('.')[0], incarnation: member.split('.')[1] }))
})

let clock: ManualClock
let voters: string[]
let others: string[]
let asked: string[]
let answers: Record<string, MembersReport>
let vouched: Map<string, number>
let strangers: Strangers

beforeEach(() => {
  clock = new ManualClock()
  voters = ['A.1', 'B.1', 'X.1']
  others = []
  asked = []
  answers = {}
  vouched = new Map()
  const group: StrangersGroup = {
    self: 'X.1',
    status: () => ({ configuration: { voters, outgoing: [], learners: [], learnersNext: [] } }),
    trustedPeers: () => new Set([...voters, ...vouched.keys()].map(member => member.split('.')[0]).filter(peer => peer !== 'X')),
    vouch: (members, index) => { for (const member of members) vouched.set(member, index) }
  }
  strangers = new Strangers({
    clock, group, clusterId: CLUSTER, others: () => others, onProgress: () => {},
    members: async peer => {
      asked.push(peer)
      if (answers[peer] === undefined) throw new UnavailableError('out of reach')
      return answers[peer]
    }
  })
})
afterEach(() => { strangers.close() })

describe('a stranger', () => {
  it('is taken for a member by the word of a member that is known here', async () => {
    answers = { B: report(7, 'A.1', 'B.1', 'D.1', 'X.1') }
    strangers.met('D.1')
    await quiet()
    expect(asked).toEqual(['A', 'B'])
    expect([...vouched]).toEqual([['A.1', 7], ['B.1', 7], ['D.1', 7]])
  })

  it('is not by its own word, or that of others in the mesh, while a member that is known here answers', async () => {
    others = ['D', 'E']
    answers = { A: report(7, 'A.1', 'B.1'), D: report(99, 'D.1'), E: report(99, 'D.1') }
    strangers.met('D.1')
    await clock.advance(10_000)
    expect(asked).toEqual(['A', 'B'])
    expect(vouched.has('D.1')).toBe(false)
  })

  it('is by that of others who may be believed, once no member that was known here is in reach', async () => {
    others = ['D']
    answers = { D: report(99, 'D.1', 'E.1', 'X.1') }
    strangers.met('D.1')
    await quiet()
    expect(asked).toEqual(['A', 'B', 'D'])
    expect(vouched.get('E.1')).toBe(99)
  })

  it.each<[string, Partial<MembersReport>]>([
    ['of another group', { clusterId: new Uint8Array(32).fill(2) }],
    ['that names nobody', { members: [] }],
    ['that holds what is no member', { members: [{ peer: 'D', incarnation: '1' }, { peer: '', incarnation: '..' }] }]
  ])('is not by a report %s', async (_what, wrong) => {
    answers = { A: { ...report(7, 'D.1'), ...wrong } }
    strangers.met('D.1')
    await quiet()
    expect(vouched.size).toBe(0)
  })

  it('makes this node ask less and less often, and ever fewer times as it brings more of its kind', async () => {
    answers = { A: report(7, 'A.1', 'B.1') }
    const meet = async (rounds: number, peer: (i: number) => string): Promise<number> => {
      const before = asked.length
      for (let i = 0; i < rounds; i++) {
        strangers.met(`${peer(i)}.1`)
        await clock.advance(10)
      }
      return asked.length - before
    }
    // Two are asked each time. One stranger for a minute; then a new one each 10 ms for ten seconds.
    expect(await meet(6_000, () => 'D')).toBeLessThan(2 * 15)
    expect(await meet(1_000, i => `S${i}`)).toBeLessThanOrEqual(2 * 201)
    // And among all of those, one that is a member is found to be one.
    answers = { A: report(8, 'A.1', 'B.1', 'M.1') }
    await meet(20, i => i === 10 ? 'M' : `T${i}`)
    expect(vouched.get('M.1')).toBe(8)
    expect(asked).not.toContain('D')
  })

  it('is asked about once at a time, and leaves no timer', async () => {
    strangers.met('D.1')
    strangers.met('E.1')
    expect(asked).toEqual(['A', 'B'])
    await quiet()
    strangers.met('E.1')
    expect(clock.pending).toBe(1)
    strangers.close()
    expect(clock.pending).toBe(0)
    strangers.met('F.1')
    expect(asked).toEqual(['A', 'B'])
  })
})

describe('a fresh node', () => {
  beforeEach(() => { voters = [] })

  it('believes nobody until it is taken in, and then those who took it in', async () => {
    others = ['D']
    answers = { D: report(99, 'D.1'), L: report(8, 'L.1', 'M.1') }
    strangers.met('D.1')
    await clock.advance(1_000)
    expect(asked).toEqual([])
    strangers.introduced('J', report(7, 'L.1', 'X.1'))
    expect([...vouched]).toEqual([['L.1', 7]])
    strangers.met('M.1')
    await quiet()
    expect(asked).toEqual(['L', 'J'])
    expect(vouched.get('M.1')).toBe(8)
    expect(vouched.has('D.1')).toBe(false)
  })

  it('no more once it knows members: being taken in again is no introduction', () => {
    voters = ['A.1']
    strangers.introduced('D', report(7, 'D.1'))
    expect(vouched.size).toBe(0)
  })
})

describe('trust', () => {
  it('is in peers of members, and of those whom members know', async () => {
    answers = { A: report(7, 'A.1', 'D.1') }
    expect(await strangers.trusts('A')).toBe(true)
    expect(asked).toEqual([])
    expect(await strangers.trusts('D')).toBe(true)
    expect(await strangers.trusts('E')).toBe(false)
  })
})
