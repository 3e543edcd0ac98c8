import { describe, expect, it } from 'vitest'
import { hex, metaAt, noop, pieces, randomLog, stateOf } from './support.js'
import type { HostedMachine } from '../../src/machine/types.js'
import type { StoreOp } from '../../src/storage/types.js'

/** A machine on one "disk": what `write` was given is on it, and `restart` is what a process that died would find. */
export interface Bench {
  readonly machine: HostedMachine
  write: (ops: readonly StoreOp[]) => Promise<void>
  /** The process dies, unflushed state with it; opens a new machine on the same disk and returns the index it holds. */
  restart: (latest?: { index: number, state: string }) => Promise<{ machine: HostedMachine, index: number }>
}

/** What every hosted machine must do, whatever it keeps where. Commands are those of the KV; `create` may ignore their meaning. */
export function machineSuite (name: string, create: () => Promise<Bench>): void {
  describe(`${name} as a hosted machine`, () => {
    const log = randomLog(7, 300)

    async function applyAll (machine: HostedMachine, from: number, to: number, step = 7): Promise<string[]> {
      const results: string[] = []
      for (let at = from; at < to; at += step) results.push(...hex(await machine.apply(log.slice(at, Math.min(at + step, to)))))
      return results
    }

    it('is deterministic, however the entries are cut into calls, and answers each', async () => {
      const [one, two] = [await create(), await create()]
      const [a, b] = [await applyAll(one.machine, 0, 300, 1), await applyAll(two.machine, 0, 300, 97)]
      expect(a).toHaveLength(300)
      expect(a).toEqual(b)
      expect(log.map((entry, i) => entry.kind === 'noop' ? a[i] : '')).toEqual(log.map(() => ''))
      expect(one.machine.appliedIndex).toBe(300)
      expect(await stateOf(one.machine)).toBe(await stateOf(two.machine))
    })

    it('refuses an entry out of turn', async () => {
      const { machine } = await create()
      await machine.apply(log.slice(0, 5))
      expect(() => machine.apply([noop(5)])).toThrow('entry 5')
      expect(() => machine.apply([noop(7)])).toThrow('entry 7')
      expect(machine.appliedIndex).toBe(5)
    })

    it('snapshots the state as of one index while it goes on applying', async () => {
      const { machine } = await create()
      await applyAll(machine, 0, 150)
      const expected = await stateOf(machine)
      const { index, source, close } = await machine.snapshot()
      expect(index).toBe(150)
      const parts: Uint8Array[] = []
      let at = 150
      for await (const part of source) {
        parts.push(part)
        at = Math.min(at + 20, 300)
        await applyAll(machine, machine.appliedIndex, at)
        await machine.flush()
      }
      await close()
      expect(Buffer.concat(parts).toString('latin1')).toBe(expected)
      await applyAll(machine, machine.appliedIndex, 300)
    })

    it('takes over another\'s state by snapshot and goes on as it does', async () => {
      const [leader, follower] = [await create(), await create()]
      await applyAll(leader.machine, 0, 200)
      await applyAll(follower.machine, 0, 40)
      const state = await stateOf(leader.machine)
      const restore = await follower.machine.prepareRestore(pieces(state, 1000), metaAt(200))
      await follower.write(restore.ops)
      await restore.commit()
      expect(follower.machine.appliedIndex).toBe(200)
      expect(follower.machine.durableIndex).toBe(200)
      expect(await stateOf(follower.machine)).toBe(state)
      expect(await applyAll(follower.machine, 200, 300)).toEqual(await applyAll(leader.machine, 200, 300))
      expect(await stateOf(follower.machine)).toBe(await stateOf(leader.machine))
    })

    it('stays as it is when a restore is aborted', async () => {
      const [leader, follower] = [await create(), await create()]
      await applyAll(leader.machine, 0, 200)
      await applyAll(follower.machine, 0, 40)
      const before = await stateOf(follower.machine)
      const restore = await follower.machine.prepareRestore(pieces(await stateOf(leader.machine), 1000), metaAt(200))
      await restore.abort()
      expect(await stateOf(follower.machine)).toBe(before)
      await applyAll(follower.machine, 40, 300)
      await follower.machine.flush()
      expect(await stateOf(follower.machine)).toBe(await stateOf((await filled(300)).machine))
    })

    it('has after a restart at any point what a replay from where it was makes of the log', async () => {
      const whole = await stateOf((await filled(300)).machine)
      for (const at of [0, 1, 50, 149, 150, 299]) {
        const bench = await create()
        await applyAll(bench.machine, 0, at)
        const saved = at >= 150 ? { index: 120, state: await stateOf((await filled(120)).machine) } : undefined
        const { machine, index } = await bench.restart(saved)
        expect(index).toBeLessThanOrEqual(Math.max(at, saved?.index ?? 0))
        expect(machine.appliedIndex).toBe(index)
        expect(machine.durableIndex).toBe(index)
        await applyAll(machine, index, 300)
        expect(await stateOf(machine), `restart at ${at}`).toBe(whole)
      }
    })

    it('claims as durable no more than a restart finds', async () => {
      const bench = await create()
      await applyAll(bench.machine, 0, 100)
      await bench.machine.flush()
      const claimed = bench.machine.durableIndex
      await applyAll(bench.machine, 100, 130)
      const { index } = await bench.restart()
      expect(index).toBeGreaterThanOrEqual(claimed)
    })

    async function filled (to: number): Promise<Bench> {
      const bench = await create()
      await applyAll(bench.machine, 0, to)
      return bench
    }
  })
}
