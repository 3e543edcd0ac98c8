import { setTimeout as pause } from 'node:timers/promises'
import { inject, takesProcess } from './inject.js'
import { describeFault, titleOf } from './plan.js'
import { untilServing } from './serving.js'
import type { Member } from './member.js'
import type { Episode, Fault } from './plan.js'
import type { World } from './world.js'

/** Plays a plan against a world. */
export class Nemesis {
  /** By what they are called. */
  readonly counts = new Map<string, number>()
  /** Longest time from the end of an episode until all served. */
  longestRecoveryMs = 0

  constructor (private readonly world: World, private readonly plan: Iterator<Episode, never>) {}

  /** Until the time is up, or something was seen that must not be: what follows would only blur it. */
  async run (untilMs: number): Promise<void> {
    const { journal, violations } = this.world
    while (journal.elapsedMs < untilMs && violations.length === 0) {
      const { value: episode } = this.plan.next()
      await Promise.all(episode.faults.map(async ({ afterMs, fault }) => {
        await pause(afterMs)
        await this.#inflict(fault)
      }))
      if (episode.untilServing && violations.length === 0) await this.recovered()
      else await pause(episode.peaceMs)
    }
  }

  /** A group that does not come back is a violation too. */
  async recovered (): Promise<void> {
    try {
      const ms = await untilServing(this.world)
      this.longestRecoveryMs = Math.max(this.longestRecoveryMs, ms)
      this.world.journal.say(`all serve again, ${Math.round(ms)} ms later`)
    } catch (error) {
      this.world.violation((error as Error).message)
    }
  }

  async #inflict (fault: Fault): Promise<void> {
    const { journal } = this.world
    const members = this.#victims(fault)
    const names = members.map(member => member === this.world.leader ? `${member.name} (leader)` : member.name).join(', ')
    if (members.length === 0) return
    journal.say(`${fault.kind} ${names}: ${describeFault(fault)}`)
    this.counts.set(titleOf(fault), (this.counts.get(titleOf(fault)) ?? 0) + 1)
    const takes = takesProcess(fault)
    if (takes) for (const member of members) member.taken = true
    try {
      await inject(this.world, fault, members)
      journal.say(`${fault.kind} of ${names} is over`)
    } catch (error) {
      this.world.violation(`${fault.kind} ${names}: ${(error as Error).message}`)
    } finally {
      if (takes) for (const member of members) member.taken = false
    }
  }

  #victims (fault: Fault): Member[] {
    const { members, leader } = this.world
    const { leaderFirst, count, order } = fault.victims
    const inOrder = order.map(i => members[i])
    if (leaderFirst && leader !== undefined) inOrder.unshift(leader)
    const free = [...new Set(inOrder)].filter(member => takesProcess(fault) ? !member.taken : fault.kind === 'partition' || member.running)
    return free.slice(0, count)
  }
}
