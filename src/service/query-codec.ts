import { UnavailableError } from '../errors.js'
import { checkChanges, checkRows } from './answers.js'
import { decodeConsistency, encodeConsistency, part } from './requests.js'
import type { Answer, Freshness, Query, QueryType, Wanted } from './queries.js'
import type { KvChange, KvEvent, KvRow } from '../machine/kv-types.js'
import type { Freshness as WireFreshness, Request, RequestBody, Response, Row, RowChange } from '../wire/index.js'
import type { PeerId } from '@libp2p/interface'

type Bytes = Uint8Array<ArrayBuffer>
type Asking = Partial<Omit<RequestBody, 'namespace' | 'forwarded' | 'timeoutMs' | 'origin'>>
type Answering = Omit<Response, 'id'>

/** One kind of query on the wire: both sides of the request, and both of the answer. */
interface QueryCodec<K extends QueryType> {
  readonly asking: (query: Query<K>) => Asking
  /** Undefined: the request is another. */
  readonly asked: (request: Omit<Request, 'id'>) => Query<K> | undefined
  readonly answering: (answer: Answer<K>) => Answering
  /** @throws UnavailableError where the peer answered with something else */
  readonly answered: (response: Response, peer: PeerId, query: Query<K>) => Answer<K>
}

const EMPTY = new Uint8Array(0)
/** Bounds for what peers say that has none of its own. */
const MAX_UINT32 = 2 ** 32 - 1

const row: QueryCodec<'row'> = {
  asking: ({ key, ...wanted }) => ({ get: { key: key as Bytes, ...encodeWanted(wanted) } }),
  asked: ({ get }) => get === undefined ? undefined : { type: 'row', key: get.key, ...decodeWanted(get) },
  answering: ({ row, revision, age }) => ({
    got: { found: row !== undefined, value: (row?.value ?? EMPTY) as Bytes, ...(row === undefined ? {} : { facts: factsOf(row) }), freshness: encodeFreshness({ revision, age }) }
  }),
  answered: (response, peer, { key }) => {
    const { found, value, facts, freshness } = part(response.got, 'a value', peer)
    return { ...decodeFreshness(freshness), row: found ? readRow({ key: key as Bytes, value, facts }) : undefined }
  }
}

const rows: QueryCodec<'rows'> = {
  asking: ({ span: { from, to }, limit, keysOnly, reverse, ...wanted }) => ({ scan: { from: from as Bytes, ...(to === undefined ? {} : { to: to as Bytes }), limit, keysOnly, reverse, ...encodeWanted(wanted) } }),
  asked: ({ scan }) => scan === undefined ? undefined : { type: 'rows', span: spanOf(scan), limit: scan.limit, keysOnly: scan.keysOnly, reverse: scan.reverse, ...decodeWanted(scan) },
  answering: ({ rows, more, revision, age }) => ({ rowList: { rows: rows.map(writeRow), more, freshness: encodeFreshness({ revision, age }) } }),
  answered: (response, peer, query) => {
    const { rows, more, freshness } = part(response.rowList, 'rows', peer)
    const read = rows.map(readRow)
    checkRows(read, more, query)
    return { ...decodeFreshness(freshness), rows: read, more }
  }
}

const changes: QueryCodec<'changes'> = {
  asking: ({ span: { from, to }, position: { revision, skip }, waitMs, maxBytes }) => ({ changes: { from: from as Bytes, ...(to === undefined ? {} : { to: to as Bytes }), revision, skip, waitMs: Math.ceil(waitMs), maxBytes } }),
  asked: ({ changes: asked }) => asked === undefined
    ? undefined
    : { type: 'changes', span: spanOf(asked), position: { revision: asked.revision, skip: asked.skip }, waitMs: asked.waitMs, maxBytes: asked.maxBytes },
  answering: answer => answer.compacted !== undefined
    ? { changeList: { changes: [], next: 0, nextSkip: 0, compacted: answer.compacted } }
    : { changeList: { changes: answer.changes.flatMap(writeChange), next: answer.next.revision, nextSkip: answer.next.skip } },
  answered: (response, peer, query) => {
    const { changes, next, nextSkip, compacted } = part(response.changeList, 'changes', peer)
    if (compacted !== undefined) {
      // It ends the watch for good: for that, what was asked for must be gone.
      if (compacted < query.position.revision) throw wrong(peer, 'that other history is compacted than it was asked for')
      return { compacted }
    }
    const answer = { changes: readChanges(changes), next: { revision: next, skip: nextSkip } }
    checkChanges(answer.changes, answer.next, query)
    return answer
  }
}

const keepAlive: QueryCodec<'keepAlive'> = {
  asking: ({ leases }) => ({ keepAlive: { leases: [...leases] } }),
  asked: ({ keepAlive: asked }) => asked === undefined ? undefined : { type: 'keepAlive', leases: asked.leases },
  answering: leases => ({ leaseList: { leases: leases.map(({ id, ttl }) => ({ id, ttlMs: ttl })), more: false } }),
  answered: (response, peer, { leases }) => {
    const kept = part(response.leaseList, 'leases', peer).leases
    // Somebody else's ttl would have a program believe in a lease that is gone.
    if (kept.length !== leases.length || kept.some(({ id }, i) => id !== leases[i])) throw wrong(peer, 'other leases than it was asked about')
    return kept.map(({ id, ttlMs }) => ({ id, ttl: ttlMs }))
  }
}

const leaseStatus: QueryCodec<'leaseStatus'> = {
  asking: ({ lease }) => ({ leaseStatus: { lease } }),
  asked: ({ leaseStatus: asked }) => asked === undefined ? undefined : { type: 'leaseStatus', lease: asked.lease },
  answering: ({ ttl, remaining, keys }) => ({ leaseState: { ttlMs: ttl, remainingMs: Math.floor(remaining), keys: keys as Bytes[] } }),
  answered: (response, peer) => {
    const { ttlMs, remainingMs, keys } = part(response.leaseState, 'the state of a lease', peer)
    return { ttl: ttlMs, remaining: remainingMs, keys }
  }
}

const leases: QueryCodec<'leases'> = {
  asking: ({ after, limit }) => ({ listLeases: { after, limit } }),
  asked: ({ listLeases }) => listLeases === undefined ? undefined : { type: 'leases', after: listLeases.after, limit: listLeases.limit },
  answering: ({ leases, more }) => ({ leaseList: { leases: leases.map(({ id, ttl }) => ({ id, ttlMs: ttl })), more } }),
  answered: (response, peer, { after }) => {
    const { leases, more } = part(response.leaseList, 'leases', peer)
    // Or a list of them would never end.
    if (leases.some(({ id }, i) => id <= (i === 0 ? after : leases[i - 1].id))) throw wrong(peer, 'leases that do not go on from those before')
    return { leases: leases.map(({ id, ttlMs }) => ({ id, ttl: ttlMs })), more }
  }
}

const publish: QueryCodec<'publish'> = {
  asking: ({ topic, data }) => ({ publish: { topic, data: data as Bytes } }),
  asked: ({ publish: asked }) => asked === undefined ? undefined : { type: 'publish', topic: asked.topic, data: asked.data },
  answering: told => ({ published: { told } }),
  answered: (response, peer) => part(response.published, 'how many were told', peer, true).told
}

const listen: QueryCodec<'listen'> = {
  asking: ({ topic, position: { epoch, position }, waitMs }) => ({ listen: { topic, epoch, position, waitMs: Math.ceil(waitMs) } }),
  asked: ({ listen: asked }) => asked === undefined ? undefined : { type: 'listen', topic: asked.topic, position: { epoch: asked.epoch, position: asked.position }, waitMs: asked.waitMs },
  answering: ({ sayings, position: { epoch, position }, missed }) => ({ heard: { sayings: sayings.map(({ data, publisher }) => ({ data: data as Bytes, publisher })), epoch, position, missed } }),
  answered: (response, peer) => {
    const { sayings, epoch, position, missed } = part(response.heard, 'what was said', peer)
    return { sayings, position: { epoch, position }, missed }
  }
}

export const queryCodecs: { readonly [K in QueryType]: QueryCodec<K> } = { row, rows, changes, keepAlive, leaseStatus, leases, publish, listen }

/** The query that a request is, if it is one. */
export function askedQuery (request: Omit<Request, 'id'>): Query | undefined {
  for (const { asked } of all) {
    const query = asked(request)
    if (query !== undefined) return query
  }
  return undefined
}

const all = Object.values(queryCodecs)

export function answering<K extends QueryType> (type: K, answer: Answer<K>): Answering { return queryCodecs[type].answering(answer) }

function encodeWanted ({ consistency, maxAge }: Wanted): { consistency: ReturnType<typeof encodeConsistency>, maxAgeMs?: number } {
  return { consistency: encodeConsistency(consistency), ...(consistency === 'bounded' ? { maxAgeMs: Math.min(MAX_UINT32, Math.floor(maxAge)) } : {}) }
}

/** Without an age, nothing is new enough for `bounded`. */
function decodeWanted ({ consistency, maxAgeMs }: { consistency: ReturnType<typeof encodeConsistency>, maxAgeMs?: number }): Wanted {
  return { consistency: decodeConsistency(consistency), maxAge: maxAgeMs ?? 0 }
}

function encodeFreshness ({ revision, age }: Freshness): WireFreshness {
  return { revision, ...(age <= MAX_UINT32 ? { ageMs: Math.ceil(age) } : {}) }
}

function decodeFreshness (freshness: WireFreshness | undefined): Freshness {
  return { revision: freshness?.revision ?? 0, age: freshness?.ageMs ?? Infinity }
}

function factsOf ({ createRevision, modRevision, version, lease }: KvRow): NonNullable<Row['facts']> { return { createRevision, modRevision, version, lease } }

function writeRow (row: KvRow): Row { return { key: row.key as Bytes, value: row.value as Bytes, facts: factsOf(row) } }

function readRow ({ key, value, facts }: Row): KvRow {
  if (facts === undefined) throw new UnavailableError('A peer answered with a row without its revisions: it may run an incompatible version')
  return { key, value, ...facts }
}

function writeChange ({ revision, events }: KvChange): RowChange[] {
  return events.map(event => event.type === 'put' ? { row: writeRow(event.row), deleted: EMPTY, revision: 0 } : { deleted: event.key as Bytes, revision })
}

function readChanges (changes: readonly RowChange[]): KvChange[] {
  const read: Array<{ revision: number, events: KvEvent[] }> = []
  for (const { row, deleted, revision: at } of changes) {
    const event: KvEvent = row === undefined ? { type: 'delete', key: deleted } : { type: 'put', row: readRow(row) }
    const revision = event.type === 'put' ? event.row.modRevision : at
    const last = read.at(-1)
    if (last?.revision === revision) last.events.push(event)
    else read.push({ revision, events: [event] })
  }
  return read
}

function spanOf ({ from, to }: { from: Uint8Array, to?: Uint8Array }): { from: Uint8Array, to?: Uint8Array } { return { from, ...(to === undefined ? {} : { to }) } }

function wrong (peer: PeerId, what: string): UnavailableError { return new UnavailableError(`Peer ${peer.toString()} answered with ${what}: it may run an incompatible version`) }
