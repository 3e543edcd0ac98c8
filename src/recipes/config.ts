import { ConflictError, InvalidArgumentError, NotFoundError } from '../errors.js'
import { configKeys, decodeStored, encodeStored, versionOf } from './config-rows.js'
import { ConfigWatch } from './config-watch.js'
import { checkName, checkOptions } from './names.js'
import { numberIn, toBytes } from './queue-input.js'
import type { ConfigKeys, Stored } from './config-rows.js'
import type { ReadOptions, RecipeContext, Row, Value, WatchEvent, WriteOptions } from './types.js'
import type { AbortOptions } from '@libp2p/interface'

export interface ConfigOptions {
  /** Versions of a key that are kept. Default 100, at most 10,000. Who writes a key trims its history to what they ask for. */
  history?: number
}

export interface ConfigEntry {
  readonly key: string
  readonly value: Uint8Array
  /** Writes of the key, from 1; deletions count, and it never starts over. */
  readonly version: number
  /** Of the last write. */
  readonly revision: number
}

/** `value`: undefined, where that version is that the key was deleted. */
export interface ConfigVersion { readonly version: number, readonly revision: number, readonly value: Uint8Array | undefined }

export interface ConfigWritten { readonly version: number, readonly revision: number }

export interface ConfigList {
  /** In byte order of their keys. */
  readonly entries: readonly ConfigEntry[]
  /** A watch from the next one on misses nothing that is not in the list. */
  readonly revision: number
}

export type ConfigEvent =
  | { readonly type: 'set' } & ConfigEntry
  | { readonly type: 'delete' } & Omit<ConfigEntry, 'value'>

export interface UpdateOptions extends WriteOptions { expectedVersion: number }
export interface ConfigDeleteOptions extends WriteOptions { expectedVersion?: number }
export interface ConfigWatchOptions extends AbortOptions {
  prefix?: string
  /** The first revision to be told of. Default: whatever is committed after the call. */
  revision?: number
}

const WRITE = ['signal', 'forward']

/** What a key holds, and at which version; version 0: it never was there. */
interface Head { readonly version: number, readonly value: Stored }

/**
 * The configuration of a project: keys with values, each with a version that must be named to change it, and its last versions. A change
 * that was made knowing another version than the one in force is refused, so nobody overwrites what they have not seen.
 */
export class Config {
  readonly project: string
  readonly #context: RecipeContext
  readonly #keys: ConfigKeys
  readonly #history: number

  constructor (context: RecipeContext, project: string, options: ConfigOptions = {}) {
    checkOptions(options, ['history'], 'a configuration')
    this.project = checkName(project, 'The name of a project')
    this.#context = context
    this.#keys = configKeys(project)
    this.#history = numberIn(options.history ?? 100, 1, 10_000, 'history')
  }

  /** Throws ConflictError if the key is there. */
  async create (key: string, value: Value, options: WriteOptions = {}): Promise<ConfigWritten> {
    checkOptions(options, WRITE, 'create')
    const bytes = toBytes(value, 'The value')
    return await this.#write(key, bytes, options, head => {
      if (head.value !== undefined) throw new ConflictError(`${this.#name(key)} is there already, at version ${head.version}`)
    })
  }

  /** Throws ConflictError if the key is at another version, and NotFoundError if it is not there. */
  async update (key: string, value: Value, changing: UpdateOptions): Promise<ConfigWritten> {
    checkOptions(changing, ['expectedVersion', ...WRITE], 'update')
    const bytes = toBytes(value, 'The value')
    // Whoever leaves it out, where nothing checks types, is told so.
    const { expectedVersion, ...options }: Partial<UpdateOptions> = changing ?? {}
    numberIn(expectedVersion, 1, Number.MAX_SAFE_INTEGER, 'expectedVersion')
    return await this.#write(key, bytes, options, head => { this.#checkAt(key, head, expectedVersion) })
  }

  /** Without an expected version, whichever it is at. Its history stays, with a version more. Throws as `update` does. */
  async delete (key: string, deleting: ConfigDeleteOptions = {}): Promise<ConfigWritten> {
    checkOptions(deleting, ['expectedVersion', ...WRITE], 'delete')
    const { expectedVersion, ...options } = deleting
    if (expectedVersion !== undefined) numberIn(expectedVersion, 1, Number.MAX_SAFE_INTEGER, 'expectedVersion')
    return await this.#write(key, undefined, options, head => { this.#checkAt(key, head, expectedVersion) })
  }

  async get (key: string, options?: ReadOptions): Promise<ConfigEntry | undefined> {
    const { row } = await this.#context.kv.read(this.#keys.head(key), options)
    return row === undefined ? undefined : this.#entry(row)
  }

  async list ({ prefix = '', ...options }: { prefix?: string } & ReadOptions = {}): Promise<ConfigList> {
    const entries: ConfigEntry[] = []
    let revision: number | undefined
    for (let after: Uint8Array | undefined; ;) {
      const page = await this.#context.kv.scan({ ...options, prefix: this.#heads(prefix), after })
      // Pages are read one after the other, and those of local states by different members: only what comes after the oldest one's revision is surely not in any.
      revision = Math.min(revision ?? page.revision, page.revision)
      for (const row of page.rows) {
        const entry = this.#entry(row)
        if (entry !== undefined) entries.push(entry)
      }
      after = page.next
      if (after === undefined) return { entries, revision }
    }
  }

  /** The versions that are kept, the newest first. Those of a deleted key are, too. */
  async history (key: string, { limit = Infinity, ...options }: { limit?: number } & ReadOptions = {}): Promise<ConfigVersion[]> {
    if (limit !== Infinity) numberIn(limit, 1, Number.MAX_SAFE_INTEGER, 'limit')
    const versions: ConfigVersion[] = []
    for await (const row of this.#context.kv.rows({ ...options, prefix: this.#keys.history(key), reverse: true, limit: Math.min(limit, 1_000) })) {
      versions.push({ version: versionOf(row), revision: row.modRevision, value: decodeStored(row.value) })
      if (versions.length >= limit) break
    }
    return versions
  }

  /** Throws NotFoundError if there never was such a version, or if it is not kept any more. */
  async getVersion (key: string, version: number, options?: ReadOptions): Promise<ConfigVersion> {
    numberIn(version, 1, Number.MAX_SAFE_INTEGER, 'version')
    const { row } = await this.#context.kv.read(this.#keys.version(key, version), options)
    if (row === undefined) throw new NotFoundError(`${this.#name(key)} has no version ${version} (any more): the last ${this.#history} are kept`)
    return { version, revision: row.modRevision, value: decodeStored(row.value) }
  }

  /** Every change, in order, none left out. Resolves once it is settled from which revision on. Throws CompactedError as `KeyValue.watch` does. */
  async watch (options: ConfigWatchOptions = {}): Promise<AsyncIterableIterator<ConfigEvent>> {
    checkOptions(options, ['prefix', 'revision', 'signal'], 'watch')
    const { prefix = '', revision, signal } = options
    return new ConfigWatch(await this.#context.kv.watch({ prefix: this.#heads(prefix), revision, signal }), event => this.#eventOf(event))
  }

  async #write (key: string, value: Stored, options: WriteOptions, check: (head: Head) => void): Promise<ConfigWritten> {
    const { kv } = this.#context
    const head = this.#keys.head(key)
    const stored = encodeStored(value)
    for (;;) {
      const { row } = await kv.read(head, { signal: options.signal })
      const found = { version: row?.version ?? 0, value: row === undefined ? undefined : decodeStored(row.value) }
      check(found)
      const version = found.version + 1
      const { succeeded, revision } = await kv.txn({
        compare: [{ key: head, version: found.version }],
        then: [
          { type: 'set', key: head, value: stored },
          { type: 'set', key: this.#keys.version(key, version), value: stored },
          // Some at a time, where many fewer are to be kept than before.
          { type: 'deleteRange', from: this.#keys.version(key, 0), to: this.#keys.version(key, Math.max(0, version - this.#history + 1)), limit: 1_000 }
        ]
      }, options)
      if (succeeded) return { version, revision }
      // Somebody else has written it meanwhile: whether this may still be written, the next look tells.
    }
  }

  #checkAt (key: string, { version, value }: Head, expected: number | undefined): void {
    if (value === undefined) throw new NotFoundError(`${this.#name(key)} is not there`)
    if (expected !== undefined && version !== expected) throw new ConflictError(`${this.#name(key)} is at version ${version}, and not ${expected}: read it again`)
  }

  #entry (row: Row): ConfigEntry | undefined {
    const value = decodeStored(row.value)
    return value === undefined ? undefined : { key: this.#keyOf(row.key), value, version: row.version, revision: row.modRevision }
  }

  #eventOf ({ row, revision }: WatchEvent): ConfigEvent | undefined {
    if (row === undefined) return undefined
    const entry = this.#entry(row)
    return entry === undefined ? { type: 'delete', key: this.#keyOf(row.key), version: row.version, revision } : { type: 'set', ...entry }
  }

  #heads (prefix: unknown): Uint8Array {
    if (typeof prefix !== 'string') throw new InvalidArgumentError(`prefix must be a string, got ${typeof prefix}`)
    return prefix === '' ? this.#keys.heads : this.#keys.head(prefix)
  }

  #keyOf (key: Uint8Array): string { return new TextDecoder('utf-8', { ignoreBOM: true }).decode(key.subarray(this.#keys.heads.length)) }

  #name (key: string): string { return `${key} of project ${this.project}` }
}
