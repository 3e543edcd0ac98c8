import { randomBytes } from 'node:crypto'
import { concat } from './bytes.js'
import { corrupt, readable } from './damage.js'
import { deleteRange } from './delete-range.js'
import { FrameLog, termAt } from './frame-log.js'
import { GroupKeys } from './keys.js'
import { decodeHardState, decodeIdentity, decodeNamed, encodeHardState, encodeIdentity, encodeNamed } from './records.js'
import { refuseSealed, SealedVault } from './sealed-vault.js'
import { Snapshots } from './snapshots.js'
import { NOT_ENCRYPTED, plainVault } from './vault.js'
import type { KeyRing } from '../keys/index.js'
import type { LogContents } from './frame-log.js'
import type { HardStateRecord } from './records.js'
import type { VaultLog } from './sealed-vault.js'
import type { AtRest, Vault } from './vault.js'
import type { GroupIdentity, GroupStorage, OrderedStore, SnapshotChunk, SnapshotManifest, SnapshotStaging, StoreOp } from './types.js'
import type { Entry, InitialState, SnapshotMeta, StorageWrite } from '../raft/types.js'

export interface GroupStorageOptions {
  /** Snapshots kept when one arrives from a peer. Default 3. */
  readonly retain?: number
  /** Bytes of already applied entries handed to the core at start, for followers that are a little behind. Default 64 KiB. */
  readonly cachedBytes?: number
  /** 16 hex digits, for snapshot ids. Default: from the system's randomness; a simulator hands in its own. */
  readonly randomId?: () => string
  /** Encryption at rest: what is written is sealed with the ring's current key. */
  readonly keys?: KeyRing
  readonly log?: VaultLog
}

/**
 * Opens what this node holds of a group, and checks it: continuity and checksums of the log, that it covers what vote, commit and
 * snapshot claim, that every snapshot has its chunks. Finishes a `destroy` that a crash interrupted.
 *
 * Nothing torn is ever cut here. LevelDB drops a batch that a crash tore, whole and by its own checksum, before it was acknowledged; a
 * frame that it hands back was written whole once, so one that is damaged may have been acknowledged, and is refused.
 *
 * @throws StoreCorruptError naming the namespace, what is damaged and the way out; EncryptionKeyError if the data needs a key that is not there
 */
export async function openGroupStorage (store: OrderedStore, namespace: string, options: GroupStorageOptions = {}): Promise<GroupStorage> {
  return await LevelGroupStorage.open(store, namespace, options)
}

const silent: VaultLog = Object.assign(() => {}, { error: () => {} })

class LevelGroupStorage implements GroupStorage {
  readonly #store: OrderedStore
  readonly #keys: GroupKeys
  readonly #cachedBytes: number
  readonly #snapshotOptions: { retain: number, randomId: () => string }
  /** Undefined without encryption. */
  #sealed: SealedVault | undefined
  #identity: GroupIdentity | undefined
  #log!: FrameLog
  #snapshots!: Snapshots
  #hard: HardStateRecord | undefined
  /** What the scan at open found; gone with the first append. */
  #contents: LogContents | undefined

  private constructor (store: OrderedStore, readonly namespace: string, options: GroupStorageOptions) {
    this.#store = store
    this.#keys = new GroupKeys(namespace)
    this.#cachedBytes = options.cachedBytes ?? 64 * 1024
    this.#snapshotOptions = { retain: options.retain ?? 3, randomId: options.randomId ?? (() => randomBytes(8).toString('hex')) }
  }

  static async open (store: OrderedStore, namespace: string, options: GroupStorageOptions): Promise<LevelGroupStorage> {
    const storage = new LevelGroupStorage(store, namespace, options)
    if (await store.get(storage.#keys.destroying) !== undefined) await storage.#finishDestroy(() => [])
    await storage.#openVault(options)
    await storage.#load()
    storage.#sealed?.start()
    return storage
  }

  get identity (): GroupIdentity | undefined { return this.#identity }
  get logBytes (): number { return this.#log.bytes }
  get vault (): Vault { return this.#sealed ?? plainVault }
  get atRest (): AtRest { return this.#sealed?.status ?? NOT_ENCRYPTED }

  async initial (applied: number): Promise<InitialState> {
    const hard = this.#hard
    const contents = this.#contents
    if (hard === undefined || contents === undefined) {
      throw new Error(`initial() of ${this.namespace} comes after the group was created or found, and before its first append`)
    }
    const { start, lastIndex } = this.#log
    const snapshot = this.#snapshots.list()[0]?.meta
    if (applied > lastIndex) throw this.#corrupt(`its state machine holds index ${applied}, its log ends at ${lastIndex}`)
    if (applied < start.index) throw this.#corrupt(`its state machine holds index ${applied}, and the log begins after ${start.index}: what lies between is gone`)
    const entries = await this.#log.read(this.#log.tailStart(applied, this.#cachedBytes), Number.MAX_SAFE_INTEGER)
    const known = snapshot !== undefined ? [{ index: snapshot.configurationIndex, configuration: snapshot.configuration }] : []
    return {
      // The commit on disk is a hint that may lag behind; what is applied, or in a snapshot, was committed.
      hardState: { ...hard.hardState, commit: Math.max(hard.hardState.commit, applied, snapshot?.index ?? 0) },
      snapshot,
      prevIndex: start.index,
      prevTerm: start.term,
      entries,
      terms: contents.terms,
      lastIndex,
      configurations: [...known, ...contents.configurations.filter(({ index }) => index > (snapshot?.configurationIndex ?? 0))],
      applied
    }
  }

  async create (identity: GroupIdentity, genesis?: Entry): Promise<void> {
    if (this.#identity !== undefined) throw new Error(`${this.namespace} exists on this node already, as incarnation ${this.#identity.incarnation}`)
    if (genesis !== undefined && genesis.index !== 1) throw new Error(`a genesis entry has index 1, not ${genesis.index}`)
    const ops: StoreOp[] = [this.vault.put(this.#keys.identity, encodeIdentity(this.#keys.identity, identity))]
    if (genesis !== undefined) this.#log.append(ops, [genesis])
    // Every founder starts from the same genesis entry: it is committed by agreement, before there is a log.
    const hard = { hardState: { term: genesis?.term ?? 0, commit: genesis?.index ?? 0 }, lastIndex: this.#log.lastIndex, lastTerm: this.#log.lastTerm }
    ops.push(this.vault.put(this.#keys.hardState, encodeHardState(this.#keys.hardState, hard)))
    await this.#store.batch(ops, { sync: true })
    await this.#load()
  }

  append (ops: StoreOp[], write: StorageWrite): void {
    const { snapshot, entries, hardState } = write
    const stored = this.#hard
    if (stored === undefined) throw new Error(`${this.namespace} has no identity on this node yet: create it first`)
    this.#contents = undefined
    if (snapshot !== undefined) this.#log.reset(ops, { index: snapshot.index, term: snapshot.term })
    const truncated = entries.length > 0 && this.#log.append(ops, entries)
    // The stored claim must never ask for more than the log holds, so whatever shortens the log renews it.
    if (hardState === undefined && snapshot === undefined && !truncated) return
    this.#hard = { hardState: hardState ?? stored.hardState, lastIndex: this.#log.lastIndex, lastTerm: this.#log.lastTerm }
    ops.push(this.vault.put(this.#keys.hardState, encodeHardState(this.#keys.hardState, this.#hard)))
  }

  async read (from: number, maxBytes: number): Promise<Entry[]> {
    return await this.#log.read(from, maxBytes)
  }

  compact (ops: StoreOp[], prevIndex: number, prevTerm: number): void {
    this.#contents = undefined
    this.#log.compact(ops, { index: prevIndex, term: prevTerm })
  }

  async getStable (name: string): Promise<Uint8Array | undefined> {
    const key = this.#keys.named(name)
    const stored = await this.#store.get(key)
    return stored === undefined ? undefined : readable(this.namespace, `the value kept as '${name}'`, () => decodeNamed(key, this.vault.open(key, stored)))
  }

  putStable (ops: StoreOp[], name: string, value: Uint8Array | undefined): void {
    const key = this.#keys.named(name)
    ops.push(value !== undefined ? this.vault.put(key, encodeNamed(key, value)) : { type: 'del', key })
  }

  async saveSnapshot (meta: SnapshotMeta, source: AsyncIterable<Uint8Array>, options: { retain: number, signal?: AbortSignal }): Promise<SnapshotManifest> {
    return await this.#snapshots.save(meta, source, options)
  }

  snapshots (): SnapshotManifest[] { return this.#snapshots.list() }

  chunks (manifest: SnapshotManifest, from: number): AsyncIterable<SnapshotChunk> { return this.#snapshots.chunks(manifest, from) }

  openSnapshot (manifest: SnapshotManifest): AsyncIterable<Uint8Array> { return this.#snapshots.bytes(manifest) }

  async stage (manifest: SnapshotManifest): Promise<SnapshotStaging> { return await this.#snapshots.stage(manifest) }

  openStaged (manifest: SnapshotManifest): AsyncIterable<Uint8Array> { return this.#snapshots.bytes(manifest) }

  promoteStaged (ops: StoreOp[], manifest: SnapshotManifest): () => void { return this.#snapshots.promote(ops, manifest) }

  async discardStaged (): Promise<void> { await this.#snapshots.discard() }

  async destroy (): Promise<void> {
    // Identity and vote go at once with a mark, so that a crash in the middle can't leave a member with half its memory.
    await this.#store.batch([
      { type: 'put', key: this.#keys.destroying, value: Uint8Array.of(1) },
      { type: 'del', key: this.#keys.identity },
      { type: 'del', key: this.#keys.hardState }
    ], { sync: true })
    if (this.#sealed === undefined) await this.#finishDestroy(() => [])
    else await this.#sealed.emptied(async last => { await this.#finishDestroy(last) })
    await this.#load()
  }

  async close (): Promise<void> { await this.#sealed?.close() }

  async #openVault ({ keys: ring, log }: GroupStorageOptions): Promise<void> {
    const { namespace } = this
    if (ring === undefined) await refuseSealed(this.#store, namespace, this.#keys)
    else this.#sealed = await SealedVault.open({ store: this.#store, namespace, keys: this.#keys, ring, randomId: this.#snapshotOptions.randomId, log: log ?? silent })
  }

  /** `last`: goes in the batch that ends it. */
  async #finishDestroy (last: () => StoreOp[]): Promise<void> {
    const { gte, lt } = this.#keys.all
    const mark = this.#keys.destroying
    // Synced all along: data that came back after a power cut would be taken for the next incarnation's.
    await deleteRange(this.#store, { gte, lt: mark }, { sync: true })
    await deleteRange(this.#store, { gte: concat(mark, Uint8Array.of(0)), lt }, { sync: true })
    await this.#store.batch([{ type: 'del', key: mark }, ...last()], { sync: true })
  }

  async #load (): Promise<void> {
    const { log, contents } = await FrameLog.load(this.#store, this.#keys, this.namespace, this.vault)
    const [identity, hard] = await this.#store.getMany([this.#keys.identity, this.#keys.hardState])
    this.#log = log
    this.#contents = contents
    this.#identity = identity === undefined ? undefined : readable(this.namespace, 'its identity', () => decodeIdentity(this.#keys.identity, this.vault.open(this.#keys.identity, identity)))
    this.#hard = hard === undefined ? undefined : readable(this.namespace, 'its vote', () => decodeHardState(this.#keys.hardState, this.vault.open(this.#keys.hardState, hard)))
    this.#snapshots = await Snapshots.load(this.#store, this.#keys, this.namespace, { ...this.#snapshotOptions, vault: this.vault })
    this.#check(contents)
  }

  #check (contents: LogContents): void {
    const { start, lastIndex, isEmpty } = this.#log
    const hard = this.#hard
    if (this.#identity === undefined || hard === undefined) {
      if (this.#identity === undefined && hard === undefined && isEmpty && start.index === 0 && this.#snapshots.list().length === 0) return
      throw this.#corrupt(`its ${this.#identity === undefined ? 'identity' : 'vote'} is gone, and the rest is there`)
    }
    const term = (index: number): number | undefined => termAt(contents, start, lastIndex, index)
    if (hard.lastIndex > lastIndex) throw this.#corrupt(`its log ends at index ${lastIndex}, and reached ${hard.lastIndex} before`)
    if (hard.lastIndex >= start.index && term(hard.lastIndex) !== hard.lastTerm) {
      throw this.#corrupt(`index ${hard.lastIndex} of its log has term ${term(hard.lastIndex)}, and had ${hard.lastTerm} before`)
    }
    if (hard.hardState.commit > lastIndex) throw this.#corrupt(`its log ends at index ${lastIndex}, and was committed up to ${hard.hardState.commit}`)
    if (this.#log.lastTerm > hard.hardState.term) throw this.#corrupt(`its log has entries of term ${this.#log.lastTerm}, its vote is of term ${hard.hardState.term}`)
    const newest = this.#snapshots.list()[0]?.meta
    if (newest === undefined) {
      if (start.index > 0) throw this.#corrupt(`its log begins after index ${start.index}, and there is no snapshot of what came before`)
      return
    }
    if (newest.index < start.index) throw this.#corrupt(`its newest snapshot is of index ${newest.index}, and its log begins after ${start.index}`)
    if (newest.index > lastIndex) throw this.#corrupt(`its newest snapshot is of index ${newest.index}, and its log ends at ${lastIndex}`)
    if (term(newest.index) !== newest.term) throw this.#corrupt(`index ${newest.index} has term ${newest.term} in the snapshot and ${term(newest.index)} in the log`)
  }

  #corrupt (what: string): Error { return corrupt(this.namespace, what) }
}
