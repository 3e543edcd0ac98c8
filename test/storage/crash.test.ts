import { describe, expect, it } from 'vitest'
import { openGroupStorage } from '../../src/storage/group-storage.js'
import { MemoryOrderedStore } from '../../src/storage/memory-store.js'
import { command, config, identity, metaAt, NAMESPACE, random, stream, write } from './support.js'
import type { Entry, HardState } from '../../src/raft/types.js'
import type { GroupStorage, StoreOp } from '../../src/storage/types.js'
import type { RecordedBatch } from '../../src/storage/memory-store.js'

/** What a group must find again: the log behind `prev`, and its vote. */
interface Model { entries: Entry[], hardState: HardState, prevIndex: number }

const lastIndex = (model: Model): number => model.entries.at(-1)?.index ?? model.prevIndex

/**
 * A member's life as the engine drives it: appends as leader and follower, tails replaced by a newer term, votes, commits that ride
 * unsynced, snapshots and the compaction behind them. Returns every batch, and the model after each.
 */
async function life (seed: number, steps: number): Promise<{ history: readonly RecordedBatch[], models: Map<number, Model> }> {
  const next = random(seed)
  const pick = (n: number): number => Math.floor(next() * n)
  const on = new MemoryOrderedStore({ record: true })
  const group = await openGroupStorage(on, NAMESPACE, { randomId: () => Math.floor(next() * 2 ** 48).toString(16).padStart(16, '0') })
  await group.create(identity, config(1, 1, 'a'))
  const model: Model = { entries: [config(1, 1, 'a')], hardState: { term: 1, commit: 1 }, prevIndex: 0 }
  const models = new Map<number, Model>()
  const note = (): void => { models.set(on.history.length, { ...model, entries: [...model.entries] }) }
  const commitTo = async (entries: Entry[], hardState: HardState | undefined, sync: boolean): Promise<void> => {
    const ops: StoreOp[] = []
    group.append(ops, write(entries, hardState))
    await on.batch(ops, { sync })
    if (entries.length > 0) model.entries = [...model.entries.filter(({ index }) => index < entries[0].index), ...entries]
    if (hardState !== undefined) model.hardState = hardState
  }
  const fresh = (from: number, term: number): Entry[] => Array.from({ length: 1 + pick(6) }, (_, i) => command(from + i, term, 'x'.repeat(pick(40))))
  note()
  for (let step = 0; step < steps; step++) {
    const { term, commit } = model.hardState
    const dice = next()
    if (dice < 0.4) {
      await commitTo(fresh(lastIndex(model) + 1, term), next() < 0.5 ? { ...model.hardState, commit: commit + pick(lastIndex(model) - commit + 1) } : undefined, true)
    } else if (dice < 0.55) {
      // A new leader replaces what was not committed, in one write or with its term first.
      const hardState = { term: term + 1 + pick(2), vote: 'b', commit }
      const from = commit + 1 + pick(lastIndex(model) - commit + 1)
      if (next() < 0.5) {
        await commitTo([], hardState, true)
        note()
        await commitTo(fresh(from, hardState.term), undefined, true)
      } else await commitTo(fresh(from, hardState.term), hardState, true)
    } else if (dice < 0.75) {
      await commitTo([], { ...model.hardState, commit: commit + pick(lastIndex(model) - commit + 1) }, false)
    } else if (dice < 0.85) {
      await commitTo([], { term: term + 1, vote: 'c', commit }, true)
    } else if (commit > model.prevIndex && commit > 1) {
      await compaction(group, on, model, commit - pick(commit - model.prevIndex))
    }
    note()
  }
  return { history: on.history, models }
}

async function compaction (group: GroupStorage, on: MemoryOrderedStore, model: Model, index: number): Promise<void> {
  const { commit } = model.hardState
  const termOf = (at: number): number => model.entries.find(entry => entry.index === at)?.term ?? 1
  await group.saveSnapshot(metaAt(commit, termOf(commit)), stream(`state of ${commit}`), { retain: 2 })
  const ops: StoreOp[] = []
  group.compact(ops, index, termOf(index))
  await on.batch(ops, { sync: false })
  model.entries = model.entries.filter(entry => entry.index > index)
  model.prevIndex = Math.max(model.prevIndex, index)
}

async function found (batches: readonly RecordedBatch[]): Promise<{ log: string, prevIndex: number, hardState: HardState }> {
  const group = await openGroupStorage(MemoryOrderedStore.replay(batches), NAMESPACE, { cachedBytes: 1 << 30 })
  const { entries, prevIndex, hardState } = await group.initial(group.snapshots()[0]?.meta.index ?? 0)
  return { log: show(entries), prevIndex, hardState }
}

const show = (entries: readonly Entry[]): string => entries.map(({ index, term, data }) => `${index}@${term}/${data.length}`).join(' ')

describe('a crash at every batch of a random life', () => {
  it.each([1, 2, 3, 4, 5, 6])('finds exactly what had landed (seed %i)', async seed => {
    const { history, models } = await life(seed, 80)
    for (const [batches, model] of models) {
      const { log, prevIndex, hardState } = await found(history.slice(0, batches))
      const message = `seed ${seed}, after batch ${batches}`
      expect(log, message).toBe(show(model.entries))
      expect(prevIndex, message).toBe(model.prevIndex)
      expect({ ...hardState, commit: 0 }, message).toEqual({ ...model.hardState, commit: 0 })
      expect(hardState.commit, message).toBeGreaterThanOrEqual(model.hardState.commit)
    }
  })

  it.each([11, 12, 13, 14])('keeps every synced entry and vote, whichever unsynced batches a power cut takes (seed %i)', async seed => {
    const { history, models } = await life(seed, 60)
    const next = random(seed)
    for (const [batches, model] of models) {
      const kept = history.slice(0, batches).filter(({ sync }) => sync || next() < 0.5)
      const { log, prevIndex, hardState } = await found(kept)
      const message = `seed ${seed}, after batch ${batches}`
      // A lost compaction leaves more of the log than there would be, never less.
      expect(prevIndex, message).toBeLessThanOrEqual(model.prevIndex)
      expect(log.endsWith(show(model.entries)), message).toBe(true)
      expect(hardState.term, message).toBe(model.hardState.term)
      expect(hardState.vote, message).toBe(model.hardState.vote)
      expect(hardState.commit, message).toBeLessThanOrEqual(Math.max(model.hardState.commit, 1))
    }
  })

  it('does not bring replaced entries back when a power cut undoes one compaction and not the next', async () => {
    const on = new MemoryOrderedStore({ record: true })
    const group = await openGroupStorage(on, NAMESPACE)
    await group.create(identity, config(1, 1, 'a'))
    const entries = async (list: Entry[], term: number): Promise<void> => {
      const ops: StoreOp[] = []
      group.append(ops, write(list, { term, commit: list[list.length - 1].index }))
      await on.batch(ops, { sync: true })
    }
    await entries([2, 3, 4, 5, 6, 7, 8, 9].map(index => command(index, 1)), 1)
    await entries([command(4, 2), command(5, 2)], 2)
    await group.saveSnapshot(metaAt(5, 2), stream('state'), { retain: 1 })
    for (const index of [3, 5]) {
      const ops: StoreOp[] = []
      group.compact(ops, index, index === 3 ? 1 : 2)
      await on.batch(ops, { sync: false })
    }
    // Index 2 to 9 of term 1 is there again; its last four were replaced by the frame that the second compaction deleted.
    const kept = on.history.filter((_, batch) => batch !== on.history.length - 2)
    const after = MemoryOrderedStore.replay(kept)
    const { prevIndex, lastIndex, terms } = await (await openGroupStorage(after, NAMESPACE)).initial(5)
    expect({ prevIndex, lastIndex, terms }).toEqual({ prevIndex: 5, lastIndex: 5, terms: [] })
  })

  it('finishes a destroy that a crash interrupted, at every batch', async () => {
    const on = new MemoryOrderedStore({ record: true })
    const group = await openGroupStorage(on, NAMESPACE)
    await group.create(identity, config(1, 1, 'a'))
    for (let i = 0; i < 2500; i += 500) await on.batch(Array.from({ length: 500 }, (_, j) => ({ type: 'put', key: new TextEncoder().encode(`g${NAMESPACE}\0data/${i + j}`), value: Uint8Array.of(1) })), { sync: true })
    const start = on.history.length
    await group.destroy()
    for (let k = start + 1; k <= on.history.length; k++) {
      for (const kept of [on.history.slice(0, k), on.history.slice(0, k).filter(({ sync }) => sync)]) {
        const after = MemoryOrderedStore.replay(kept)
        const again = await openGroupStorage(after, NAMESPACE)
        expect(again.identity).toBeUndefined()
        expect(after.size).toBe(0)
      }
    }
    expect(on.history.length - start).toBeGreaterThan(4)
  })
})
