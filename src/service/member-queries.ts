import { LeaseNotFoundError, NoLeaderError } from '../errors.js'
import { bounded } from './deadlines.js'
import { checkAnyTopic, checkSaying } from './kv-limits.js'
import { MAX_PAGE, PAGE } from './kv-operations.js'
import { checkLeaseKeys } from './lease-rights.js'
import { queryCodecs } from './query-codec.js'
import type { Manner } from './member-operations.js'
import type { NamespaceHost } from './namespace-host.js'
import type { PollLimit } from './poll-limit.js'
import type { Answer, LeaseTtl, Query, QueryType } from './queries.js'
import type { GroupHandle } from '../engine/types.js'

/** Who asks, where that is not this program. */
export interface Inquirer {
  /** Peer id of by whose rights it is judged. */
  readonly by: string
  readonly signal?: AbortSignal
  /** Throws unless they may know the answer. Asked again after every wait: what was withdrawn meanwhile is known here by then. */
  readonly check: () => void
  readonly checkKeys: (role: 'read' | 'write', keys: readonly Uint8Array[]) => void
  /** Whatever the keys: none need to be looked up. */
  readonly holdsAll: (role: 'read' | 'write') => boolean
}

type Serve<K extends QueryType> = (query: Query<K>, manner: Manner, inquirer: Inquirer | undefined) => Promise<Answer<K>>

/** Bytes of rows, or keys, in one answer: well inside a frame. */
const PAGE_BYTES = 1 << 20
const MAX_LEASES_PAGE = 10_000
const MAX_KEYS = 10_000
/** Of the time that a caller gives: what is left is for the answer's way back. */
const WAITING_PART = 0.9

/** What a member answers, to its own program and to peers alike. */
export class MemberQueries {
  private readonly serving: { readonly [K in QueryType]: Serve<K> } = {
    row: async (query, manner, inquirer) => {
      const { kv, age } = await this.host.readable(query, manner)
      inquirer?.check()
      // Before the look, and in the same turn: all up to here is in what is found.
      const { revision } = kv
      return { row: await kv.row(query.key), revision, age: age() }
    },
    rows: async (query, manner, inquirer) => {
      const { kv, age } = await this.host.readable(query, manner)
      inquirer?.check()
      const { span, keysOnly, reverse } = query
      const limit = query.limit === 0 ? PAGE : Math.min(query.limit, MAX_PAGE)
      return await this.scanned(inquirer, async () => ({ ...await kv.rows({ ...span, limit, keysOnly, reverse, maxBytes: PAGE_BYTES }), age: age() }))
    },
    changes: async (query, manner, inquirer) => await this.polled(inquirer, async () => await this.changes(query, manner, inquirer)),
    keepAlive: async (query, manner, inquirer) => await this.atLeader(query, 'a keep-alive', manner, async () => {
      if (inquirer?.holdsAll('write') === false) {
        // As this member has it. That it leads, and knows of all that was done before, is confirmed below, or nothing is kept alive.
        const { kv } = await this.host.readable({ consistency: 'stale', maxAge: 0 }, manner)
        await checkLeaseKeys(query.leases, kv, keys => { inquirer.checkKeys('write', keys) })
      }
      return await this.host.atLeader.leases.keepAlive(query.leases)
    }),
    leaseStatus: async (query, manner, inquirer) => {
      const status = await this.atLeader(query, 'a look at a lease', manner, async () => await this.leaseStatus(query.lease, manner))
      inquirer?.checkKeys('read', status.keys)
      return status
    },
    leases: async (query, manner, inquirer) => {
      const { kv } = await this.host.readable({ consistency: 'linearizable', maxAge: 0 }, manner)
      inquirer?.check()
      return await this.scanned(inquirer, async () => leasePage(kv.leases(), query.after, Math.max(1, Math.min(query.limit, MAX_LEASES_PAGE))))
    },
    publish: async (query, manner, inquirer) => {
      checkAnyTopic(query.topic)
      checkSaying(query.data, this.host.options.limits)
      const saying = { data: new Uint8Array(query.data), publisher: inquirer?.by ?? this.host.node.self.toString() }
      return await this.atLeader(query, 'a word', manner, async () => this.host.atLeader.live.publish(query.topic, saying), true)
    },
    listen: async (query, manner, inquirer) => await this.polled(inquirer, async () => {
      checkAnyTopic(query.topic)
      const waitMs = Math.min(query.waitMs, manner.timeoutMs * WAITING_PART)
      const signal = manner.signal ?? inquirer?.signal
      const heard = await this.atLeader({ ...query, waitMs }, 'a wait for what is said', manner, async () => await this.host.atLeader.live.listen(query.topic, { from: query.position, waitMs, signal }))
      inquirer?.check()
      return heard
    })
  }

  constructor (private readonly host: NamespaceHost) {}

  async ask<K extends QueryType> (query: Query<K>, manner: Manner, inquirer?: Inquirer): Promise<Answer<K>> {
    return await this.serving[query.type as K](query, manner, inquirer)
  }

  /** Served where it is led; elsewhere sent on, as it came. */
  private async atLeader<K extends QueryType> (query: Query<K>, what: string, manner: Manner, here: (group: GroupHandle) => Promise<Answer<K>>, write = false): Promise<Answer<K>> {
    const codec = queryCodecs[query.type as K]
    return await this.host.operations.atLeader(what, write, manner, here, codec.asking(query), (response, peer) => codec.answered(response, peer, query))
  }

  private async leaseStatus (lease: number, manner: Manner): Promise<Answer<'leaseStatus'>> {
    const [time] = await this.host.atLeader.leases.timeToLive([lease])
    if (time === undefined || time.ttl === 0) throw new LeaseNotFoundError(`There is no lease ${lease} in ${this.host.namespace} (any more): it has expired or was revoked`)
    const { kv } = await this.host.readable({ consistency: 'stale', maxAge: 0 }, manner)
    const keys = await kv.leaseKeys(lease, MAX_KEYS)
    let bytes = 0
    return { ttl: time.ttl, remaining: time.remaining, keys: keys.filter(key => (bytes += key.byteLength) <= PAGE_BYTES) }
  }

  /** Waits of this node's own program are its own affair. Those that a member passes on are not that member's: one caller must not take all its places. */
  private async polled<T> (inquirer: Inquirer | undefined, run: () => Promise<T>): Promise<T> {
    return inquirer === undefined ? await run() : await within(this.host.node.polls, inquirer, run)
  }

  /** A few bytes ask for a page, and hold a snapshot of the store for as long as it is read. Not counted while they wait to be told that the state is new enough. */
  private async scanned<T> (inquirer: Inquirer | undefined, run: () => Promise<T>): Promise<T> {
    return inquirer === undefined ? await run() : await within(this.host.node.scans, inquirer, run)
  }

  private async changes (query: Query<'changes'>, manner: Manner, inquirer: Inquirer | undefined): Promise<Answer<'changes'>> {
    const { clock } = this.host.node
    const { span, maxBytes } = query
    const endsAt = clock.now() + Math.min(query.waitMs, manner.timeoutMs * WAITING_PART)
    for (let position = query.position; ;) {
      const { kv, feed } = await this.host.readable({ consistency: 'stale', maxAge: 0 }, manner)
      const left = endsAt - clock.now()
      const wait = feed.wait(span)
      try {
        const page = await feed.page(span, position, maxBytes)
        inquirer?.check()
        if (page.compacted !== undefined || page.changes.length > 0) return page
        if (left <= 0) return this.waited(page, query)
        // History is looked through a part at a time.
        const isPart = page.next.revision > position.revision && page.next.revision <= kv.revision
        position = page.next
        if (isPart) continue
        await this.waitFor(wait.changed, left, manner.signal ?? inquirer?.signal)
        // Who has waited all the while has missed nothing, also where history up to there is compacted meanwhile.
        if (wait.quietBefore() > position.revision) position = { revision: wait.quietBefore(), skip: 0 }
      } finally {
        wait.end()
      }
    }
  }

  /** A member that hears nothing from a leader may go on hearing nothing, while others see what happens. */
  private waited (page: Answer<'changes'>, { position }: Query<'changes'>): Answer<'changes'> {
    if (this.host.leader === undefined && page.compacted === undefined && page.next.revision === position.revision) {
      throw new NoLeaderError(`This member of ${this.host.namespace} has no leader: others may know of changes that it does not`)
    }
    return page
  }

  private async waitFor (changed: Promise<void>, ms: number, signal: AbortSignal | undefined): Promise<void> {
    try {
      await bounded(changed, { deadlines: this.host.node.deadlines, ms, signal, late: () => new Elapsed() })
    } catch (error) {
      if (!(error instanceof Elapsed)) throw error
    }
  }
}

class Elapsed extends Error {}

async function within<T> (limit: PollLimit, { by }: Inquirer, run: () => Promise<T>): Promise<T> {
  const leave = limit.enter(by)
  try {
    return await run()
  } finally {
    leave()
  }
}

/** They are in order: nothing is sorted, and what is behind the page is not looked at. */
function leasePage (leases: ReadonlyMap<number, number>, after: number, limit: number): Answer<'leases'> {
  const found: LeaseTtl[] = []
  for (const [id, ttl] of leases) {
    if (id <= after) continue
    if (found.length === limit) return { leases: found, more: true }
    found.push({ id, ttl })
  }
  return { leases: found, more: false }
}
