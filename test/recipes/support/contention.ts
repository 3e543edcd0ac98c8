import { LockLostError } from '../../../src/errors.js'
import { Register } from './register.js'
import { World } from './world.js'
import type { Held } from '../../../src/recipes/place.js'
import type { TurnOptions } from '../../../src/recipes/turns.js'
import type { Fate, SimClient } from './client.js'
import type { Random } from '../../simulation/random.js'

export type Holding = Held & { release: () => Promise<void> }
export interface Ways {
  readonly permits: number
  readonly acquire: (client: SimClient, options: TurnOptions) => Promise<Holding>
  readonly tryAcquire: (client: SimClient, options: TurnOptions) => Promise<Holding | undefined>
}

interface Holder { readonly contender: Contender, readonly held: Holding }
interface Contender { readonly client: SimClient, standing: boolean, dead: boolean }

/**
 * Processes that take the same thing again and again, with messages that take their time or get lost, pauses, deaths, and callers who give up.
 * At every moment it is checked that no more hold it, to their own knowledge, than may.
 */
export class Contention {
  readonly world: World
  readonly disk = new Register()
  /** Times that it was held; refused fences; and what else went on, so that a test can see that it did. */
  readonly counts = { held: 0, fencedOut: 0, lost: 0, pauses: 0, deaths: 0, gaveUp: 0 }
  private readonly random: Random
  private readonly holders = new Set<Holder>()
  private lastToken = 0

  constructor (seed: number, private readonly ways: Ways) {
    this.world = new World(seed)
    this.random = this.world.random.fork()
    this.world.slowness = this.random.pick([1, 10, 60])
  }

  async run (): Promise<void> {
    const troubled = this.random.chance(0.7)
    const contenders = Array.from({ length: this.random.int(2, 6) }, () => this.contender(troubled))
    await this.world.run(Promise.all(contenders.map(async contender => { await this.live(contender, this.random.int(2, 6)) })))
    for (const { client } of contenders) client.fate = () => 'done'
    // The last leases of those who died, and of grants that nobody heard of.
    await this.world.advance(20_000)
    const left = this.world.group.keys().filter(key => key.startsWith('\0'))
    if (left.length > 0 || this.world.group.kv.leases().size > 0) throw new Error(`left behind: ${JSON.stringify(left)}, ${this.world.group.kv.leases().size} leases`)
    this.world.close()
  }

  private contender (troubled: boolean): Contender {
    const client = this.world.client()
    const random = this.random.fork()
    if (troubled) {
      client.fate = () => random.chance(0.1) ? random.pick<Fate>(['refused', 'lost', 'unanswered', 'late']) : 'done'
      client.failing = () => random.chance(0.1)
    }
    return { client, standing: false, dead: false }
  }

  private async live (contender: Contender, rounds: number): Promise<void> {
    const { client } = contender
    const { random } = this
    for (let round = 0; round < rounds && !contender.dead; round++) {
      await this.sleep(random.int(0, 300))
      const giving = new AbortController()
      const timer = random.chance(0.2) ? this.world.clock.setTimer(random.int(0, 4_000), () => { giving.abort(new Error('enough')) }) : undefined
      const options = { ttl: random.pick([500, 2_000, 5_000]), signal: giving.signal }
      try {
        const held = random.chance(0.2) ? await this.ways.tryAcquire(client, options) : await this.ways.acquire(client, random.chance(0.2) ? { ...options, wait: random.int(0, 3_000) } : options)
        timer?.cancel()
        if (held !== undefined) await this.hold({ contender, held })
      } catch (error) {
        // With lost answers, anything may fail; but nothing may be held by whoever was told so.
        if (error instanceof Broken) throw error
        this.counts.gaveUp++
      } finally {
        timer?.cancel()
      }
    }
  }

  private async hold (holder: Holder): Promise<void> {
    const { contender, held } = holder
    if (held.signal.aborted) return
    this.counts.held++
    this.holders.add(holder)
    this.check()
    if (this.ways.permits === 1) {
      if (held.token <= this.lastToken) throw new Broken(`token ${held.token} after ${this.lastToken}`)
      this.lastToken = held.token
    }
    if (this.random.chance(0.15)) return this.die(holder)
    if (this.random.chance(0.25)) await this.pause(contender, this.random.int(1, 8_000))
    await this.sleep(this.random.int(0, 400))
    try {
      await this.write(holder)
      this.check()
    } finally {
      this.holders.delete(holder)
      if (held.signal.aborted) this.counts.lost++
      await held.release()
    }
  }

  /** Its fence must hold exactly for as long as its key is there; and outside, nobody who is later is written over. */
  private async write ({ contender: { client }, held }: Holder): Promise<void> {
    const there = (): boolean => this.world.group.kv.row(held.key)?.createRevision === held.token
    const before = there()
    const { succeeded } = await client.txn({ compare: [held.fence()], then: [{ type: 'set', key: 'last', value: String(held.token) }] })
    if ((succeeded && !before) || (!succeeded && there())) throw new Broken('a fence that does not tell who holds it')
    if (!succeeded) this.counts.fencedOut++
    if (!this.disk.write(String(held.token), held.token)) this.counts.fencedOut++
  }

  /** All who run, and believe that they hold it. */
  private check (): void {
    const now = [...this.holders].filter(({ contender, held }) => !contender.standing && !contender.dead && !held.signal.aborted)
    if (now.length > this.ways.permits) throw new Broken(`${now.length} hold it at a time: ${now.map(({ held }) => held.token).join(', ')}`)
    for (const { held } of now) if (held.signal.reason !== undefined && !(held.signal.reason instanceof LockLostError)) throw new Broken('lost for no reason')
  }

  private async pause (contender: Contender, ms: number): Promise<void> {
    this.counts.pauses++
    contender.standing = true
    contender.client.process.pause()
    await this.sleep(ms)
    contender.client.process.resume()
    contender.standing = false
    this.check()
  }

  private die ({ contender }: Holder): void {
    this.counts.deaths++
    contender.dead = true
    contender.client.process.kill()
  }

  private async sleep (ms: number): Promise<void> {
    await new Promise<void>(resolve => { this.world.clock.setTimer(ms, resolve) })
  }
}

/** A promise did not hold. */
export class Broken extends Error {}
