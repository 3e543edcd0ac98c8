import { UnavailableError } from '../errors.js'
import { SnapshotInstalls } from './snapshot-install.js'
import type { MemberId, SnapshotMeta } from '../raft/types.js'
import type { GroupStorage, SnapshotManifest } from '../storage/types.js'
import type { Group } from './group.js'
import type { GroupHost } from './group-host.js'
import type { Buildable } from './snapshot-builder.js'
import type { SendingGroup } from './snapshot-sender.js'

/** Between two builds that an overlong log asks for: one that fails is not tried again after every single apply. */
const RETRY_MS = 5_000

interface View { readonly meta: SnapshotMeta, readonly source: AsyncIterable<Uint8Array>, readonly close: () => Promise<void> }

/** One group's snapshots: building its own and compacting the log behind them, and handing them to members that are too far behind. */
export class GroupSnapshots implements Buildable, SendingGroup {
  readonly installs: SnapshotInstalls
  readonly snapshotPhase: number
  taken = 0
  installedCount = 0
  readonly #group: Group
  readonly #host: GroupHost
  /** Index of the newest snapshot. */
  #newest: number
  #triedAt = -Infinity

  constructor (group: Group, host: GroupHost) {
    this.#group = group
    this.#host = host
    this.snapshotPhase = host.random()
    this.#newest = group.storage.snapshots()[0]?.meta.index ?? 0
    this.installs = new SnapshotInstalls(group.storage, group.machine, group.self, () => { host.mark(group) })
  }

  get namespace (): string { return this.#group.namespace }
  get clusterId (): Uint8Array { return this.#group.clusterId }
  get self (): MemberId { return this.#group.self }
  get storage (): GroupStorage { return this.#group.storage }
  get term (): number { return this.#group.core.term }
  get snapshotIntervalMs (): number { return this.#group.init.snapshots.intervalMs }
  get retryMs (): number { return this.#group.init.timings.heartbeatMs }

  /** After each apply: the policy looks at groups that make progress, and at no others. */
  considerBuild (): void {
    const { applies, init, storage, limits } = this.#group
    if (applies.applied - this.#newest < init.snapshots.threshold) return
    const tooLong = storage.logBytes > limits.maxLogBytes && this.#host.clock.now() - this.#triedAt >= RETRY_MS
    if (tooLong) this.#host.builder.requestSoon(this)
    else this.#host.builder.watch(this)
  }

  installed (index: number): void {
    this.#newest = Math.max(this.#newest, index)
    this.installedCount++
  }

  async buildSnapshot (signal: AbortSignal): Promise<void> {
    this.#triedAt = this.#host.clock.now()
    const view = await this.#capture()
    if (view === undefined) return
    try {
      await this.storage.saveSnapshot(view.meta, view.source, { retain: this.#group.init.snapshots.retain, signal })
    } finally {
      await view.close()
    }
    this.#newest = Math.max(this.#newest, view.meta.index)
    this.taken++
    await this.#compact(view.meta)
  }

  async snapshotToSend (): Promise<SnapshotManifest> {
    const newest = this.#toSend()
    if (newest !== undefined) return newest
    await this.#host.builder.request(this)
    const taken = this.#toSend()
    if (taken === undefined) throw new UnavailableError(`${this.namespace} has applied nothing yet that a snapshot could hold`)
    return taken
  }

  leadsIn (term: number): boolean {
    const { ended, core } = this.#group
    return !ended && core.role === 'leader' && core.term === term
  }

  snapshotSent (member: MemberId, index: number): void { this.#group.run(core => { core.snapshotSent(member, index) }) }

  snapshotFailed (member: MemberId): void { this.#group.run(core => { core.snapshotFailed(member) }) }

  /** The newest, if the log goes on from it without a gap. */
  #toSend (): SnapshotManifest | undefined {
    const newest = this.storage.snapshots()[0]
    return newest !== undefined && newest.meta.index >= this.#group.core.status().firstIndex - 1 ? newest : undefined
  }

  /** The machine's view of its state, between two applies. Undefined when the newest snapshot holds all that is applied. */
  async #capture (): Promise<View | undefined> {
    return await new Promise((resolve, reject) => {
      this.#group.applies.atRest(() => { this.#captureNow().then(resolve, reject) })
    })
  }

  async #captureNow (): Promise<View | undefined> {
    const { ended, applies, machine, core } = this.#group
    if (ended) throw new UnavailableError(`${this.namespace} has stopped on this node: no snapshot is taken`)
    if (this.installs.underWay) throw new UnavailableError(`${this.namespace} is just taking over the leader's snapshot: try again after that`)
    const index = machine.appliedIndex
    if (index <= this.#newest) return undefined
    const meta = core.snapshotMeta(index)
    // The machine may need a moment to fix what it shows, and must not apply meanwhile.
    applies.pause()
    try {
      const { index: shown, source, close } = await machine.snapshot()
      if (shown === index) return { meta, source, close }
      await close()
      throw new Error(`the state machine of ${this.namespace} shows its state as of ${shown}, and was asked for ${index}`)
    } finally {
      applies.resume()
    }
  }

  /** The snapshot is durable: the log behind it may go, but never what a restart of the machine would replay. */
  async #compact (meta: SnapshotMeta): Promise<void> {
    const { machine, init, core } = this.#group
    if (this.#group.ended || this.installs.underWay) return
    await machine.flush()
    if (this.#group.ended || this.installs.underWay) return
    const to = Math.min(meta.index - init.snapshots.trailing, machine.durableIndex)
    if (to < core.status().firstIndex) return
    this.#group.run(core => {
      const { term } = core.snapshotMeta(to)
      const prevIndex = core.compact(meta, meta.index - to)
      if (prevIndex !== to) throw new Error(`the core compacted ${this.namespace} to ${prevIndex}, and was asked to go to ${to}`)
      this.#group.writes.compact(prevIndex, term)
      this.#host.writes.add(this.#group)
    })
  }
}
