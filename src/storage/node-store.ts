import { mkdir, open, readdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Level } from 'level'
import { InvalidArgumentError, StoreCorruptError, StoreIdentityError, StoreInUseError } from '../errors.js'
import { nodeKey } from './keys.js'
import { describe, levelCode, LevelOrderedStore } from './level-store.js'
import { OrderedDatastore } from './ordered-datastore.js'
import type { RootLevel } from './level-store.js'

const FORMAT = 1
const FORMAT_KEY = nodeKey('format')
const PEER_KEY = nodeKey('peer-id')

/** Twice this may be held in memory. LevelDB's own default of 4 MiB makes a busy log compact several times a second. */
const WRITE_BUFFER_BYTES = 16 * 1024 * 1024

const LEVELDB_DATA = /^\d+\.(log|ldb|sst)$/
const LEVELDB_FILE = /^(CURRENT|LOCK|LOG|LOG\.old|MANIFEST-\d+|\d+\.(log|ldb|sst|dbtmp))$/

/**
 * A node's one database: libp2p's datastore and every group's log and data, so that one sync covers all of them and a thousand
 * namespaces need no more file descriptors than one.
 */
export class NodeStore implements AsyncDisposable {
  /** For libp2p: identity, peer store, DHT. It can't sync; nothing of Raft goes through it. */
  readonly datastore: OrderedDatastore
  /** For everything of raftmesh. */
  readonly store: LevelOrderedStore

  private constructor (readonly dataDir: string, readonly level: RootLevel) {
    this.store = new LevelOrderedStore(level)
    this.datastore = new OrderedDatastore(level, this.store)
  }

  static async open (dataDir: string, options: { peerId?: string, signal?: AbortSignal } = {}): Promise<NodeStore> {
    options.signal?.throwIfAborted()
    const path = resolve(dataDir)
    await prepareDirectory(path)
    const level: RootLevel = new Level<Uint8Array, Uint8Array>(path, { keyEncoding: 'view', valueEncoding: 'view', writeBufferSize: WRITE_BUFFER_BYTES })
    await level.open().catch((error: unknown) => { throw openError(path, error) })
    try {
      const node = new NodeStore(path, level)
      await node.datastore.open()
      await node.#checkFormat()
      if (options.peerId !== undefined) await node.bindPeerId(options.peerId)
      options.signal?.throwIfAborted()
      return node
    } catch (error) {
      await level.close()
      throw error
    }
  }

  /** The peer id that this directory belongs to; undefined until it is bound. */
  async peerId (): Promise<string | undefined> {
    const bytes = await this.store.get(PEER_KEY)
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes)
  }

  /**
   * Ties the directory to a peer id the first time, and refuses any other from then on: a node that ran with another's log and vote
   * would vote twice.
   */
  async bindPeerId (peerId: string): Promise<void> {
    const bound = await this.peerId()
    if (bound === peerId) return
    if (bound !== undefined) {
      throw new StoreIdentityError(`the data directory ${this.dataDir} belongs to peer ${bound}, this node is ${peerId}: start with that peer's key, or choose another directory`)
    }
    await this.store.batch([{ type: 'put', key: PEER_KEY, value: new TextEncoder().encode(peerId) }], { sync: true })
  }

  /** Waits for what is being written, then lets go of the directory. Calling it again does nothing. */
  async close (): Promise<void> {
    await this.store.close()
  }

  async [Symbol.asyncDispose] (): Promise<void> { await this.close() }

  async #checkFormat (): Promise<void> {
    const bytes = await this.store.get(FORMAT_KEY)
    if (bytes !== undefined) {
      const text = new TextDecoder().decode(bytes)
      if (text === `raftmesh ${FORMAT}`) return
      const version = /^raftmesh (\d+)$/.exec(text)?.[1]
      if (version === undefined) throw this.#foreign()
      throw new StoreIdentityError(`the data directory ${this.dataDir} has format ${version}, this version of raftmesh knows format ${FORMAT}: run the version that wrote it, or choose another directory`)
    }
    for await (const page of this.store.range({ gte: Uint8Array.of(0), lt: new Uint8Array(64).fill(0xff), limit: 1, keysOnly: true })) {
      if (page.length > 0) throw this.#foreign()
    }
    await this.store.batch([{ type: 'put', key: FORMAT_KEY, value: new TextEncoder().encode(`raftmesh ${FORMAT}`) }], { sync: true })
  }

  #foreign (): StoreIdentityError {
    return new StoreIdentityError(`the data directory ${this.dataDir} holds a LevelDB database that is not raftmesh's: choose another directory`)
  }
}

/**
 * Opens, or creates, the database in `dataDir`.
 *
 * @param options.peerId - see {@link NodeStore.bindPeerId}
 * @throws StoreInUseError, StoreIdentityError, StoreCorruptError, InvalidArgumentError (the directory can't be made or read)
 */
export async function openNodeStore (dataDir: string, options?: { peerId?: string, signal?: AbortSignal }): Promise<NodeStore> {
  return await NodeStore.open(dataDir, options)
}

async function prepareDirectory (path: string): Promise<void> {
  let names: string[]
  try {
    const created = await mkdir(path, { recursive: true })
    if (created !== undefined) await syncDirectory(dirname(created))
    names = await readdir(path)
  } catch (error) {
    throw new InvalidArgumentError(`the data directory ${path} cannot be created or read (${describe(error)}): choose a directory that this user may write`, { cause: error })
  }
  if (names.includes('CURRENT')) return
  // Without CURRENT, LevelDB starts an empty database and deletes the files of the old one: a vote and a log gone without a word.
  const lost = names.find(name => LEVELDB_DATA.test(name))
  if (lost !== undefined) {
    throw new StoreCorruptError(`the database in ${path} has lost its CURRENT file (${lost} is there): restore the directory from a backup, or empty it and join again as a new member`)
  }
  const foreign = names.find(name => !LEVELDB_FILE.test(name) && !name.startsWith('.') && name !== 'lost+found')
  if (foreign !== undefined) {
    throw new StoreIdentityError(`the directory ${path} is no raftmesh data directory: it is not empty ('${foreign}' is in it); choose an empty or new one`)
  }
}

/** A new directory's name is durable once its parent is synced. Windows can't open directories and needs none of it. */
async function syncDirectory (path: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function openError (path: string, error: unknown): Error {
  const code = levelCode(error)
  const cause = { cause: error }
  if (code === 'LEVEL_LOCKED') {
    return new StoreInUseError(`the data directory ${path} is in use by another node, in this process or another: stop that one, or choose another directory`, cause)
  }
  if (code === 'LEVEL_CORRUPTION') {
    return new StoreCorruptError(`the database in ${path} is damaged (${describe(error)}): restore the directory from a backup, or empty it and join again as a new member`, cause)
  }
  if (code === 'LEVEL_IO_ERROR') {
    return new StoreCorruptError(`the database in ${path} cannot be read (${describe(error)}): check the disk and the permissions; nothing was changed`, cause)
  }
  return new StoreIdentityError(`the data directory ${path} could not be opened as raftmesh's database (${describe(error)}): choose another directory`, cause)
}
