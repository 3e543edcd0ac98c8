import { UnknownOutcomeError } from '../errors.js'
import { abortable, asError } from './deferred.js'
import { endedError } from './proposals.js'
import { refusalError } from './refusals.js'
import type { Core, MemberChange, MemberId, Proposed, RaftStatus } from '../raft/types.js'
import type { Group } from './group.js'
import type { GroupHost } from './group-host.js'
import type { Answer } from './proposals.js'
import type { GroupEvents, GroupHandle, GroupStats, WaitOptions } from './types.js'

/** A group as service and formation see it. The signal of `close` bounds the handing over only: what follows is bounded by the disk. */
export class Handle implements GroupHandle {
  readonly #group: Group
  readonly #host: GroupHost
  #closing: Promise<void> | undefined

  constructor (group: Group, host: GroupHost) {
    this.#group = group
    this.#host = host
  }

  get namespace (): string { return this.#group.namespace }
  get clusterId (): Uint8Array { return this.#group.clusterId }
  get self (): MemberId { return this.#group.self }
  get failure (): Error | undefined { return this.#group.failure }

  propose (commands: readonly Uint8Array[], { signal }: WaitOptions = {}): Promise<Answer[]> {
    const refusal = this.#refusal()
    if (refusal !== undefined) return Promise.reject(refusal)
    if (commands.length === 0) return Promise.resolve([])
    this.#host.mark(this.#group)
    return this.#group.proposals.enqueue(commands, signal)
  }

  readIndex ({ signal, lease }: WaitOptions & { lease?: boolean } = {}): Promise<number> {
    if (this.#isOver) return Promise.reject(endedError(this.namespace, this.failure))
    this.#host.mark(this.#group)
    return this.#group.reads.add(this.#host.clock.now(), lease === true, signal)
  }

  async changeMembers (changes: readonly MemberChange[], { signal, expectedIndex, policy }: WaitOptions & { expectedIndex?: number, policy?: string } = {}): Promise<number> {
    this.#assertOpen()
    signal?.throwIfAborted()
    const { index, term } = this.#ask(core => core.changeMembers(changes, this.#host.clock.wall(), expectedIndex, policy))
    await this.#group.proposals.track(index, term, signal)
    return await abortable(this.#whenSettled(index), signal)
  }

  accepts (member: MemberId): boolean { return this.#group.accepts(member) }
  trustedPeers (): ReadonlySet<string> { return this.#group.trustedPeers }
  vouch (members: Iterable<MemberId>, index: number): void { this.#group.vouch(members, index) }

  campaign (): void {
    this.#assertOpen()
    this.#group.run(core => { core.campaign() })
  }

  async transfer (to?: MemberId, { signal }: WaitOptions = {}): Promise<void> {
    this.#assertOpen()
    await this.#transfer(to, signal)
  }

  async snapshot ({ signal }: WaitOptions = {}): Promise<void> {
    this.#assertOpen()
    await abortable(this.#host.builder.request(this.#group.snapshots), signal)
  }

  status (): RaftStatus { return this.#group.core.status() }

  stats (): GroupStats {
    const { counters, snapshots, storage, applies, machine } = this.#group
    return {
      ...counters,
      snapshotsTaken: snapshots.taken,
      snapshotsInstalled: snapshots.installedCount,
      logBytes: storage.logBytes,
      appliedIndex: applies.applied,
      durableIndex: machine.durableIndex
    }
  }

  addEventListener<K extends keyof GroupEvents> (type: K, listener: (event: GroupEvents[K]) => void): void {
    this.#group.events.emitter.addEventListener(type, listener)
  }

  removeEventListener<K extends keyof GroupEvents> (type: K, listener: (event: GroupEvents[K]) => void): void {
    this.#group.events.emitter.removeEventListener(type, listener)
  }

  async close (options: WaitOptions & { handOver?: boolean } = {}): Promise<void> {
    this.#closing ??= this.#close(options)
    await this.#closing
  }

  async #transfer (to: MemberId | undefined, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted()
    this.#ask(core => core.transfer(to))
    await abortable(this.#group.transfers.wait(this.#host.clock.now() + this.#group.patienceMs), signal)
  }

  /** The change at `index` is applied; one that went by way of a joint configuration (Raft §6) is done when that is left again. */
  async #whenSettled (index: number): Promise<number> {
    const settled = (): number | undefined => {
      const { configuration, configurationIndex, configurationPending } = this.status()
      return configuration.outgoing.length === 0 && !configurationPending ? Math.max(index, configurationIndex) : undefined
    }
    const now = settled()
    if (now !== undefined) return now
    return await new Promise((resolve, reject) => {
      const { emitter } = this.#group.events
      const look = (): void => {
        const now = settled()
        if (now === undefined && !this.#group.ended) return
        for (const type of ['configuration', 'failed', 'closed'] as const) emitter.removeEventListener(type, look)
        if (now !== undefined) resolve(now)
        else reject(new UnknownOutcomeError(`${this.namespace} stopped here before its members finished changing: the change at index ${index} is committed and will be carried through`))
      }
      for (const type of ['configuration', 'failed', 'closed'] as const) emitter.addEventListener(type, look)
    })
  }

  /** Ask the core for something that it may refuse. */
  #ask (ask: (core: Core) => Proposed): Proposed & { ok: true } {
    const proposed = this.#group.run(ask)
    if (proposed === undefined) throw endedError(this.namespace, this.failure)
    if (!proposed.ok) throw refusalError(this.namespace, proposed.reason, proposed.detail, this.#group.core.leader)
    return proposed
  }

  get #isOver (): boolean { return this.#group.ended || this.#closing !== undefined }

  #assertOpen (): void {
    if (this.#isOver) throw endedError(this.namespace, this.failure)
  }

  /** Why a write can't even be queued. */
  #refusal (): Error | undefined {
    if (this.#isOver) return endedError(this.namespace, this.failure)
    const { core, applies, limits } = this.#group
    if (core.role !== 'leader') return refusalError(this.namespace, 'not-leader', '', core.leader)
    // What is committed and not yet applied is in memory: a slow state machine must slow its writers down, not fill that.
    const lag = core.commit - applies.applied
    return lag > limits.maxApplyLag ? refusalError(this.namespace, 'busy', `${lag} committed writes wait to be applied`, core.leader) : undefined
  }

  async #close ({ handOver, signal }: WaitOptions & { handOver?: boolean }): Promise<void> {
    const group = this.#group
    if (handOver === true && !group.ended && group.core.role === 'leader') {
      try {
        await this.#transfer(undefined, signal)
      } catch (thrown) {
        // Only a courtesy: without it the others elect one by themselves, a little later.
        this.#host.log('%s: leadership was not handed over before closing: %s', this.namespace, asError(thrown).message)
      }
    }
    if (!group.ended) await this.#windDown()
    await this.#host.builder.forget(group.snapshots)
    await group.applies.rest()
    try {
      await group.machine.close()
    } catch (thrown) {
      if (group.failure === undefined) throw thrown
      this.#host.log('%s: its state machine did not close cleanly after the failure: %s', this.namespace, asError(thrown).message)
    } finally {
      this.#host.closed(group)
      group.events.push('closed', undefined)
      group.events.flush()
    }
  }

  /** What is in hand is finished, nothing new is begun. */
  async #windDown (): Promise<void> {
    const group = this.#group
    group.retire()
    await group.snapshots.installs.stop()
    await this.#host.builder.forget(group.snapshots)
    await this.#host.writes.settled(group)
    group.end(new UnknownOutcomeError(`${this.namespace} was closed on this node before the write was seen to commit: it may still happen, so read before trying again`))
  }
}
