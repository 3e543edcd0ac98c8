import { beforeEach, describe, expect, it } from 'vitest'
import { FormationCore } from '../../src/formation/pure/core.js'
import { clusterIdOf } from '../../src/formation/pure/proposal.js'
import type { CoreOptions } from '../../src/formation/pure/core.js'
import type { FormationRecord, Proposal } from '../../src/formation/pure/proposal.js'
import type { View } from '../../src/formation/pure/view.js'

const NAMESPACE = '/raft/test'
const EXPECT = 'expect:3'
const trio = ['A.a', 'B.b', 'C.c']
const P1: Proposal = { attempt: 1, policy: EXPECT, founders: trio }
const TIMING = { timeout: 10_000, threshold: 0.8, interval: 200, fresh: 2_500, margin: 400, random: () => 0.5 }

let now: number
beforeEach(() => { now = 0 })

function core (options: Partial<CoreOptions> = {}): FormationCore {
  const made = new FormationCore({ namespace: NAMESPACE, self: 'B', record: { incarnation: 'b', floor: 0 }, policy: EXPECT, expect: 3, ...TIMING, ...options }, now)
  made.activate(now)
  return made
}
function auto (record: FormationRecord = { incarnation: 'b', floor: 0 }): FormationCore { return core({ policy: 'auto', expect: undefined, record }) }

function view (incarnation: string, record: Partial<FormationRecord> = {}, more: Partial<View> = {}): View {
  return { record: { incarnation, floor: record.promise?.attempt ?? 0, ...record }, policy: EXPECT, contacts: [], founders: [], ...more }
}
/** Ticks as the driver does, so that no stall is seen. */
function pass (node: FormationCore, ms: number, each: () => void = () => {}): void {
  for (const until = now + ms; now < until; now += 100) {
    node.tick(now)
    each()
  }
}

describe('promises', () => {
  it('are made to a proposal of a founder, on disk before they are told', () => {
    const node = core()
    const effects = node.receive(now, 'A', view('a', { promise: P1 }))
    expect(effects.save).toBe(true)
    expect(effects.send).toEqual(expect.arrayContaining(['A', 'C']))
    expect(node.record).toEqual({ incarnation: 'b', floor: 1, promise: P1 })
    expect(node.view(now).record).toBe(node.record)
  })

  it('are made to one at a time; the refusal of another is on disk before it is told', () => {
    const node = core()
    node.receive(now, 'A', view('a', { promise: P1 }))
    const other: Proposal = { attempt: 2, policy: EXPECT, founders: ['B.b', 'C.c', 'D.d'] }
    const effects = node.receive(now, 'D', view('d', { promise: other }))
    expect(effects.save).toBe(true)
    expect(node.record).toEqual({ incarnation: 'b', floor: 2, promise: P1 })
    expect(node.receive(now, 'D', view('d', { promise: other })).save).toBe(false)
  })

  it.each<[string, string, Partial<Proposal>]>([
    ['of another policy', 'A', { policy: 'expect:2' }],
    ['with another number of founders', 'A', { founders: ['A.a', 'B.b'] }]
  ])('are refused to a proposal %s, for ever', (_what, from, change) => {
    const node = core()
    expect(node.receive(now, from, view('a', { promise: { ...P1, ...change } })).save).toBe(true)
    expect(node.record).toEqual({ incarnation: 'b', floor: 1 })
    node.receive(now, 'A', view('a', { promise: P1 })) // attempt 1 is refused now, whatever it is
    expect(node.record.promise).toBeUndefined()
    node.receive(now, 'A', view('a', { promise: { ...P1, attempt: 2 } }))
    expect(node.record.promise?.attempt).toBe(2)
  })

  it('are nothing to a proposal from outside its founders, or with another incarnation of this node', () => {
    const node = core()
    expect(node.receive(now, 'D', view('d', { promise: P1 })).save).toBe(false)
    expect(node.receive(now, 'A', view('a', { promise: { ...P1, founders: ['A.a', 'B.old', 'C.c'] } })).save).toBe(false)
    expect(node.receive(now, 'A', view('other', { promise: P1 })).save).toBe(false)
    expect(node.record).toEqual({ incarnation: 'b', floor: 0 })
  })

  it('end when a founder has refused for ever, and are refused here from then on', () => {
    const node = core()
    node.receive(now, 'A', view('a', { promise: P1 }))
    expect(node.receive(now, 'C', view('c', { floor: 1 })).save).toBe(true)
    expect(node.record).toEqual({ incarnation: 'b', floor: 1 })
    node.receive(now, 'A', view('a', { promise: P1 }))
    expect(node.record.promise).toBeUndefined()
  })

  it('do not end by a founder that has not decided, by another incarnation of one, or by a stranger', () => {
    const node = core()
    node.receive(now, 'A', view('a', { promise: P1 }))
    node.receive(now, 'C', view('c', { floor: 0 }))
    node.receive(now, 'C', view('wiped', { floor: 7 }))
    node.receive(now, 'D', view('d', { floor: 7 }))
    expect(node.record.promise).toEqual(P1)
  })

  it('never end by a timer with a fixed policy; people are told what to do', () => {
    const node = core()
    node.receive(now, 'A', view('a', { promise: P1 }))
    const said: string[] = []
    for (let i = 0; i < 10_000; i++) {
      now += 100
      said.push(...node.tick(now).progress.map(([phase, detail]) => `${phase}: ${detail}`))
    }
    expect(node.record.promise).toEqual(P1)
    expect(said.filter(line => line.startsWith('waiting')).join('\n')).toMatch(/out of reach: start it again, or, if it is lost for good, delete/)
  })

  it('end in auto when a founder was out of reach for a whole timeout, and not before', () => {
    const node = auto()
    const promise: Proposal = { ...P1, policy: 'auto' }
    const hearA = (): void => { node.receive(now, 'A', view('a', { promise }, { policy: 'auto' })) }
    hearA()
    pass(node, 9_900, hearA)
    expect(node.record.promise).toEqual(promise)
    pass(node, 300, hearA)
    expect(node.record).toEqual({ incarnation: 'b', floor: 1 })
  })
})

describe('founding', () => {
  const contact = (node: FormationCore, peer: string, v: View): void => { node.receive(now, peer, v) }

  it('takes the promises of all, as last heard', () => {
    const node = core()
    contact(node, 'A', view('a', { promise: P1 }))
    expect(node.outcome).toBeUndefined()
    contact(node, 'C', view('c', { promise: { ...P1, attempt: 2 } }))
    expect(node.record.promise?.attempt).toBe(2) // C has gone on to attempt 2, so it has refused attempt 1
    expect(node.outcome).toBeUndefined() // and A was last heard to promise attempt 1
    contact(node, 'A', view('a', { promise: { ...P1, attempt: 2 } }))
    expect(node.outcome).toMatchObject({ kind: 'founded', founders: trio, clusterId: clusterIdOf(NAMESPACE, trio) })
  })

  it('is not done by a majority, nor by a promise of another incarnation', () => {
    const node = core()
    contact(node, 'A', view('a', { promise: P1 }))
    contact(node, 'C', view('wiped', { promise: P1 }))
    pass(node, 60_000)
    expect(node.outcome).toBeUndefined()
  })

  it('is learnt from a founder that is done', () => {
    const node = core()
    contact(node, 'A', view('a', { promise: P1 }))
    contact(node, 'A', view('a', { promise: P1 }, { clusterId: clusterIdOf(NAMESPACE, trio) }))
    expect(node.outcome).toMatchObject({ kind: 'founded', founders: trio })
  })

  it('is not told before storage has it', () => {
    const node = core()
    contact(node, 'A', view('a', { promise: P1 }))
    contact(node, 'C', view('c', { promise: P1 }))
    expect(node.outcome?.kind).toBe('founded')
    expect(node.view(now).clusterId).toBeUndefined()
    const clusterId = clusterIdOf(NAMESPACE, trio)
    expect(node.setFormed(now, clusterId).send).toEqual(['A', 'C'])
    expect(node.view(now).clusterId).toEqual(clusterId)
  })

  it('refuses every later proposal, and keeps the promise that founded it', () => {
    const node = core()
    contact(node, 'A', view('a', { promise: P1 }))
    contact(node, 'C', view('c', { promise: P1 }))
    node.setFormed(now, clusterIdOf(NAMESPACE, trio))
    contact(node, 'C', view('c', { floor: 3, promise: { ...P1, attempt: 3 } }))
    expect(node.record).toEqual({ incarnation: 'b', floor: 3, promise: P1 })
  })
})

describe('joining', () => {
  const clusterId = new Uint8Array(32).fill(9)

  it('comes before forming at every moment, in auto even after a promise', () => {
    const node = auto()
    node.receive(now, 'A', view('a', { promise: { ...P1, policy: 'auto' } }, { policy: 'auto' }))
    const effects = node.receive(now, 'M', view('m', {}, { policy: 'auto', clusterId }))
    expect(effects).toMatchObject({ save: true, outcome: { kind: 'join', clusterId, via: ['M'] } })
    expect(node.record).toEqual({ incarnation: 'b', floor: 1 })
  })

  it('waits, with a fixed policy, until what was promised is decided: the group may be founded already', () => {
    const node = core()
    node.receive(now, 'A', view('a', { promise: P1 }))
    node.receive(now, 'M', view('m', {}, { clusterId }))
    expect(node.outcome).toBeUndefined()
    node.receive(now, 'C', view('c', { floor: 1 }))
    expect(node.outcome).toMatchObject({ kind: 'join', clusterId })
  })

  it('chooses one of two groups by their ids, and says that there are two', () => {
    const node = core()
    node.receive(now, 'A', view('a', { promise: P1 }))
    node.receive(now, 'M', view('m', {}, { clusterId }))
    node.receive(now, 'N', view('n', {}, { clusterId: new Uint8Array(32).fill(8) }))
    const effects = node.receive(now, 'C', view('c', { floor: 1 }))
    expect(effects.outcome).toMatchObject({ kind: 'join', clusterId: new Uint8Array(32).fill(8), via: ['N'] })
    expect(effects.progress).toContainEqual(['conflict', 'this namespace has 2 groups: 08080808, 09090909; joining 08080808'])
  })

  it('is no founder, and names the members, while it joins', () => {
    const node = auto()
    node.receive(now, 'M', view('m', {}, { policy: 'auto', clusterId }))
    expect(node.view(now)).toMatchObject({ policy: 'join', contacts: [{ peer: 'M', incarnation: 'm' }], clusterId: undefined })
  })
})

describe('a stall of the process', () => {
  it('is not taken for the death of all others', () => {
    const node = auto()
    const seeA = (): void => { node.receive(now, 'A', view('a', {}, { policy: 'auto', frozenMs: 100, founders: ['A.a', 'B.b'] })) }
    pass(node, 8_500, seeA)
    now += 60_000 // suspended
    node.tick(now)
    expect(node.record.promise).toBeUndefined()
    pass(node, 2_000)
    expect(node.outcome).toBeUndefined()
    seeA()
    pass(node, 2_000, seeA)
    expect(node.outcome).toBeUndefined()
    expect(node.view(now).founders).toEqual(['A.a', 'B.b'])
  })

  it('does not end a promise', () => {
    const node = auto()
    const promise: Proposal = { ...P1, policy: 'auto' }
    node.receive(now, 'A', view('a', { promise }, { policy: 'auto' }))
    now += 60_000
    node.tick(now)
    expect(node.record.promise).toEqual(promise)
  })
})

describe('auto beside a fixed policy', () => {
  it('waits for what the others form', () => {
    const node = auto()
    pass(node, 60_000, () => { node.receive(now, 'A', view('a')) })
    expect(node.outcome).toBeUndefined()
    node.receive(now, 'A', view('a', {}, { clusterId: new Uint8Array(32) }))
    expect(node.outcome).toMatchObject({ kind: 'join' })
  })
})

describe('the founders of expect', () => {
  it('may have promised another set: were they passed over, the next n would found a second group', () => {
    const others: Proposal = { attempt: 1, policy: EXPECT, founders: trio }
    const node = core({ self: 'D', record: { incarnation: 'd', floor: 0 } })
    const contacts = ['A', 'B', 'C', 'D', 'E', 'F'].map(peer => ({ peer, incarnation: peer.toLowerCase(), ageMs: 0 }))
    pass(node, 5_000, () => {
      for (const peer of ['A', 'B', 'C']) node.receive(now, peer, view(peer.toLowerCase(), { promise: others }, { contacts }))
      for (const peer of ['E', 'F']) node.receive(now, peer, view(peer.toLowerCase(), {}, { contacts }))
    })
    expect(node.record).toEqual({ incarnation: 'd', floor: 0 })
  })

  it('are the lowest that acknowledge each other', () => {
    const node = core({ self: 'A', record: { incarnation: 'a', floor: 0 } })
    const seen = (...peers: string[]): View['contacts'] => peers.map(peer => ({ peer, incarnation: peer.toLowerCase(), ageMs: 0 }))
    // B and C have not heard of each other: A and B go on with D.
    const all = (): void => {
      node.receive(now, 'B', view('b', {}, { contacts: seen('A', 'D') }))
      node.receive(now, 'C', view('c', {}, { contacts: seen('A', 'D') }))
      node.receive(now, 'D', view('d', {}, { contacts: seen('A', 'B', 'C') }))
    }
    all()
    pass(node, 1_000, all)
    expect(node.record.promise?.founders).toEqual(['A.a', 'B.b', 'D.d'])
  })
})
