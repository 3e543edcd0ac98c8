import { setTimeout as pause } from 'node:timers/promises'
import type { World } from './world.js'

export const NAMESPACE = '/raft/faults'

/** Short, so that a request that was caught by a fault is over before the fault is. */
export const REQUEST_MS = 2_000

/** Whatever happened before, with all processes up and all roads open the group has to serve again well within this. */
export const SERVING_MS = 60_000

export class NotServing extends Error {
  constructor (message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'NotServing'
  }
}

/** Resolves, with how long it took, when every node has answered a barrier and a write, and every client a write. */
export async function untilServing (world: World, limitMs = SERVING_MS): Promise<number> {
  const began = performance.now()
  const asks: Array<readonly [who: string, ask: () => Promise<unknown>]> = [
    ...world.members.flatMap(({ name, child }) => [
      [name, async () => await child.call('barrier', { namespace: NAMESPACE })],
      [name, async () => await child.call('set', { namespace: NAMESPACE, key: 'probe', value: name })]
    ] as const),
    ...world.outsiders.map(({ name, target }) => [name, async () => await target.set('probe', name)] as const)
  ]
  await Promise.all(asks.map(async ([who, ask]) => { await untilItWorks(who, ask, limitMs) }))
  return performance.now() - began
}

/** Each try ends by itself, after as long as a request may take. */
async function untilItWorks (who: string, ask: () => Promise<unknown>, limitMs: number): Promise<void> {
  const endsAt = performance.now() + limitMs
  for (;;) {
    try {
      await ask()
      return
    } catch (cause) {
      if (performance.now() >= endsAt) throw new NotServing(`${who} does not serve, ${limitMs} ms after the last fault was over: ${String(cause)}`, { cause })
      await pause(20)
    }
  }
}
