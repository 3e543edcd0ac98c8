import type { Consistency } from './api.js'
import type { KeySpan } from '../machine/types.js'
import type { KvChange, KvRow } from '../machine/kv-types.js'

/** How new the state must be that a query is answered from. */
export interface Wanted {
  readonly consistency: Consistency
  /** ms, for `bounded`. */
  readonly maxAge: number
}

/** Of which state the answer is. */
export interface Freshness {
  /** All up to here is in it. */
  readonly revision: number
  /** ms; see {@link ReadResult.age}. */
  readonly age: number
}

/** Where a watcher is: `skip` changes of `revision` are known already, for one command can change more than one answer holds. */
export interface WatchPosition { readonly revision: number, readonly skip: number }

export interface LeaseTtl {
  readonly id: number
  /** ms; 0: there is no such lease. */
  readonly ttl: number
}

/** Something that was said about a topic; `publisher`: peer id. */
export interface Saying { readonly data: Uint8Array, readonly publisher: string }
/** Both 0: from now on. */
export interface TopicPosition { readonly epoch: number, readonly position: number }

/** What can be asked of a namespace without writing to its log, and what the answers are. */
export interface Queries {
  row: { asks: Wanted & { readonly key: Uint8Array }, answer: Freshness & { readonly row: KvRow | undefined } }
  rows: {
    asks: Wanted & { readonly span: KeySpan, readonly limit: number, readonly keysOnly: boolean, readonly reverse: boolean }
    answer: Freshness & { readonly rows: readonly KvRow[], readonly more: boolean }
  }
  /** What changed in a span, from a position on. Waits for up to `waitMs` while there is nothing. The first change may be the rest of a revision. */
  changes: {
    asks: { readonly span: KeySpan, readonly position: WatchPosition, readonly waitMs: number, readonly maxBytes: number }
    answer: { readonly compacted: number } | { readonly compacted?: undefined, readonly changes: readonly KvChange[], readonly next: WatchPosition }
  }
  /** In the order asked. */
  keepAlive: { asks: { readonly leases: readonly number[] }, answer: readonly LeaseTtl[] }
  leaseStatus: { asks: { readonly lease: number }, answer: { readonly ttl: number, readonly remaining: number, readonly keys: readonly Uint8Array[] } }
  leases: { asks: { readonly after: number, readonly limit: number }, answer: { readonly leases: readonly LeaseTtl[], readonly more: boolean } }
  publish: { asks: { readonly topic: string, readonly data: Uint8Array }, answer: number }
  listen: {
    asks: { readonly topic: string, readonly position: TopicPosition, readonly waitMs: number }
    answer: { readonly sayings: readonly Saying[], readonly position: TopicPosition, readonly missed: boolean }
  }
}

export type QueryType = keyof Queries

/** As a message says it to whoever asked. */
export const queryNames: Readonly<Record<QueryType, string>> = {
  row: 'get', rows: 'scan', changes: 'watch', keepAlive: 'keepAlive', leaseStatus: 'timeToLive', leases: 'a list of leases', publish: 'publish', listen: 'subscribe'
}

export type Query<K extends QueryType = QueryType> = { [T in K]: { readonly type: T } & Queries[T]['asks'] }[K]
export type Answer<K extends QueryType> = Queries[K]['answer']
