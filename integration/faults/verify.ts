import { setTimeout as pause } from 'node:timers/promises'
import { checkLinearizable } from '../../test/linearizability/check.js'
import { writesOf } from '../../test/linearizability/history.js'
import { NAMESPACE } from './serving.js'
import type { State } from './node-api.js'
import type { Member } from './member.js'
import type { World } from './world.js'
import type { History, Operation } from '../../test/linearizability/history.js'

const AGREE_MS = 30_000

/** With the load stopped and all nodes serving: what each of them holds, and whether it can be what clients were told. */
export async function verify (world: World, history: History): Promise<{ checked: number }> {
  const operations = history.operations()
  const keys = new Set(operations.flatMap(({ action }) => action.type === 'batch' ? action.writes.map(({ key }) => key) : [action.key]))
  const states = await agreedStates(world.members)
  for (const [name, rows] of states) {
    for (const key of keys) history.finalRead(`${name} at the end`, key, rows.get(key))
    for (const text of unaccounted(operations, rows)) world.violation(`${name}: ${text}`)
    for (const key of rows.keys()) if (!keys.has(key) && key !== 'probe') world.violation(`${name} holds ${key}, which nobody wrote`)
  }
  const verdict = checkLinearizable(history.operations())
  if (verdict.ok === true) return { checked: verdict.checked }
  if (verdict.ok === false) world.violation(`not linearizable (${verdict.key}):\n${verdict.explanation}`)
  else world.violation(`no verdict on ${verdict.key} after ${verdict.configurations} configurations`)
  return { checked: 0 }
}

/**
 * The state of each node once all have applied the same entries. What a client gave up on may still be in a log and commit late, so a
 * difference counts only between states of the same index.
 */
async function agreedStates (members: readonly Member[]): Promise<Map<string, Map<string, string>>> {
  const limit = AbortSignal.timeout(AGREE_MS)
  for (;;) {
    await Promise.all(members.map(async ({ child }) => await child.call('barrier', { namespace: NAMESPACE, timeoutMs: AGREE_MS })))
    const states = await Promise.all(members.map(async ({ child }) => await child.call('state', { namespace: NAMESPACE })))
    if (states.every((state): state is State => state !== undefined && state.applied === states[0]?.applied)) {
      return new Map(members.map(({ name }, i) => [name, new Map(states[i].rows)]))
    }
    if (limit.aborted) throw new Error(`After ${AGREE_MS} ms without load the nodes have applied ${states.map(state => state?.applied).join(', ')}`)
    await pause(50)
  }
}

/** Acknowledged writes that are not there although no other write to their key can have come after them. Independent of the checker. */
export function unaccounted (operations: readonly Operation[], rows: ReadonlyMap<string, string>): string[] {
  const faults: string[] = []
  for (const [key, writes] of writesByKey(operations)) {
    const found = rows.get(key)
    const lastBegan = Math.max(...writes.filter(({ ended }) => ended !== Infinity).map(({ began }) => began))
    // Of two acknowledged writes the earlier is gone if it ended before the later began.
    const possible = writes.filter(({ ended }) => ended >= lastBegan)
    const absent = lastBegan === -Infinity
    if (!possible.some(({ value }) => value === found) && !(absent && found === undefined)) {
      faults.push(`${key} is ${found === undefined ? 'absent' : `"${found}"`}, and can only be ${possible.map(({ value }) => value === undefined ? 'absent' : `"${value}"`).join(' or ')}`)
    }
  }
  return faults
}

interface Timed { readonly value: string | undefined, readonly began: number, readonly ended: number }

function writesByKey (operations: readonly Operation[]): Map<string, Timed[]> {
  const byKey = new Map<string, Timed[]>()
  for (const { action, call, return: ended } of operations) {
    for (const { key, value } of writesOf(action)) {
      const writes = byKey.get(key)
      if (writes === undefined) byKey.set(key, [{ value, began: call, ended }])
      else writes.push({ value, began: call, ended })
    }
  }
  return byKey
}
