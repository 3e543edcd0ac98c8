import { describe, expect, it } from 'vitest'
import { Contention } from './support/contention.js'
import type { Leadership } from '../../src/recipes/election.js'
import type { Holding, Ways } from './support/contention.js'

const SEEDS = 30

const lock: Ways = {
  permits: 1,
  acquire: async (client, options) => await client.lock('x', options),
  tryAcquire: async (client, { wait: _, ...options }) => await client.tryLock('x', options)
}
const semaphore: Ways = {
  permits: 2,
  acquire: async (client, options) => await client.semaphore('x', 2).acquire(options),
  tryAcquire: async (client, { wait: _, ...options }) => await client.semaphore('x', 2).tryAcquire(options)
}
const election: Ways = {
  permits: 1,
  acquire: async (client, options) => {
    const leadership = await client.election('x').campaign('me', options)
    return new Proxy(leadership, { get: (target, name) => name === 'release' ? async () => { await target.resign() } : Reflect.get(target, name, target) as unknown }) as Leadership & Holding
  },
  tryAcquire: async (client, options) => await election.acquire(client, { ...options, wait: 100 })
}

describe('many who want the same', () => {
  for (const [name, ways] of Object.entries({ lock, semaphore, election })) {
    it(`${name}: never held by more than may, in the order of arrival, with nothing left behind`, async () => {
      const sum: Record<string, number> = {}
      for (let seed = 1; seed <= SEEDS; seed++) {
        const contention = new Contention(seed, ways)
        try {
          await contention.run()
        } catch (cause) {
          throw new Error(`seed ${seed}`, { cause })
        }
        for (const [what, count] of Object.entries(contention.counts)) sum[what] = (sum[what] ?? 0) + count
      }
      // What cannot go wrong has not been tested.
      for (const [what, count] of Object.entries(sum)) expect(count, what).toBeGreaterThan(5)
    })
  }
})
