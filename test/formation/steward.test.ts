import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ClosedError, MembershipError, NotAuthorizedError, NotLeaderError } from '../../src/errors.js'
import { Steward } from '../../src/formation/steward.js'
import { ManualClock, quiet } from './clock.js'
import { FakeGroup } from './group.js'
import type { JoinClaim } from '../../src/formation/types.js'

let clock: ManualClock
let group: FakeGroup
let steward: Steward
let told: string[]
let admit: (claim: JoinClaim) => Promise<void>

function claim (peer: string, incarnation: string, voter = true): JoinClaim {
  return { namespace: '/raft/test', clusterId: new Uint8Array(32), peer, incarnation, voter, addresses: [], nonce: new Uint8Array(16), configurationIndex: group.status().configurationIndex }
}

beforeEach(() => {
  clock = new ManualClock()
  group = new FakeGroup({ voters: ['A.1', 'B.1'] })
  told = []
  admit = async () => {}
  steward = new Steward({ clock, group, admit: async claim => { await admit(claim) }, onProgress: detail => { told.push(detail) } })
})
afterEach(async () => { await steward.close() })

describe('Steward', () => {
  it('takes a node in as a learner, then gives it its vote once it has kept up', async () => {
    steward.setLeading(true)
    await steward.join(claim('C', '1'))
    expect(group.changes).toEqual([['add-learner C.1']])
    await clock.advance(1_500)
    expect(group.changes).toHaveLength(1)
    await clock.advance(2_000)
    expect(group.changes).toEqual([['add-learner C.1'], ['add-voter C.1']])
    expect(group.expected).toEqual([1, 2]) // each for the configuration that it was planned for
    expect(told.join('\n')).toMatch(/a node asks to join: add-learner C\.1\na learner has kept up: add-voter C\.1/)
  })

  it('refuses who is not admitted, and who asked at another configuration than the one in force', async () => {
    steward.setLeading(true)
    admit = async () => { throw new NotAuthorizedError('not on the list') }
    await expect(steward.join(claim('C', '1'))).rejects.toThrow(NotAuthorizedError)
    admit = async () => {}
    const recorded = claim('C', '1')
    await steward.join(recorded)
    group.shape = { voters: ['A.1', 'B.1'], configurationIndex: 3 } // removed since
    await expect(steward.join(recorded)).rejects.toThrow('repeats an old request')
    await expect(steward.join({ ...recorded, configurationIndex: 4 })).rejects.toThrow(MembershipError)
    // While it was being asked about, something changed.
    admit = async () => { group.shape = { ...group.shape, configurationIndex: 5 } }
    await expect(steward.join(claim('C', '1'))).rejects.toThrow(MembershipError)
    expect(group.changes).toEqual([['add-learner C.1']])
  })

  it('does not bring a member back that was removed as soon as it was in, while its request still waited', async () => {
    steward.setLeading(true)
    const changeMembers = group.changeMembers.bind(group)
    group.changeMembers = async (changes, options) => {
      const index = await changeMembers(changes, options)
      // Somebody waited for this very moment.
      group.shape = { voters: ['A.1', 'B.1'], pending: true, configurationIndex: 3 }
      return index
    }
    await steward.join(claim('C', '1'))
    group.shape = { voters: ['A.1', 'B.1'], configurationIndex: 3 }
    await clock.advance(30_000)
    expect(group.changes).toEqual([['add-learner C.1']])
  })

  it('leaves a learner that does not want a vote a learner', async () => {
    steward.setLeading(true)
    await steward.join(claim('C', '1', false))
    await clock.advance(600_000)
    expect(group.changes).toEqual([['add-learner C.1']])
  })

  it('forgets a wish for a vote that is not said again', async () => {
    group.shape = { voters: ['A.1', 'B.1'], learners: ['C.1'], silent: ['C.1'] }
    steward.setLeading(true)
    await steward.join(claim('C', '1'))
    await clock.advance(100_000)
    group.shape = { ...group.shape, silent: [] }
    await clock.advance(60_000)
    expect(group.changes).toEqual([])
    await steward.join(claim('C', '1'))
    await clock.advance(3_000)
    expect(group.changes).toEqual([['add-voter C.1']])
  })

  it('answers a request of a member at once, and one by its side only when its change has committed', async () => {
    steward.setLeading(true)
    await steward.join(claim('B', '1'))
    expect(group.changes).toEqual([])
    group.instant = false
    let joined = 0
    const waiting = [steward.join(claim('C', '1')), steward.join(claim('C', '1'))].map(async join => { await join; joined++ })
    await quiet()
    expect(group.changes).toEqual([['add-learner C.1']])
    expect(joined).toBe(0)
    group.calls[0].apply()
    await Promise.all(waiting)
    expect(joined).toBe(2)
  })

  it('makes one change at a time, and tries again after one that failed', async () => {
    group.instant = false
    steward.setLeading(true)
    const first = steward.join(claim('C', '1'))
    await quiet()
    const second = steward.join(claim('D', '1'))
    await quiet()
    expect(group.calls).toHaveLength(1)
    group.calls[0].fail(new MembershipError('another change is under way'))
    group.instant = true
    await clock.advance(1_000)
    await Promise.all([first, second])
    expect(group.changes).toEqual([['add-learner C.1'], ['add-learner C.1', 'add-learner D.1']])
    expect(told[0]).toMatch(/could not be changed: another change is under way/)
  })

  it('sends a request to the leader, where it does not lead itself', async () => {
    group.shape = { ...group.shape, role: 'follower', leader: 'B.1' }
    await expect(steward.join(claim('C', '1'))).rejects.toMatchObject({ name: 'NotLeaderError', leader: 'B' })
  })

  it('tells whoever waits when its leadership ends, and leaves no timer', async () => {
    group.instant = false
    steward.setLeading(true)
    const waiting = expect(steward.join(claim('C', '1'))).rejects.toThrow(NotLeaderError)
    await quiet()
    steward.setLeading(false)
    await waiting
    await quiet()
    expect(clock.pending).toBe(0)
    steward.setLeading(true)
    const closing = expect(steward.join(claim('C', '1'))).rejects.toThrow(ClosedError)
    await steward.close()
    await closing
    await expect(steward.join(claim('C', '1'))).rejects.toThrow(ClosedError)
    expect(clock.pending).toBe(0)
  })

  it('gives up waiting by the signal of who asks', async () => {
    group.shape = { ...group.shape, pending: true }
    steward.setLeading(true)
    const abort = new AbortController()
    const waiting = expect(steward.join(claim('C', '1'), { signal: abort.signal })).rejects.toThrow('enough')
    await quiet()
    abort.abort(new Error('enough'))
    await waiting
    group.shape = { ...group.shape, pending: false }
    await clock.advance(5_000)
    expect(group.changes).toEqual([])
  })

  it('does not put out an incarnation that lives for an older request, nor take itself in twice', async () => {
    steward.setLeading(true)
    await clock.advance(1_000)
    await expect(steward.join(claim('B', '0'))).rejects.toThrow(/is a member with another incarnation that was heard from a moment ago/)
    await expect(steward.join(claim('A', '0'))).rejects.toThrow(MembershipError)
    expect(group.changes).toEqual([])
  })

  it('replaces a wiped voter once its old incarnation is silent', async () => {
    group.shape = { voters: ['A.1', 'B.1', 'C.1'] }
    steward.setLeading(true)
    await clock.advance(1_000)
    group.shape = { ...group.shape, silent: ['C.1'] }
    await expect(steward.join(claim('C', '2'))).rejects.toThrow(MembershipError)
    await clock.advance(3_000)
    await steward.join(claim('C', '2'))
    await clock.advance(5_000)
    expect(group.changes).toEqual([['remove C.1', 'add-learner C.2'], ['add-voter C.2']])
  })
})
