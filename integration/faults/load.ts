import { setTimeout as pause } from 'node:timers/promises'
import { processTarget } from './target.js'
import type { Random } from '../../test/simulation/random.js'
import type { Call, History, OpenCall } from '../../test/linearizability/history.js'
import type { Target } from './target.js'
import type { World } from './world.js'

/** Many callers may have one target. */
interface Caller { readonly name: string, readonly target: Target, readonly ready: () => boolean }

/** Keys are used for so long, and then others: an operation with an unknown outcome is concurrent with all that follow on its keys, and the search for an order grows with them. */
const AGE_MS = 8_000
const SINGLE_KEYS = 4
const BATCH_KEYS = 3
const WORKERS_OF_A_CLIENT = 3
/** A stopped process does not keep its own deadlines. */
const PATIENCE_MS = 6_000
const THINK_MS = 20

/** Operations by many callers at once on few keys, with every call and answer recorded. */
export class Load {
  readonly counts = { ok: 0, refused: 0, unknown: 0 }
  readonly errors = new Map<string, number>()
  /** Longest time between two acknowledged writes. */
  longestGapMs = 0
  #lastWriteAt = performance.now()
  readonly #abort = new AbortController()
  readonly #workers: Array<Promise<void>> = []

  constructor (private readonly world: World, private readonly history: History, random: Random) {
    const outside = world.outsiders.flatMap(({ name, target }) => Array.from({ length: WORKERS_OF_A_CLIENT }, (_, i) => ({ name: `${name}.${i + 1}`, target, ready: () => true })))
    const inside = world.members.map(member => ({ name: member.name, target: processTarget(() => member.child), ready: () => member.hosting }))
    for (const caller of [...outside, ...inside]) this.#workers.push(this.#work(caller, random.fork()))
  }

  /** No more begin; resolves when those under way have an outcome, or have been given up on. */
  async stop (): Promise<void> {
    this.#abort.abort()
    await Promise.all(this.#workers)
  }

  async #work (caller: Caller, random: Random): Promise<void> {
    for (let n = 1; !this.#abort.signal.aborted; n++) {
      const rest = caller.ready() && await this.#one(caller, this.#draw(caller.name, n, random)) ? random.int(0, THINK_MS) : 100
      await pause(rest)
    }
  }

  /** Each written value is written once, so that what a read returns tells which write it saw. */
  #draw (name: string, n: number, random: Random): Call {
    const age = Math.floor(this.world.journal.elapsedMs / AGE_MS)
    const single = `${age}/single ${random.int(1, SINGLE_KEYS)}`
    const tied = random.shuffle(Array.from({ length: BATCH_KEYS }, (_, i) => `${age}/tied ${i + 1}`))
    const key = random.chance(0.6) ? single : tied[0]
    const value = `${name} ${n}`
    const dice = random.next()
    if (dice < 0.5) return { type: 'get', key }
    if (dice < 0.85) return { type: 'set', key, value }
    if (dice < 0.93) return { type: 'delete', key }
    return { type: 'batch', writes: tied.slice(0, 2).map((key, i) => ({ key, value: random.chance(0.2) ? undefined : `${value}${'+'.repeat(i)}` })) }
  }

  /** Whether it worked. */
  async #one ({ name, target }: Caller, call: Call): Promise<boolean> {
    const open = this.history.begin(name, call)
    try {
      const value = await patiently(perform(target, call))
      open.ok(call.type === 'get' ? value : undefined)
      this.counts.ok++
      if (call.type !== 'get') this.#acknowledged()
      return true
    } catch (error) {
      this.#failed(open, error as Error & { outcome?: string })
      return false
    }
  }

  #failed (open: OpenCall, error: Error & { outcome?: string }): void {
    // What does not say that it was refused may have happened.
    const outcome = error.outcome === 'refused' ? 'refused' : 'unknown'
    open[outcome]()
    this.counts[outcome]++
    this.errors.set(error.name, (this.errors.get(error.name) ?? 0) + 1)
  }

  #acknowledged (): void {
    const now = performance.now()
    this.longestGapMs = Math.max(this.longestGapMs, now - this.#lastWriteAt)
    this.#lastWriteAt = now
  }
}

async function perform (target: Target, call: Call): Promise<string | undefined> {
  switch (call.type) {
    case 'get': return await target.get(call.key)
    case 'set': await target.set(call.key, call.value); return undefined
    case 'delete': await target.delete(call.key); return undefined
    case 'batch': await target.batch(call.writes.map(({ key, value }) => value === undefined ? { type: 'delete', key } : { type: 'set', key, value })); return undefined
  }
}

async function patiently<T> (answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => { timer = setTimeout(() => { reject(Object.assign(new Error('no answer'), { name: 'NoAnswer' })) }, PATIENCE_MS) })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
