import { asError } from './deferred.js'
import { Fifo } from './fifo.js'
import type { Clock } from '../clock.js'
import type { MemberId } from '../raft/types.js'
import type { GroupStorage, SnapshotManifest } from '../storage/types.js'
import type { Network } from '../wire/types.js'
import type { EngineLog } from './options.js'

export interface SendingGroup {
  readonly namespace: string
  readonly clusterId: Uint8Array
  readonly self: MemberId
  readonly storage: GroupStorage
  readonly term: number
  /** Pause before a failed transfer is tried again, ms. */
  readonly retryMs: number
  /** Leads in `term`, and has not stopped. */
  leadsIn: (term: number) => boolean
  /** A complete snapshot that the log goes on from; taken first where there is none. */
  snapshotToSend: () => Promise<SnapshotManifest>
  snapshotSent: (member: MemberId, index: number) => void
  snapshotFailed: (member: MemberId) => void
}

interface Job<G> { readonly group: G, readonly member: MemberId, readonly term: number, readonly abort: AbortController }

/**
 * Snapshots on their way to members that are too far behind for the log: one for a member at a time, a few for the node, and never in the
 * way of anything else (openraft: one unreachable peer held up all).
 */
export class SnapshotSender<G extends SendingGroup> {
  readonly #network: Network
  readonly #clock: Clock
  readonly #atOnce: number
  readonly #log: EngineLog
  readonly #jobs = new Map<G, Map<MemberId, Job<G>>>()
  readonly #queue = new Fifo<Job<G>>()
  #running = 0

  constructor (network: Network, clock: Clock, atOnce: number, log: EngineLog) {
    this.#network = network
    this.#clock = clock
    this.#atOnce = atOnce
    this.#log = log
  }

  send (group: G, member: MemberId): void {
    const jobs = this.#jobs.get(group) ?? new Map<MemberId, Job<G>>()
    const before = jobs.get(member)
    if (before?.term === group.term) return
    before?.abort.abort(new Error(`the term of ${group.namespace} has moved on`))
    const job = { group, member, term: group.term, abort: new AbortController() }
    jobs.set(member, job)
    this.#jobs.set(group, jobs)
    this.#queue.push(job)
    this.#pump()
  }

  /** It no longer leads, or is closing: a transfer in its name would be of no use. */
  forget (group: G): void {
    for (const job of this.#jobs.get(group)?.values() ?? []) job.abort.abort(new Error(`${group.namespace} no longer leads on this node`))
    this.#jobs.delete(group)
  }

  #pump (): void {
    while (this.#running < this.#atOnce) {
      const job = this.#queue.shift()
      if (job === undefined) return
      if (job.abort.signal.aborted) continue
      this.#running++
      void this.#run(job).finally(() => {
        this.#running--
        this.#pump()
      })
    }
  }

  async #run ({ group, member, term, abort: { signal } }: Job<G>): Promise<void> {
    try {
      const manifest = await group.snapshotToSend()
      signal.throwIfAborted()
      const offer = { clusterId: group.clusterId, from: group.self, to: member, term, manifest }
      await this.#network.sendSnapshot(offer, from => group.storage.chunks(manifest, from), { signal })
      this.#end(group, member, term, () => { group.snapshotSent(member, manifest.meta.index) })
    } catch (thrown) {
      if (signal.aborted) return
      this.#log('sending a snapshot of %s to %s failed, it is tried again: %s', group.namespace, member, asError(thrown).message)
      // Told a little later: a member that refuses at once would otherwise be offered the next one at once.
      this.#clock.setTimer(group.retryMs, () => { this.#end(group, member, term, () => { group.snapshotFailed(member) }) })
    }
  }

  #end (group: G, member: MemberId, term: number, tell: () => void): void {
    const jobs = this.#jobs.get(group)
    if (jobs?.get(member)?.term !== term) return
    jobs.delete(member)
    if (jobs.size === 0) this.#jobs.delete(group)
    if (group.leadsIn(term)) tell()
  }
}
