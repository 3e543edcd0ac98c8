import { LeaseNotFoundError, UnavailableError } from '../errors.js'
import {
  beyond, checkHeld, checkLease, checkWrite, deletedBy, encode, PAGE, readTxn, resolveKeys, resolveRead, resolveScan, toBatch, toCompact, toDelete, toDeleteRange, toGrant, toKey, toSet, toText, toTxn
} from './kv-operations.js'
import { toBytes } from './bytes.js'
import { readResult, readResultOf } from './kv-results.js'
import { checkTopic } from './kv-limits.js'
import { holdLease } from './lease.js'
import type { KeptLeases } from './lease.js'
import { subscribe } from './live-subscription.js'
import { toSpan } from './spans.js'
import { namedBarrier } from '../recipes/barrier.js'
import { Cron } from '../recipes/cron/cron.js'
import { doubleBarrier } from '../recipes/double-barrier.js'
import { election } from '../recipes/election.js'
import { lock, tryLock } from '../recipes/lock.js'
import { semaphore } from '../recipes/semaphore.js'
import { Config } from '../recipes/config.js'
import { EventLog } from '../recipes/event-log.js'
import { Queue } from '../recipes/queue.js'
import { checkKeys, checkNumber } from './validate.js'
import { KvWatch } from './watch.js'
import type {
  BatchOperation, Deleted, DeleteOptions, DeleteRangeOptions, Key, KeysOptions, KeyValue, Lease, LeaseOptions, LiveSubscription, Page, ReadOptions, ReadResult, RecipeContext,
  Row, ScanOptions, SetOptions, Txn, TxnResult, Value, Watch, WatchOptions, WriteOptions, Written
} from '../recipes/types.js'
import type { NamedBarrier } from '../recipes/barrier.js'
import type { CronApi } from '../recipes/cron/types.js'
import type { DoubleBarrier } from '../recipes/double-barrier.js'
import type { ConfigOptions } from '../recipes/config.js'
import type { Election } from '../recipes/election.js'
import type { EventLogOptions } from '../recipes/event-log.js'
import type { Lock, LockOptions } from '../recipes/lock.js'
import type { Recipes } from '../recipes/recipes.js'
import type { Semaphore } from '../recipes/semaphore.js'
import type { Answer, Query, QueryType } from './queries.js'
import type { SubscriptionInit } from './live-subscription.js'
import type { Clock } from '../clock.js'
import type { KvCommand, TxnCommand } from '../machine/kv-types.js'
import type { AbortOptions } from '@libp2p/interface'

/** What a handle has from its node. */
export interface HandleContext {
  readonly clock: Clock
  /** [0, 1). */
  readonly random: () => number
  readonly log: (format: string, ...args: unknown[]) => void
  /** Aborts when the handle is closed. */
  readonly signal: AbortSignal
}

export interface Proposed { readonly index: number, readonly result: Uint8Array }

/** `timeoutMs`: in place of the handle's own. */
export interface ProposeOptions extends WriteOptions { readonly timeoutMs?: number }
export interface AskOptions extends AbortOptions { readonly timeoutMs?: number }

/** Bytes of changes in one answer. */
const WATCH_BYTES = 1 << 20
/** Leases in one page of a list. */
const LEASES_PAGE = 10_000

/**
 * All that can be done with the built-in state machine, over what a handle must be able to do: propose a command, and ask about the
 * state. How that gets to the group is what members and clients differ in.
 */
export abstract class KvHandle implements KeyValue, Recipes {
  abstract readonly namespace: string

  /** Resolves with the command's index and result once it has been applied. `what`: for messages. */
  abstract propose (what: string, command: Uint8Array, options?: ProposeOptions): Promise<Proposed>
  abstract ask<K extends QueryType> (query: Query<K>, options?: AskOptions): Promise<Answer<K>>
  /** Resolves with an index up to which all that was committed before the call is applied, there where the next question goes or on this member. */
  abstract barrier (options?: AbortOptions): Promise<number>
  protected abstract readonly context: HandleContext

  /** For how long a question may wait at a member for something to happen. */
  protected abstract readonly pollMs: number

  async set (key: Key, value: Value, options?: SetOptions): Promise<Written> {
    const command = toSet(key, value, options)
    if (command.type !== 'txn') return await this.write('set', command, options)
    const done = await this.transact('set', command, options)
    checkHeld(done, toKey(key), options?.version)
    return { revision: done.revision }
  }

  async delete (key: Key, options?: DeleteOptions): Promise<Deleted> {
    const done = await this.transact('delete', toDelete(key, options), options)
    checkHeld(done, toKey(key), options?.version)
    return { revision: done.revision, deleted: deletedBy(done) }
  }

  async deleteRange (options: DeleteRangeOptions): Promise<Deleted> {
    const done = await this.transact('deleteRange', toDeleteRange(options), options)
    return { revision: done.revision, deleted: deletedBy(done) }
  }

  async batch (operations: readonly BatchOperation[], options?: WriteOptions): Promise<Written> {
    checkWrite(options, 'batch')
    return await this.write('batch', toBatch(operations), options)
  }

  async txn (txn: Txn, options?: WriteOptions): Promise<TxnResult> {
    checkWrite(options, 'txn')
    return await this.transact('txn', toTxn(txn), options)
  }

  async compact (revision: number, options?: WriteOptions): Promise<Written> {
    checkWrite(options, 'compact')
    return await this.write('compact', toCompact(revision), options)
  }

  async get (key: Key, options?: ReadOptions): Promise<Uint8Array | undefined> {
    return (await this.ask({ type: 'row', key: toKey(key), ...resolveRead(options) }, options)).row?.value
  }

  async read (key: Key, options?: ReadOptions): Promise<ReadResult> {
    return await this.ask({ type: 'row', key: toKey(key), ...resolveRead(options) }, options)
  }

  async keys (options?: KeysOptions): Promise<string[]> {
    const { limit, ...wanted } = resolveKeys(options)
    const found: string[] = []
    let { span } = wanted
    while (found.length < limit) {
      const { rows, more } = await this.ask({ type: 'rows', ...wanted, span, limit: Math.min(PAGE, limit - found.length), keysOnly: true, reverse: false }, options)
      for (const { key } of rows) found.push(toText(key))
      if (!more) break
      span = beyond(span, lastKey(rows), false)
    }
    return found
  }

  async scan (options?: ScanOptions): Promise<Page> {
    const wanted = resolveScan(options)
    const { rows, more, revision, age } = await this.ask({ type: 'rows', ...wanted }, options)
    return { rows, revision, age, next: more ? lastKey(rows) : undefined }
  }

  async * rows (options?: ScanOptions): AsyncGenerator<Row> {
    for (let after = options?.after; ;) {
      const page = await this.scan({ ...options, after })
      yield * page.rows
      if (page.next === undefined) return
      after = page.next
    }
  }

  async watch (options: WatchOptions = {}): Promise<Watch> {
    checkKeys(options, ['key', 'prefix', 'from', 'to', 'revision', 'signal'], 'the options of watch')
    const span = toSpan(options)
    const { clock, random, log, signal } = this.context
    const asked = options.revision === undefined ? undefined : checkNumber(options.revision, 1, 'revision', { min: 1, max: Number.MAX_SAFE_INTEGER, integer: true })
    return new KvWatch({
      namespace: this.namespace,
      revision: asked ?? await this.barrier(options) + 1,
      poll: async (position, signal) => await this.ask({ type: 'changes', span, position, waitMs: this.pollMs, maxBytes: WATCH_BYTES }, { signal }),
      clock,
      random,
      log,
      signals: [options.signal, signal]
    })
  }

  readonly leases: KeptLeases = {
    grant: async options => {
      checkKeys(options, ['ttl', 'signal'], 'the options of grant')
      const command = toGrant(options?.ttl)
      const { revision } = await this.write('grant', command, options)
      return { id: revision, ttl: command.ttl }
    },
    keepAlive: async (id, options) => {
      checkKeys(options, ['signal', 'timeoutMs'], 'the options of keepAlive')
      const [kept] = await this.ask({ type: 'keepAlive', leases: [checkLease(id)] }, options)
      if (kept === undefined || kept.ttl === 0) throw this.noLease(id)
      return { ttl: kept.ttl }
    },
    revoke: async (id, options) => {
      checkSignal(options, 'revoke')
      const { result } = await this.propose('revoke', encode({ type: 'revoke', leases: [checkLease(id)], expired: false }), options)
      if (readResultOf('counted', result).count === 0) throw this.noLease(id)
    },
    timeToLive: async (id, options) => {
      checkSignal(options, 'timeToLive')
      const { ttl, remaining, keys } = await this.ask({ type: 'leaseStatus', lease: checkLease(id) }, options)
      if (ttl === 0) throw this.noLease(id)
      return { id, ttl, remaining, keys }
    },
    list: async options => {
      checkSignal(options, 'list')
      const found: Array<{ id: number, ttl: number }> = []
      for (;;) {
        const { leases, more } = await this.ask({ type: 'leases', after: found.at(-1)?.id ?? 0, limit: LEASES_PAGE }, options)
        found.push(...leases)
        if (!more || leases.length === 0) return found
      }
    }
  }

  async lease (options?: LeaseOptions): Promise<Lease> {
    return await holdLease({ ...this.context, namespace: this.namespace, leases: this.leases }, options)
  }

  async publish (topic: string, data: Value, options?: AbortOptions): Promise<number> {
    checkSignal(options, 'publish')
    return await this.live.publish(checkTopic(topic), data, options)
  }

  async subscribe (topic: string, options?: AbortOptions): Promise<LiveSubscription> {
    checkSignal(options, 'subscribe')
    return await this.live.subscribe(checkTopic(topic), options)
  }

  /** On any topic, a recipe's own as well. */
  private readonly live: RecipeContext['live'] = {
    publish: async (topic, data, options) => await this.ask({ type: 'publish', topic, data: toBytes(data, 'data') }, options),
    subscribe: async (topic, options) => {
      const { clock, random, signal } = this.context
      const poll: SubscriptionInit['poll'] = async (position, signal) => await this.ask({ type: 'listen', topic, position, waitMs: this.pollMs }, { signal })
      return await subscribe({ namespace: this.namespace, topic, poll, clock, random, signals: [options?.signal, signal] })
    }
  }

  async lock (name: string, options?: LockOptions): Promise<Lock> { return await lock(this.recipes, name, options) }
  async tryLock (name: string, options?: LeaseOptions): Promise<Lock | undefined> { return await tryLock(this.recipes, name, options) }
  semaphore (name: string, permits: number): Semaphore { return semaphore(this.recipes, name, permits) }
  election (name: string): Election { return election(this.recipes, name) }
  namedBarrier (name: string): NamedBarrier { return namedBarrier(this.recipes, name) }
  doubleBarrier (name: string, count: number): DoubleBarrier { return doubleBarrier(this.recipes, name, count) }
  get cron (): CronApi { return new Cron(this.recipes) }
  queue (name: string): Queue { return new Queue(this.recipes, name) }
  config (project: string, options?: ConfigOptions): Config { return new Config(this.recipes, project, options) }
  eventLog (name: string, options?: EventLogOptions): EventLog { return new EventLog(this.recipes, name, options) }

  /** What recipes on this handle are built on. */
  protected get recipes (): RecipeContext {
    return {
      ...this.context,
      kv: this,
      live: this.live,
      run: async (command, options) => readResult((await this.propose(command.type, encode(command), options)).result)
    }
  }

  private async write (what: string, command: KvCommand, options: WriteOptions | undefined): Promise<Written> {
    const { result } = await this.propose(what, encode(command), options)
    return { revision: readResultOf('written', result).revision }
  }

  private async transact (what: string, command: TxnCommand, options: WriteOptions | undefined): Promise<TxnResult> {
    return readTxn((await this.propose(what, encode(command), options)).result, command)
  }

  private noLease (id: number): LeaseNotFoundError {
    return new LeaseNotFoundError(`There is no lease ${id} in ${this.namespace} (any more): it has expired or was revoked`)
  }
}

function checkSignal (options: AbortOptions | undefined, what: string): void { checkKeys(options, ['signal'], `the options of ${what}`) }

/** That there is more, and nothing to go on from, is not believed of any peer. */
function lastKey (rows: readonly Row[]): Uint8Array {
  const last = rows.at(-1)
  if (last === undefined) throw new UnavailableError('A peer answered with no rows, and says that there are more: it may run an incompatible version')
  return last.key
}
