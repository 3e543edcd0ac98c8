import fc from 'fast-check'
import { openGroupStorage } from '../../src/storage/group-storage.js'
import { commands, config, metaAt, store, stream, write } from '../storage/support.js'
import type { KeyRing } from '../../src/keys/index.js'
import type { MemoryOrderedStore } from '../../src/storage/memory-store.js'
import type { Entry, HardState } from '../../src/raft/types.js'
import type { GroupIdentity, StoreOp } from '../../src/storage/types.js'

/** What was written to one group, as whoever wrote it knows it. */
export interface Written {
  readonly namespace: string
  readonly identity: GroupIdentity
  /** Of every index that was ever written, the entry that counts. */
  readonly entries: Map<number, Entry>
  hardState: HardState
  lastIndex: number
  /** Where the log ended when the hard state was last written: what lies behind it, a store that loses its newest records loses unseen. */
  claimed: number
  /** By index. */
  readonly snapshots: Map<number, Uint8Array>
}

export type Step =
  | { readonly kind: 'append', readonly count: number, readonly newTerm: boolean, readonly vote: boolean }
  | { readonly kind: 'replace', readonly back: number, readonly count: number }
  | { readonly kind: 'vote' }
  | { readonly kind: 'snapshot', readonly bytes: number, readonly compact: boolean }

export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 5 }), newTerm: fc.boolean(), vote: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('replace' as const), back: fc.nat(4), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'vote' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('snapshot' as const), bytes: fc.constantFrom(0, 10, 300_000), compact: fc.boolean() }) }
)

export async function history (on: MemoryOrderedStore, namespace: string, seed: number, steps: readonly Step[], keys?: KeyRing): Promise<Written> {
  const identity = { clusterId: new Uint8Array(32).fill(seed), incarnation: seed.toString(16).padStart(16, '0') }
  let ids = 0
  const group = await openGroupStorage(on, namespace, { randomId: () => (seed * 1_000 + ids++).toString(16).padStart(16, '0'), ...(keys !== undefined ? { keys } : {}) })
  const genesis = config(1, 1, 'a', 'b', 'c')
  await group.create(identity, genesis)
  const written: Written = { namespace, identity, entries: new Map([[1, genesis]]), hardState: { term: 1, commit: 1 }, lastIndex: 1, claimed: 1, snapshots: new Map() }
  let compacted = 0

  const append = async (first: number, count: number, hardState: HardState | undefined): Promise<void> => {
    const replaces = first <= written.lastIndex
    const list = commands(first, first + count - 1, (hardState ?? written.hardState).term)
    await store(group, on, write(list, hardState))
    for (const entry of list) written.entries.set(entry.index, entry)
    for (let index = first + count; index <= written.lastIndex; index++) written.entries.delete(index)
    written.lastIndex = first + count - 1
    if (hardState !== undefined) written.hardState = hardState
    if (hardState !== undefined || replaces) written.claimed = written.lastIndex
  }

  for (const s of steps) {
    const { term, commit } = written.hardState
    if (s.kind === 'append') await append(written.lastIndex + 1, s.count, s.newTerm || s.vote ? { term: term + (s.newTerm ? 1 : 0), vote: 'a', commit } : undefined)
    else if (s.kind === 'replace') await append(Math.max(commit + 1, compacted + 1, written.lastIndex + 1 - s.back), s.count, { term: term + 1, commit })
    else if (s.kind === 'vote') {
      const hardState = { term: term + 1, vote: 'b', commit: written.lastIndex }
      await store(group, on, write([], hardState))
      Object.assign(written, { hardState, claimed: written.lastIndex })
    } else if (commit > 1) {
      const at = written.entries.get(commit) as Entry
      const state = new Uint8Array(s.bytes).map((_, i) => i * 7 + seed + ids)
      await group.saveSnapshot(metaAt(commit, at.term), stream(state), { retain: 2 })
      written.snapshots.set(commit, state)
      if (!s.compact) continue
      const ops: StoreOp[] = []
      group.compact(ops, commit, at.term)
      await on.batch(ops, { sync: true })
      compacted = commit
    }
  }
  const ops: StoreOp[] = []
  group.putStable(ops, 'promise', new TextEncoder().encode(`kept by ${namespace}`))
  await on.batch(ops, { sync: true })
  return written
}
