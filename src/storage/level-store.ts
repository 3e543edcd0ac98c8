import { ClosedError, StoreCorruptError, StorePoisonedError } from '../errors.js'
import { checkOps } from './check-ops.js'
import type { ByteRange } from './bytes.js'
import type { OrderedStore, RangeOptions, StoreOp, StoreSnapshot } from './types.js'
import type { Level } from 'level'

export type RootLevel = Level<Uint8Array, Uint8Array>
type LevelSnapshot = ReturnType<RootLevel['snapshot']>
/** What the Node implementation has beyond the one for browsers. */
interface CompactableLevel { compactRange: (start: Uint8Array, end: Uint8Array, options: { keyEncoding: 'view' }) => Promise<void> }
type ChainedBatch = ReturnType<RootLevel['batch']>

/** LevelDB reads back at most this much for one page of a range: what a slow reader holds in memory. */
const PAGE_BYTES = 256 * 1024
const PAGE_ENTRIES = 1024
/** A gathered batch over this goes out by itself, so that one sync does not wait for megabytes of another group's snapshot. */
const GATHER_BYTES = 4 * 1024 * 1024

/** Batches gathered while the one before is being written: they become one LevelDB write with one sync. */
interface Gathered {
  readonly chain: ChainedBatch
  /** Puts its operations into the chain when its turn has come; nothing else is gathered with it. */
  readonly fill?: () => void
  bytes: number
  sync: boolean
  readonly done: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

class LevelStoreSnapshot implements StoreSnapshot {
  constructor (readonly inner: LevelSnapshot) {}
  async close (): Promise<void> { await this.inner.close() }
}

/**
 * The store of a real node.
 *
 * One write is in flight at a time. classic-level runs writes on a pool of threads, so that two of them may land in either order, and
 * a vote could overtake the entries before it; whoever calls meanwhile is gathered into the next write, which costs one sync for all.
 *
 * `{ sync: true }` covers this batch, and does not make every earlier unsynced batch durable: when LevelDB's log file is full it starts
 * another and closes the old one without a sync (db_impl.cc, MakeRoomForWrite), so a power cut can take the old file's unsynced tail and
 * leave what was synced later. Whatever must not have a hole is written with `sync`; an unsynced batch may vanish by itself.
 *
 * Operations are copied into LevelDB's own buffer during the call.
 */
export class LevelOrderedStore implements OrderedStore {
  readonly #level: RootLevel
  readonly #listeners: Array<(error: Error) => void> = []
  #failure: StorePoisonedError | undefined
  #closed = false
  #queue: Gathered[] = []
  #writing = false

  constructor (level: RootLevel) {
    this.#level = level
  }

  get failure (): Error | undefined { return this.#failure }

  onFailure (listener: (error: Error) => void): void {
    this.#listeners.push(listener)
  }

  batch (ops: readonly StoreOp[], { sync }: { sync: boolean }): Promise<void> {
    try {
      this.#assertUsable()
      checkOps(ops)
      const gathered = this.#gather()
      this.#add(gathered, ops)
      gathered.sync ||= sync
      // Nothing to write and yet to sync: a deletion of a key that never exists carries the sync.
      if (gathered.sync && gathered.chain.length === 0) gathered.chain.del(SYNC_MARK)
      if (!this.#writing) void this.#writeAll()
      return gathered.done
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }

  rewrite (keys: readonly Uint8Array[], change: (key: Uint8Array, value: Uint8Array) => Uint8Array | undefined, { sync }: { sync: boolean }): Promise<void> {
    try {
      this.#assertUsable()
      const gathered = this.#push(chain => {
        for (const key of keys) {
          const value = this.#level.getSync(key)
          const changed = value === undefined ? undefined : change(key, plain(value))
          if (changed !== undefined) chain.put(key, changed)
        }
      })
      gathered.sync = sync
      if (!this.#writing) void this.#writeAll()
      return gathered.done
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }

  async get (key: Uint8Array, options?: { snapshot?: StoreSnapshot }): Promise<Uint8Array | undefined> {
    this.#assertUsable()
    try {
      // Synchronous on purpose: 3 µs where the asynchronous call costs 24 µs, and most values are in LevelDB's or the OS's cache.
      const value = options?.snapshot !== undefined
        ? this.#level.getSync(key, { snapshot: inner(options.snapshot), ...VIEWS })
        : this.#level.getSync(key)
      return value === undefined ? undefined : plain(value)
    } catch (error) {
      throw readError(error)
    }
  }

  getNow (key: Uint8Array): Uint8Array | undefined {
    this.#assertUsable()
    try {
      const value = this.#level.getSync(key)
      return value === undefined ? undefined : plain(value)
    } catch (error) {
      throw readError(error)
    }
  }

  async getMany (keys: readonly Uint8Array[]): Promise<Array<Uint8Array | undefined>> {
    this.#assertUsable()
    try {
      const values = await this.#level.getMany(keys as Uint8Array[])
      return values.map(value => value === undefined ? undefined : plain(value))
    } catch (error) {
      throw readError(error)
    }
  }

  async * range (options: RangeOptions): AsyncGenerator<Array<[Uint8Array, Uint8Array]>> {
    const { gte, lt, reverse, limit, snapshot, keysOnly, signal } = options
    this.#assertUsable()
    signal?.throwIfAborted()
    const iterator = this.#level.iterator({
      gte,
      lt,
      reverse,
      limit: limit ?? -1,
      values: keysOnly !== true,
      highWaterMarkBytes: PAGE_BYTES,
      // A scan of cold data must not push out what is read all the time.
      fillCache: limit !== undefined,
      snapshot: snapshot !== undefined ? inner(snapshot) : undefined,
      ...VIEWS
    })
    try {
      while (true) {
        const page = await iterator.nextv(PAGE_ENTRIES).catch((error: unknown) => { throw readError(error) })
        if (page.length === 0) return
        yield page.map(([key, value]) => [plain(key), keysOnly === true ? EMPTY : plain(value)])
        signal?.throwIfAborted()
        this.#assertUsable()
      }
    } finally {
      await iterator.close()
    }
  }

  snapshot (): StoreSnapshot {
    this.#assertUsable()
    return new LevelStoreSnapshot(this.#level.snapshot())
  }

  async compact ({ gte, lt }: ByteRange): Promise<void> {
    this.#assertUsable()
    await (this.#level as unknown as CompactableLevel).compactRange(gte, lt, VIEWS)
  }

  /** Writes what was handed in before, then closes the database. */
  async close (): Promise<void> {
    this.#closed = true
    // Whoever called batch() hears of a failure; closing only waits for it to be over.
    await Promise.allSettled(this.#queue.map(async gathered => { await gathered.done }))
    await this.#level.close()
  }

  #gather (): Gathered {
    // The first in the queue is being written while #writing: only the others still take operations.
    const last = this.#queue.length > (this.#writing ? 1 : 0) ? this.#queue[this.#queue.length - 1] : undefined
    return last !== undefined && last.fill === undefined && last.bytes < GATHER_BYTES ? last : this.#push()
  }

  #push (fill?: (chain: ChainedBatch) => void): Gathered {
    let resolve: () => void = () => {}
    let reject: (error: Error) => void = () => {}
    const done = new Promise<void>((_resolve, _reject) => { resolve = _resolve; reject = _reject })
    const chain = this.#level.batch()
    const gathered: Gathered = { chain, bytes: 0, sync: false, done, resolve, reject, ...(fill !== undefined ? { fill: () => { fill(chain) } } : {}) }
    this.#queue.push(gathered)
    return gathered
  }

  #add (gathered: Gathered, ops: readonly StoreOp[]): void {
    for (const op of ops) {
      if (op.type === 'put') {
        gathered.chain.put(op.key, op.value)
        gathered.bytes += op.key.length + op.value.length
      } else {
        gathered.chain.del(op.key)
        gathered.bytes += op.key.length
      }
    }
  }

  async #writeAll (): Promise<void> {
    this.#writing = true
    while (this.#queue.length > 0) {
      const gathered = this.#queue[0]
      if (!isFilled(gathered)) {
        await gathered.chain.close()
        this.#queue.shift()
        continue
      }
      try {
        await gathered.chain.write({ sync: gathered.sync })
      } catch (error) {
        this.#poison(error as Error)
        return
      }
      this.#queue.shift()
      gathered.resolve()
    }
    this.#writing = false
  }

  /** After a failed fsync the kernel may drop the dirty pages and report success the next time (fsyncgate): never try again. */
  #poison (cause: Error): void {
    this.#failure = new StorePoisonedError(
      `writing to the data directory ${this.#level.location} failed (${describe(cause)}): nothing more is written; free space or mend the disk, then restart the process`,
      { cause })
    const failed = this.#queue
    this.#queue = []
    this.#writing = false
    for (const gathered of failed) gathered.reject(this.#failure)
    for (const listener of this.#listeners) listener(this.#failure)
  }

  #assertUsable (): void {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#closed) throw new ClosedError(`the store in ${this.#level.location} is closed: open the node again`)
  }
}

/** False if there is nothing to write after all; its caller knows by then. */
function isFilled ({ fill, chain, resolve, reject }: Gathered): boolean {
  if (fill === undefined) return true
  try {
    fill()
    if (chain.length > 0) return true
    resolve()
  } catch (error) {
    reject(readError(error) as Error)
  }
  return false
}

const VIEWS = { keyEncoding: 'view', valueEncoding: 'view' } as const
const EMPTY = new Uint8Array(0)
const SYNC_MARK = new TextEncoder().encode('n/sync')

const inner = (snapshot: StoreSnapshot): LevelSnapshot => {
  if (!(snapshot instanceof LevelStoreSnapshot)) throw new TypeError('this snapshot belongs to another kind of store')
  return snapshot.inner
}

/** LevelDB answers with Buffers, whose `slice` is a view where a Uint8Array's is a copy. */
const plain = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)

export const describe = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : ''
  return error.message + cause
}

export const levelCode = (error: unknown): string | undefined => {
  const { code, cause } = error as { code?: unknown, cause?: unknown }
  if (code === 'LEVEL_DATABASE_NOT_OPEN' && cause !== undefined) return levelCode(cause)
  return typeof code === 'string' ? code : undefined
}

function readError (error: unknown): unknown {
  const code = levelCode(error)
  if (code === 'LEVEL_CORRUPTION' || code === 'LEVEL_IO_ERROR') {
    return new StoreCorruptError(`the database could not be read (${describe(error)}): check the disk, restore the data directory or rejoin with an empty one`, { cause: error })
  }
  if (code === 'LEVEL_DATABASE_NOT_OPEN') return new ClosedError('the store is closed: open the node again', { cause: error })
  return error
}
