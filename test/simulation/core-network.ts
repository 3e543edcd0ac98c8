import type { MemberId, Message } from '../../src/raft/types.js'
import type { Plan } from './plan.js'
import { TICK_MS } from './plan.js'
import type { Random } from './random.js'
import type { Scheduler } from './scheduler.js'

/** Loses, delays, duplicates and so reorders messages, and cuts links in one direction or both. */
export class CoreNetwork {
  private readonly cut = new Set<string>()
  /** How much longer a message takes on a link. */
  private readonly slowed = new Map<string, number>()
  private healed = false

  constructor (
    private readonly plan: Plan,
    private readonly random: Random,
    private readonly scheduler: Scheduler,
    private readonly deliver: (message: Message) => void
  ) {}

  blocked (from: MemberId, to: MemberId): boolean {
    return this.cut.has(`${from}>${to}`)
  }

  block (from: MemberId, to: MemberId): void {
    this.cut.add(`${from}>${to}`)
  }

  unblock (from: MemberId, to: MemberId): void {
    this.cut.delete(`${from}>${to}`)
  }

  /** Messages that leave from now on take so much longer; 0: as long as any other. */
  slow (from: MemberId, to: MemberId, ms: number): void {
    this.slowed.set(`${from}>${to}`, ms)
  }

  /** From now on every message arrives, soon. What is still on its way stays as late as it is. */
  heal (): void {
    this.healed = true
    this.cut.clear()
    this.slowed.clear()
  }

  /** Whether one message would get through now. */
  loses (from: MemberId, to: MemberId): boolean {
    return this.blocked(from, to) || (!this.healed && this.random.chance(this.plan.network.loss))
  }

  delay (): number {
    const { minMs, meanMs, straggle, straggleMs } = this.plan.network
    // Timeouts are meant to be long enough for the network that they are used on.
    if (this.healed) return Math.min(minMs + this.random.exponential(meanMs), this.plan.electionTicks * TICK_MS / 20)
    if (this.random.chance(straggle)) return Math.min(this.random.exponential(straggleMs), 6 * this.plan.electionTicks * TICK_MS)
    return minMs + this.random.exponential(meanMs)
  }

  send (message: Message): void {
    const { from, to } = message
    if (this.loses(from, to)) return
    const copies = !this.healed && this.random.chance(this.plan.network.duplicate) ? 2 : 1
    for (let i = 0; i < copies; i++) {
      // What is on its way when a link is cut still arrives: old news, after the cut, is what stale answers are made of.
      this.scheduler.after(this.delay() + (this.slowed.get(`${from}>${to}`) ?? 0), () => this.deliver(message))
    }
  }
}
