import { ClosedError, MalformedFrameError, UnavailableError } from '../errors.js'
import { equalBytes, prefixEnd, prefixRange } from './bytes.js'
import { checkManifest, ChunkTally, compress, decodeChunk, decompress, encodeChunk, MAX_STORED_CHUNK, rechunk, sha256 } from './chunks.js'
import { corrupt, readable } from './damage.js'
import { deleteRange, firstKey } from './delete-range.js'
import { decodeManifest, encodeManifest } from './records.js'
import type { GroupKeys } from './keys.js'
import type { Vault } from './vault.js'
import type { OrderedStore, SnapshotChunk, SnapshotManifest, SnapshotStaging, StoreOp } from './types.js'
import type { SnapshotMeta } from '../raft/types.js'

export interface SnapshotOptions {
  /** Snapshots that are kept when another arrives from a peer. */
  readonly retain: number
  readonly randomId: () => string
  readonly vault: Vault
}

/**
 * A group's snapshots. A snapshot exists from the moment its manifest does; chunks are stored under its id, whether they were made here
 * or received, so that a received snapshot is put in force by one small record and no copying.
 *
 * Every chunk is a synced write of its own: an unsynced one could vanish in a power cut that the manifest survives (see
 * LevelOrderedStore), and a gigabyte of unwritten pages would hold up the next sync of every group's log.
 */
export class Snapshots {
  readonly #store: OrderedStore
  readonly #keys: GroupKeys
  readonly #namespace: string
  readonly #options: SnapshotOptions
  /** Newest first. */
  #complete: SnapshotManifest[] = []
  #staged: { readonly manifest: SnapshotManifest, finished: boolean } | undefined
  #saving = false

  private constructor (store: OrderedStore, keys: GroupKeys, namespace: string, options: SnapshotOptions) {
    this.#store = store
    this.#keys = keys
    this.#namespace = namespace
    this.#options = options
  }

  static async load (store: OrderedStore, keys: GroupKeys, namespace: string, options: SnapshotOptions): Promise<Snapshots> {
    const snapshots = new Snapshots(store, keys, namespace, options)
    for await (const page of store.range(prefixRange(keys.manifests))) {
      for (const [key, stored] of page) {
        const manifest = readable(namespace, 'a snapshot manifest', () => decodeManifest(key, options.vault.open(key, stored)))
        if (!equalBytes(key, keys.manifest(manifest.meta.index, manifest.id))) throw corrupt(namespace, `the manifest of snapshot ${manifest.id} is in the wrong place`)
        snapshots.#complete.unshift(manifest)
      }
    }
    await snapshots.#loadStaged()
    for (const manifest of snapshots.#complete) await snapshots.#checkChunks(manifest)
    await snapshots.#removeOrphans()
    return snapshots
  }

  list (): SnapshotManifest[] { return [...this.#complete] }

  async save (meta: SnapshotMeta, source: AsyncIterable<Uint8Array>, options: { retain: number, signal?: AbortSignal }): Promise<SnapshotManifest> {
    if (this.#saving) throw new Error(`a snapshot of ${this.#namespace} is being taken already: wait for it`)
    if (!(options.retain >= 1)) throw new RangeError(`at least 1 snapshot must be retained, not ${options.retain}`)
    this.#saving = true
    const id = this.#options.randomId()
    try {
      const manifest = await this.#writeChunks(id, meta, source, options.signal)
      const key = this.#keys.manifest(meta.index, id)
      await this.#store.batch([this.#vault.put(key, encodeManifest(key, manifest))], { sync: true })
      this.#insert(manifest)
      await this.#prune(options.retain)
      return manifest
    } catch (error) {
      // Half a snapshot is of no use to anyone. A store that can't write any more leaves it to the next start.
      if (this.#store.failure === undefined && !(error instanceof ClosedError) && !this.#has(id)) await deleteRange(this.#store, prefixRange(this.#keys.chunksOf(id)), { sync: false })
      throw error
    } finally {
      this.#saving = false
    }
  }

  async * chunks (manifest: SnapshotManifest, from: number): AsyncGenerator<SnapshotChunk> {
    for (let seq = from; seq < manifest.chunks; seq++) yield await this.#chunk(manifest, seq)
  }

  /** The original bytes. Every chunk's hash, the digest over all, and the length are checked; the last before the stream ends. */
  async * bytes (manifest: SnapshotManifest): AsyncGenerator<Uint8Array> {
    const tally = new ChunkTally()
    let bytes = 0
    for await (const chunk of this.chunks(manifest, 0)) {
      tally.add(chunk)
      const raw = await decompress(chunk.data).catch((error: unknown) => { throw corrupt(this.#namespace, `snapshot ${manifest.id}: ${(error as Error).message}`, error) })
      bytes += raw.length
      yield raw
    }
    if (!tally.matches(manifest) || bytes !== manifest.bytes) throw corrupt(this.#namespace, `snapshot ${manifest.id} does not match its manifest`)
  }

  async stage (manifest: SnapshotManifest): Promise<SnapshotStaging> {
    checkManifest(manifest)
    const tally = new ChunkTally()
    if (this.#has(manifest.id)) {
      this.#sameAs(this.#complete.find(({ id }) => id === manifest.id), manifest)
      return { next: manifest.chunks, write: refuseMore, finish: async () => {} }
    }
    if (this.#staged?.manifest.id === manifest.id) {
      this.#sameAs(this.#staged.manifest, manifest)
      await this.#countStaged(manifest, tally)
    } else {
      await this.discard()
      await this.#store.batch([this.#vault.put(this.#keys.staged, encodeManifest(this.#keys.staged, manifest))], { sync: true })
    }
    const staged = { manifest, finished: false }
    this.#staged = staged
    return {
      get next () { return tally.chunks },
      write: async chunk => { await this.#receive(staged, tally, chunk) },
      finish: async () => {
        this.#assertStaged(staged)
        if (!tally.matches(manifest)) {
          await this.discard()
          throw new MalformedFrameError(`the chunks of snapshot ${manifest.id} do not add up to its manifest: ask for the snapshot again`)
        }
        staged.finished = true
      }
    }
  }

  /** In one batch with whatever else installs the snapshot; call the result once that is durable. Drops what is over `retain`. */
  promote (ops: StoreOp[], manifest: SnapshotManifest): () => void {
    if (this.#has(manifest.id)) return () => {}
    if (this.#staged?.manifest.id !== manifest.id || !this.#staged.finished) throw new Error(`snapshot ${manifest.id} of ${this.#namespace} is not staged and finished`)
    const key = this.#keys.manifest(manifest.meta.index, manifest.id)
    ops.push(this.#vault.put(key, encodeManifest(key, manifest)))
    ops.push({ type: 'del', key: this.#keys.staged })
    const dropped = this.#complete.filter((old, place) => place >= this.#options.retain - 1 || old.meta.index === manifest.meta.index)
    for (const old of dropped) {
      ops.push({ type: 'del', key: this.#keys.manifest(old.meta.index, old.id) })
      for (let seq = 0; seq < old.chunks; seq++) ops.push({ type: 'del', key: this.#keys.chunk(old.id, seq) })
    }
    return () => {
      this.#staged = undefined
      this.#complete = this.#complete.filter(({ id }) => !dropped.some(old => old.id === id))
      this.#insert(manifest)
    }
  }

  async discard (): Promise<void> {
    const staged = this.#staged
    if (staged === undefined) return
    this.#staged = undefined
    // Synced: come back after a power cut, it could be sealed with a key that is gone.
    await this.#store.batch([{ type: 'del', key: this.#keys.staged }], { sync: true })
    await deleteRange(this.#store, prefixRange(this.#keys.chunksOf(staged.manifest.id)), { sync: false })
  }

  get #vault (): Vault { return this.#options.vault }

  #has (id: string): boolean { return this.#complete.some(manifest => manifest.id === id) }

  #insert (manifest: SnapshotManifest): void {
    this.#complete = [manifest, ...this.#complete].sort((a, b) => b.meta.index - a.meta.index)
  }

  async #writeChunks (id: string, meta: SnapshotMeta, source: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<SnapshotManifest> {
    const tally = new ChunkTally()
    let bytes = 0
    for await (const raw of rechunk(source)) {
      signal?.throwIfAborted()
      const data = await compress(raw)
      const chunk = { hash: sha256(data), data }
      await this.#store.batch([this.#vault.put(this.#keys.chunk(id, tally.chunks), encodeChunk(chunk))], { sync: true })
      tally.add(chunk)
      bytes += raw.length
    }
    signal?.throwIfAborted()
    return { meta, id, chunks: tally.chunks, storedBytes: tally.storedBytes, bytes, digest: tally.digest() }
  }

  async #chunk (manifest: SnapshotManifest, seq: number): Promise<SnapshotChunk> {
    const key = this.#keys.chunk(manifest.id, seq)
    const stored = await this.#store.get(key)
    if (!this.#has(manifest.id) && this.#staged?.manifest.id !== manifest.id) {
      throw new UnavailableError(`snapshot ${manifest.id} of ${this.#namespace} was removed while it was read: begin again with the newest`)
    }
    if (stored === undefined) throw corrupt(this.#namespace, `chunk ${seq} of snapshot ${manifest.id} is gone`)
    return readable(this.#namespace, `snapshot ${manifest.id}`, () => decodeChunk(seq, this.#vault.open(key, stored)))
  }

  async #receive (staged: { readonly manifest: SnapshotManifest, finished: boolean }, tally: ChunkTally, { seq, hash, data }: SnapshotChunk): Promise<void> {
    this.#assertStaged(staged)
    const { id, chunks } = staged.manifest
    if (seq !== tally.chunks || seq >= chunks) throw new MalformedFrameError(`chunk ${seq} of snapshot ${id} came where ${tally.chunks} of ${chunks} was due`)
    if (data.length > MAX_STORED_CHUNK || hash.length !== 32 || !equalBytes(sha256(data), hash)) {
      throw new MalformedFrameError(`chunk ${seq} of snapshot ${id} does not match its hash: ask for it again`)
    }
    await this.#store.batch([this.#vault.put(this.#keys.chunk(id, seq), encodeChunk({ hash, data }))], { sync: true })
    this.#assertStaged(staged)
    tally.add({ hash, data })
  }

  #assertStaged (staged: object): void {
    if (this.#staged !== staged) throw new UnavailableError(`the snapshot being received for ${this.#namespace} was replaced or discarded: stage it again`)
  }

  #sameAs (known: SnapshotManifest | undefined, manifest: SnapshotManifest): void {
    if (known === undefined || !equalBytes(encodeManifest(this.#keys.staged, known), encodeManifest(this.#keys.staged, manifest))) {
      throw new MalformedFrameError(`snapshot ${manifest.id} of ${this.#namespace} is known with another manifest: ask for another snapshot`)
    }
  }

  /** After a restart: whole chunks from the first on, however far they got. */
  async #countStaged (manifest: SnapshotManifest, tally: ChunkTally): Promise<void> {
    while (tally.chunks < manifest.chunks) {
      const key = this.#keys.chunk(manifest.id, tally.chunks)
      const stored = await this.#store.get(key)
      if (stored === undefined) return
      try {
        tally.add(decodeChunk(tally.chunks, this.#vault.open(key, stored)))
      } catch {
        return // A damaged chunk is received again; nobody relied on it yet.
      }
    }
  }

  async #loadStaged (): Promise<void> {
    const stored = await this.#store.get(this.#keys.staged)
    if (stored === undefined) return
    const manifest = readable(this.#namespace, 'the manifest of the snapshot being received', () => decodeManifest(this.#keys.staged, this.#vault.open(this.#keys.staged, stored)))
    this.#staged = { manifest, finished: false }
  }

  async #checkChunks (manifest: SnapshotManifest): Promise<void> {
    let found = 0
    for await (const page of this.#store.range({ ...prefixRange(this.#keys.chunksOf(manifest.id)), keysOnly: true })) found += page.length
    if (found !== manifest.chunks) throw corrupt(this.#namespace, `snapshot ${manifest.id} has ${found} of ${manifest.chunks} chunks`)
  }

  /** Chunks of a snapshot that was being written, or being removed, when the process died. */
  async #removeOrphans (): Promise<void> {
    const { lt } = prefixRange(this.#keys.chunks)
    const idAt = this.#keys.chunks.length
    for (let gte = this.#keys.chunks; ;) {
      const first = await firstKey(this.#store, { gte, lt })
      if (first === undefined) return
      const of = first.subarray(0, idAt + 17)
      const id = new TextDecoder().decode(first.subarray(idAt, idAt + 16))
      if (!this.#has(id) && this.#staged?.manifest.id !== id) await deleteRange(this.#store, prefixRange(of), { sync: false })
      gte = prefixEnd(of)
    }
  }

  /** Keeps the newest `retain`, one for each index. The manifest goes first and synced: a manifest without its chunks would be damage. */
  async #prune (retain: number): Promise<void> {
    const dropped = this.#complete.filter((manifest, place, all) => place >= retain || all.findIndex(({ meta }) => meta.index === manifest.meta.index) < place)
    if (dropped.length === 0) return
    this.#complete = this.#complete.filter(manifest => !dropped.includes(manifest))
    await this.#store.batch(dropped.map(({ meta, id }) => ({ type: 'del', key: this.#keys.manifest(meta.index, id) })), { sync: true })
    for (const { id } of dropped) await deleteRange(this.#store, prefixRange(this.#keys.chunksOf(id)), { sync: false })
  }
}

const refuseMore = async (): Promise<void> => {
  throw new MalformedFrameError('this snapshot is complete already: no chunk is due')
}
