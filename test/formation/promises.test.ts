import { describe, expect, it } from 'vitest'
import { promised, refused, refuses, released, sameProposal } from '../../src/formation/pure/proposal.js'
import type { FormationRecord, Proposal } from '../../src/formation/pure/proposal.js'

/**
 * An exhaustive search over the rules of promises, in the harshest network there is: whatever a node has ever said may reach anyone, at
 * any time, any number of times, or never; and a node may lose all that is not on disk at any moment. Sets of n among fewer than 2n fresh nodes.
 */
interface Group { readonly members: readonly string[], readonly sets: readonly string[][], readonly attempts: number }
const threeOfFour: Group = { members: ['A.i', 'B.i', 'C.i', 'D.i'], sets: leavingOneOut(['A.i', 'B.i', 'C.i', 'D.i']), attempts: 1 }
const twoOfThree: Group = { members: ['A.i', 'B.i', 'C.i'], sets: leavingOneOut(['A.i', 'B.i', 'C.i']), attempts: 2 }

function leavingOneOut (members: readonly string[]): string[][] { return members.map((_, left) => members.filter((_, i) => i !== left)) }

interface Rules {
  /** May the node let go of its promise, given what it was told? */
  readonly release: (promise: Proposal, told: FormationRecord) => boolean
  /** May it found, having heard these promise? */
  readonly found: (promise: Proposal, heard: number) => boolean
  /** Is a refusal written down? */
  readonly durableRefusal: boolean
}

const rules: Rules = {
  release: (promise, told) => refuses(told, promise),
  found: (promise, heard) => heard === promise.founders.length,
  durableRefusal: true
}

interface State {
  /** On disk. */
  readonly disks: readonly FormationRecord[]
  /** In memory: a bit for each founder heard to have promised what is promised here. */
  readonly heard: readonly number[]
  /** Everything that each has ever said. */
  readonly said: ReadonlyArray<readonly FormationRecord[]>
  readonly founded: readonly string[]
}

function recordKey (r: FormationRecord): string { return r.promise === undefined ? `${r.floor}` : `${r.floor}:${r.promise.attempt}${r.promise.founders.join('')}` }
function stateKey (s: State): string {
  return [s.disks.map(recordKey), s.heard, s.said.map(list => list.map(recordKey).sort().join(',')), [...s.founded].sort()].join('|')
}

function search (group: Group, rules: Rules, limit = 3_000_000): { states: number, violation: State | undefined, truncated: boolean, foundings: number } {
  const fresh: FormationRecord = { incarnation: 'i', floor: 0 }
  const first: State = { disks: group.members.map(() => fresh), heard: group.members.map(() => 0), said: group.members.map(() => [fresh]), founded: [] }
  const seen = new Set([stateKey(first)])
  const stack = [first]
  let foundings = 0
  while (stack.length > 0) {
    if (seen.size > limit) return { states: seen.size, violation: undefined, truncated: true, foundings }
    const state = stack.pop()!
    for (const next of successors(state, rules, group)) {
      const key = stateKey(next)
      if (seen.has(key)) continue
      seen.add(key)
      if (next.founded.length > state.founded.length) foundings++
      if (next.founded.length > 1) return { states: seen.size, violation: next, truncated: false, foundings }
      stack.push(next)
    }
  }
  return { states: seen.size, violation: undefined, truncated: false, foundings }
}

function * successors (state: State, rules: Rules, { members, sets, attempts }: Group): Generator<State> {
  for (let node = 0; node < members.length; node++) {
    const disk = state.disks[node]
    // Propose any set with this node in it, that is: promise it.
    if (disk.promise === undefined && disk.floor < attempts) {
      for (const founders of sets) {
        if (founders.includes(members[node])) yield write(state, node, promised(disk, { attempt: disk.floor + 1, policy: 'expect:3', founders }))
      }
    }
    // Crash: memory is gone.
    if (state.heard[node] !== 0) yield { ...state, heard: replace(state.heard, node, 0) }
    // Hear anything that anyone has ever said.
    for (let from = 0; from < members.length; from++) {
      if (from !== node) for (const told of state.said[from]) yield * hear(state, members, node, from, told, rules)
    }
  }
}

function * hear (state: State, members: readonly string[], node: number, from: number, told: FormationRecord, rules: Rules): Generator<State> {
  const disk = state.disks[node]
  const mine = disk.promise
  if (mine?.founders.includes(members[from]) === true) {
    if (rules.release(mine, told)) yield write(state, node, released(disk))
    if (sameProposal(told.promise, mine)) {
      const heard = state.heard[node] | (1 << from)
      yield { ...state, heard: replace(state.heard, node, heard) }
      if (rules.found(mine, 1 + bits(heard))) yield { ...state, founded: [...new Set([...state.founded, mine.founders.join('')])] }
    }
  }
  const theirs = told.promise
  if (theirs === undefined || sameProposal(theirs, mine) || !theirs.founders.includes(members[node]) || !theirs.founders.includes(members[from])) return
  if (mine === undefined && theirs.attempt > disk.floor) yield write(state, node, promised(disk, theirs))
  // It may refuse for reasons of its own, too.
  if (theirs.attempt > disk.floor) yield rules.durableRefusal ? write(state, node, refused(disk, theirs)) : say(state, node, refused(disk, theirs))
}

/** On disk first, said then. What was heard belongs to the promise that was held. */
function write (state: State, node: number, record: FormationRecord): State {
  const keeps = sameProposal(record.promise, state.disks[node].promise)
  return say({ ...state, disks: replace(state.disks, node, record), heard: keeps ? state.heard : replace(state.heard, node, 0) }, node, record)
}

function say (state: State, node: number, record: FormationRecord): State {
  const key = recordKey(record)
  if (state.said[node].some(r => recordKey(r) === key)) return state
  return { ...state, said: replace(state.said, node, [...state.said[node], record]) }
}

function replace<T> (list: readonly T[], at: number, item: T): T[] { return list.map((old, i) => i === at ? item : old) }
function bits (n: number): number { return n === 0 ? 0 : (n & 1) + bits(n >> 1) }

describe('the rules of promises, over every order of events', { timeout: 120_000 }, () => {
  it.each([['3 of 4', threeOfFour], ['2 of 3, each proposed twice', twoOfThree]])('never found two sets: %s', (_name, group) => {
    const { violation, truncated, foundings, states } = search(group, rules)
    expect(violation).toBeUndefined()
    expect(truncated).toBe(false)
    expect(foundings).toBeGreaterThan(0)
    expect(states).toBeGreaterThan(5_000)
  })

  it('found two when a timer may release a promise', () => {
    expect(search(twoOfThree, { ...rules, release: () => true }).violation).toBeDefined()
  })

  it('found two when a majority of the promises is enough', () => {
    expect(search(threeOfFour, { ...rules, found: (promise, heard) => heard * 2 > promise.founders.length }).violation).toBeDefined()
  })

  it('found two when a refusal is not written down', () => {
    expect(search(twoOfThree, { ...rules, durableRefusal: false }).violation).toBeDefined()
  })
})
