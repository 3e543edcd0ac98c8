import { asError, defer } from './deferred.js'
import type { SnapshotInstall } from './pending-writes.js'
import type { HostedMachine, PreparedRestore } from '../machine/types.js'
import type { InstallSnapshot, MemberId, SnapshotMeta } from '../raft/types.js'
import type { GroupStorage, SnapshotStaging, StoreOp } from '../storage/types.js'
import type { SnapshotOffer } from '../wire/types.js'

/**
 * `preparing`: the machine reads it, beside its present state. `prepared`: waits for the apply queue to be idle, to be stepped into the
 * core. `writing`: the core took it, and it is in the batch that replaces the log. `committing`: durable; the machine switches over.
 */
type Phase = 'preparing' | 'prepared' | 'writing' | 'committing'

/** One received snapshot on its way into force. */
class Install implements SnapshotInstall {
  phase: Phase = 'preparing'
  prepared: PreparedRestore | undefined
  error: Error | undefined
  /** Resolves, and never rejects, when it is in force, dropped or given up. */
  readonly ended = defer()
  promoted: () => void = () => {}

  constructor (readonly offer: SnapshotOffer, readonly storage: GroupStorage) {}

  get meta (): SnapshotMeta { return this.offer.manifest.meta }

  addTo (ops: StoreOp[]): void {
    this.promoted = this.storage.promoteStaged(ops, this.offer.manifest)
    for (const op of this.prepared?.ops ?? []) ops.push(op)
  }
}

/**
 * The receiving end of a snapshot. Everything that is risky or slow (verifying, reading it into the machine) happens beside the present
 * state; what is left is one batch that replaces log and state together, at a moment when no entry is being applied.
 */
export class SnapshotInstalls {
  readonly #storage: GroupStorage
  readonly #machine: HostedMachine
  readonly #self: MemberId
  readonly #wake: () => void
  #current: Install | undefined
  #stopped = false

  /** `wake`: there is a prepared snapshot to step. */
  constructor (storage: GroupStorage, machine: HostedMachine, self: MemberId, wake: () => void) {
    this.#storage = storage
    this.#machine = machine
    this.#self = self
    this.#wake = wake
  }

  /** The core has taken one: log and machine are not of one mind until it is in force. */
  get underWay (): boolean { return this.#current?.phase === 'writing' || this.#current?.phase === 'committing' }

  /** Where to put an offered snapshot; undefined while another is being installed: that one must not be replaced under way. */
  async stage (offer: SnapshotOffer): Promise<SnapshotStaging | undefined> {
    if (this.#current !== undefined || this.#stopped) return undefined
    return await this.#storage.stage(offer.manifest)
  }

  /** Resolves when the snapshot is in force, or was dropped because it is not needed any more. */
  async received (offer: SnapshotOffer): Promise<void> {
    if (this.#current !== undefined || this.#stopped) return
    const install = new Install(offer, this.#storage)
    this.#current = install
    try {
      install.prepared = await this.#machine.prepareRestore(this.#storage.openStaged(offer.manifest), install.meta)
      install.phase = 'prepared'
    } catch (thrown) {
      // It can't be read as a state: this member keeps its own, and the leader is told, and sends it again.
      install.error = asError(thrown)
    }
    if (install.error !== undefined || this.#stopped) await this.#drop(install)
    else this.#wake()
    await install.ended.promise
    if (install.error !== undefined) throw install.error
  }

  /** The message that offers a prepared snapshot to the core; to be stepped while the apply queue is idle. */
  toStep (): InstallSnapshot | undefined {
    const install = this.#current
    if (install?.phase !== 'prepared' || this.#stopped) return undefined
    return { type: 'install-snapshot', from: install.offer.from, to: this.#self, term: install.offer.term, meta: install.meta }
  }

  /** The core's write replaces the log by a snapshot: it can only be the one that was just stepped. */
  taken (meta: SnapshotMeta): SnapshotInstall {
    const install = this.#current
    if (install?.phase !== 'prepared' || install.meta.index !== meta.index || install.meta.term !== meta.term) {
      throw new Error(`the core installs a snapshot of index ${meta.index} in term ${meta.term} that was not received`)
    }
    install.phase = 'writing'
    return install
  }

  /** After the step: what the core has not taken, it holds already. */
  dropUnlessTaken (): void {
    if (this.#current?.phase === 'prepared') void this.#drop(this.#current)
  }

  /** The batch is durable: put the state in force. */
  async commit (): Promise<SnapshotMeta> {
    const install = this.#current
    if (install?.phase !== 'writing' || install.prepared === undefined) throw new Error('a snapshot was written that nobody installs')
    install.phase = 'committing'
    try {
      install.promoted()
      await install.prepared.commit()
    } catch (thrown) {
      install.error = asError(thrown)
      throw thrown
    } finally {
      this.#end(install)
    }
    return install.meta
  }

  /** Install nothing more. What the core has taken is put in force first; the rest is dropped. */
  async stop (): Promise<void> {
    this.#stopped = true
    const install = this.#current
    if (install?.phase === 'prepared') await this.#drop(install)
    else await install?.ended.promise
  }

  /** The group has failed: what may be in a batch on its way is left alone, for the next start to find. */
  fail (error: Error): void {
    this.#stopped = true
    const install = this.#current
    if (install === undefined) return
    install.error ??= error
    if (install.phase === 'prepared') void this.#drop(install)
    else if (install.phase !== 'preparing') this.#end(install)
  }

  /** Never rejects: leftovers are found, and removed, when storage is next opened. */
  async #drop (install: Install): Promise<void> {
    install.phase = 'preparing'
    try {
      await install.prepared?.abort()
      await this.#storage.discardStaged()
    } catch (thrown) {
      install.error ??= asError(thrown)
    } finally {
      this.#end(install)
    }
  }

  #end (install: Install): void {
    if (this.#current === install) this.#current = undefined
    install.ended.resolve()
  }
}
