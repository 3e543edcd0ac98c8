import { describe, expect, it } from 'vitest'
import { MemberHealth, planStewardship, stewardDefaults } from '../../src/formation/pure/steward-plan.js'
import { statusOf } from './group.js'
import type { StewardOptions } from '../../src/formation/pure/steward-plan.js'
import type { GroupShape } from './group.js'

const LEADER = 'A.1'

interface Scene extends GroupShape {
  applicants?: string[]
  candidates?: string[]
  options?: Partial<StewardOptions>
  /** ms of good health before the plan is made. */
  after?: number
  /** Silent from here on for `silence` ms more. */
  then?: { silent: string[], for: number }
}

function plan (scene: Scene): string[] | undefined {
  const options = { ...stewardDefaults, ...scene.options }
  const health = new MemberHealth(options)
  let now = 0
  const observe = (ms: number, shape: GroupShape): void => {
    for (const until = now + ms; now < until; now += 500) health.observe(now, statusOf(shape))
  }
  const after = scene.after ?? 60_000
  observe(after, scene)
  let shape: GroupShape = scene
  if (scene.then !== undefined) {
    shape = { ...scene, silent: [...(scene.silent ?? []), ...scene.then.silent] }
    observe(scene.then.for, shape)
  }
  const found = planStewardship({ now, status: statusOf(shape), health, applicants: scene.applicants ?? [], candidates: new Set(scene.candidates ?? scene.learners ?? []), options })
  return found?.changes.map(({ op, member }) => `${op} ${member}`)
}

describe('stewardship: taking members in', () => {
  it('takes all that ask in as learners, in one change', () => {
    expect(plan({ voters: ['A.1', 'B.1'], applicants: ['D.1', 'C.1'] })).toEqual(['add-learner C.1', 'add-learner D.1'])
  })

  it('does nothing for members, and nothing without applicants', () => {
    expect(plan({ voters: ['A.1', 'B.1'], applicants: ['B.1'] })).toBeUndefined()
    expect(plan({ voters: ['A.1', 'B.1', 'C.1'] })).toBeUndefined()
  })

  it('puts a new incarnation in the place of a silent old one, as a learner, in one change', () => {
    expect(plan({ voters: ['A.1', 'B.1', 'C.1'], then: { silent: ['C.1'], for: 5_000 }, applicants: ['C.2'] })).toEqual(['remove C.1', 'add-learner C.2'])
    expect(plan({ voters: ['A.1', 'B.1'], learners: ['C.1'], then: { silent: ['C.1'], for: 5_000 }, applicants: ['C.2'] })).toEqual(['remove C.1', 'add-learner C.2'])
  })

  it('leaves an old incarnation that answers alone: an old request must not throw it out', () => {
    expect(plan({ voters: ['A.1', 'B.1', 'C.2'], applicants: ['C.1'] })).toBeUndefined()
  })

  it('replaces one wiped voter at a time', () => {
    const scene: Scene = { voters: ['A.1', 'B.1', 'C.1', 'D.1', 'E.1'], then: { silent: ['D.1', 'E.1'], for: 5_000 }, applicants: ['D.2', 'E.2', 'F.1'] }
    expect(plan(scene)).toEqual(['remove D.1', 'add-learner D.2', 'add-learner F.1'])
  })

  it('does not take itself in under another incarnation', () => {
    expect(plan({ voters: ['A.1', 'B.1', 'C.1'], applicants: ['A.2'] })).toBeUndefined()
  })

  it('never takes two incarnations of one peer in at once', () => {
    expect(plan({ voters: ['A.1', 'B.1'], applicants: ['C.1', 'C.2'] })).toEqual(['add-learner C.1'])
  })

  it('keeps to the bound of members', () => {
    expect(plan({ voters: ['A.1', 'B.1'], applicants: ['C.1', 'D.1'], options: { maxMembers: 3 } })).toEqual(['add-learner C.1'])
  })

  it('waits while the quorum is not healthy, a change is under way, or leadership is moving', () => {
    const scene: Scene = { voters: ['A.1', 'B.1', 'C.1'], applicants: ['D.1'] }
    expect(plan({ ...scene, then: { silent: ['B.1', 'C.1'], for: 5_000 } })).toBeUndefined()
    expect(plan({ ...scene, pending: true })).toBeUndefined()
    expect(plan({ ...scene, outgoing: ['A.1'] })).toBeUndefined()
    expect(plan({ ...scene, transferTarget: 'B.1' })).toBeUndefined()
    expect(plan({ ...scene, termCommitted: false })).toBeUndefined()
    expect(plan({ ...scene, role: 'follower' })).toBeUndefined()
  })
})

describe('stewardship: votes', () => {
  it('gives a learner its vote once it has kept up for a while', () => {
    expect(plan({ voters: ['A.1', 'B.1'], learners: ['C.1'], after: 1_500 })).toBeUndefined()
    expect(plan({ voters: ['A.1', 'B.1'], learners: ['C.1'], after: 3_000 })).toEqual(['add-voter C.1'])
  })

  it('never gives one to a learner that is out of reach, behind, or still gets a snapshot', () => {
    expect(plan({ voters: ['A.1', 'B.1'], learners: ['C.1'], silent: ['C.1'] })).toBeUndefined()
    expect(plan({ voters: ['A.1', 'B.1'], learners: ['C.1'], then: { silent: ['C.1'], for: 3_000 } })).toBeUndefined()
    expect(plan({ voters: ['A.1', 'B.1'], learners: ['C.1'], commit: 50_000, match: { 'C.1': 40_000 } })).toBeUndefined()
    expect(plan({ voters: ['A.1', 'B.1'], learners: ['C.1'], state: { 'C.1': 'snapshot' } })).toBeUndefined()
  })

  it('never gives one to a learner that asked to stay one', () => {
    expect(plan({ voters: ['A.1', 'B.1'], learners: ['C.1'], candidates: [] })).toBeUndefined()
  })

  it('never gives a peer two votes', () => {
    expect(plan({ voters: ['A.1', 'B.1'], learners: ['B.2'] })).toBeUndefined()
    expect(plan({ voters: ['A.1', 'B.1'], learners: ['C.1', 'C.2'] })).toBeUndefined()
  })

  it('prefers odd numbers: pairs from three on, and a single learner waits a while for a second', () => {
    const voters = ['A.1', 'B.1', 'C.1']
    expect(plan({ voters, learners: ['D.1', 'E.1'], after: 3_000 })).toEqual(['add-voter D.1', 'add-voter E.1'])
    expect(plan({ voters, learners: ['D.1'], after: 10_000 })).toBeUndefined()
    expect(plan({ voters, learners: ['D.1'], after: 25_000 })).toEqual(['add-voter D.1'])
    expect(plan({ voters: ['A.1'], learners: ['B.1'], after: 3_000 })).toEqual(['add-voter B.1'])
    expect(plan({ voters: ['A.1'], learners: ['B.1', 'C.1'], after: 3_000 })).toEqual(['add-voter B.1', 'add-voter C.1'])
    expect(plan({ voters: ['A.1', 'B.1'], learners: ['C.1', 'D.1'], after: 3_000 })).toEqual(['add-voter C.1'])
  })

  it('stops at maxVoters', () => {
    expect(plan({ voters: ['A.1', 'B.1', 'C.1', 'D.1', 'E.1'], learners: ['F.1', 'G.1'] })).toBeUndefined()
    expect(plan({ voters: ['A.1', 'B.1', 'C.1'], learners: ['D.1', 'E.1'], options: { maxVoters: 3 } })).toBeUndefined()
  })

  it('gives none while the quorum with it would hang by a thread that is cut', () => {
    expect(plan({ voters: ['A.1', 'B.1', 'C.1', 'D.1'], learners: ['E.1'], then: { silent: ['C.1', 'D.1'], for: 5_000 } })).toBeUndefined()
  })

  it('takes a quiet group for healthy: nobody is heard from in it, because all is well', () => {
    expect(plan({ voters: ['A.1', 'B.1'], learners: ['C.1'], silent: ['B.1', 'C.1'], quiesced: true, after: 3_000 })).toEqual(['add-voter C.1'])
  })
})

describe('stewardship: dead voters', () => {
  const full: Scene = { voters: ['A.1', 'B.1', 'C.1', 'D.1', 'E.1'], learners: ['F.1'] }

  it('puts a healthy learner in the place of a voter that has been silent for long, in one change', () => {
    expect(plan({ ...full, then: { silent: ['E.1'], for: 9 * 60_000 } })).toBeUndefined()
    expect(plan({ ...full, then: { silent: ['E.1'], for: 11 * 60_000 } })).toEqual(['remove E.1', 'add-voter F.1'])
  })

  it('keeps a dead voter while there is nobody to take its place', () => {
    expect(plan({ ...full, learners: [], then: { silent: ['E.1'], for: 60 * 60_000 } })).toBeUndefined()
    expect(plan({ ...full, candidates: [], then: { silent: ['E.1'], for: 60 * 60_000 } })).toBeUndefined()
  })

  it('never replaces the leader', () => {
    expect(plan({ ...full, silent: [LEADER], after: 60 * 60_000 })).toBeUndefined()
  })
})
