import { encodeKvCommand } from '../../src/machine/kv-command.js'
import { bytes, random } from '../storage/support.js'
import type { KvCommand, KvOp } from '../../src/machine/kv-command.js'
import type { Clock, Timer } from '../../src/clock.js'
import type { HostedMachine, KvReader } from '../../src/machine/types.js'
import type { Entry, SnapshotMeta } from '../../src/raft/types.js'

export const kvPut = (key: string, value: string): KvOp => ({ type: 'put', key: bytes(key), value: bytes(value) })
export const kvDelete = (key: string): KvOp => ({ type: 'delete', key: bytes(key) })

export const entry = (index: number, command: KvCommand | Uint8Array): Entry =>
  ({ index, term: 1, kind: 'command', time: index, data: command instanceof Uint8Array ? command : encodeKvCommand(command) })
export const noop = (index: number): Entry => ({ index, term: 1, kind: 'noop', time: index, data: new Uint8Array(0) })

export const metaAt = (index: number): SnapshotMeta =>
  ({ index, term: 1, time: index, configuration: { voters: ['a'], outgoing: [], learners: [], learnersNext: [] }, configurationIndex: 1 })

/** Timers that fire when the test says so. */
export class ManualTimers implements Pick<Clock, 'setTimer' | 'now' | 'setImmediate'> {
  readonly pending: Array<{ ms: number, fire: () => void }> = []

  setTimer (ms: number, fire: () => void): Timer {
    const timer = { ms, fire }
    this.pending.push(timer)
    return { cancel: () => { if (this.pending.includes(timer)) this.pending.splice(this.pending.indexOf(timer), 1) } }
  }

  now (): number { return 0 }

  setImmediate (fire: () => void): Timer {
    const handle = setImmediate(fire)
    return { cancel: () => { clearImmediate(handle) } }
  }

  fire (): void {
    for (const { fire } of this.pending.splice(0)) fire()
  }
}

/** A log of random commands over few keys: puts, deletes, batches, a command that no version knows, and entries of other kinds. */
export function randomLog (seed: number, length: number): Entry[] {
  const next = random(seed)
  const pick = (n: number): number => Math.floor(next() * n)
  const op = (): KvOp => next() < 0.7 ? kvPut(`k${pick(25)}`, 'v'.repeat(pick(30)) + pick(1000)) : kvDelete(`k${pick(25)}`)
  return Array.from({ length }, (_, i) => {
    const index = i + 1
    const dice = next()
    if (dice < 0.1) return noop(index)
    if (dice < 0.15) return entry(index, Uint8Array.of(200, pick(256)))
    if (dice < 0.35) return entry(index, { type: 'batch', ops: Array.from({ length: pick(5) }, op) })
    return entry(index, op())
  })
}

/** Everything that the KV holds, for comparison: `[key, value]` in key order. */
export async function contents (machine: KvReader): Promise<Array<[string, string]>> {
  const out: Array<[string, string]> = []
  for (const key of await machine.keys(new Uint8Array(0), { limit: 1e6 })) {
    out.push([Buffer.from(key).toString(), Buffer.from(await machine.get(key) ?? bytes('?')).toString()])
  }
  return out
}

export const hex = (results: readonly Uint8Array[]): string[] => results.map(result => Buffer.from(result).toString('hex'))

/** The state as a snapshot's bytes: equal states give equal bytes. */
export async function stateOf (machine: HostedMachine): Promise<string> {
  const { source, close } = await machine.snapshot()
  const parts: Uint8Array[] = []
  for await (const part of source) parts.push(part)
  await close()
  return Buffer.concat(parts).toString('latin1')
}

export async function * pieces (text: string, size: number): AsyncGenerator<Uint8Array> {
  const all = Buffer.from(text, 'latin1')
  for (let from = 0; from < all.length; from += size) yield new Uint8Array(all.subarray(from, from + size))
}
