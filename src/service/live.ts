import { BusyError, NotLeaderError } from '../errors.js'
import type { Clock, Timer } from '../clock.js'

/** Topics that a leader holds, and of each what was said, its bytes, and who listens. */
const MAX_TOPICS = 1_000
const MAX_SAYINGS = 256
const MAX_BYTES = 1 << 20
/** Of all topics: whoever may publish may do so on each of them. */
const MAX_ALL_BYTES = 32 << 20
const MAX_LISTENERS = 1_000
/** Who has not asked for this long has gone. */
const GONE_MS = 10_000

export interface Saying { readonly data: Uint8Array, readonly publisher: string }

/** Where a listener stands; `epoch` is the term of the leader that said so. Both 0: from now on. */
export interface TopicPosition { readonly epoch: number, readonly position: number }

/** `missed`: between the position that was asked from and `sayings` something may have been said. */
export interface Heard { readonly sayings: readonly Saying[], readonly position: TopicPosition, readonly missed: boolean }

export interface ListenOptions {
  /** As the answer before said. From now on is answered at once. */
  readonly from: TopicPosition
  /** How long to wait for something to be said. */
  readonly waitMs: number
  readonly signal?: AbortSignal
}

interface Topic {
  sayings: Array<Saying & { readonly position: number }>
  bytes: number
  /** Up to here, something on this topic may have been dropped. */
  lostTo: number
  readonly waiting: Set<() => void>
  /** Those who were answered, and are expected to ask again from there. */
  expected: Array<{ readonly position: number, readonly at: number }>
}

/**
 * What was said just now on a namespace's topics, at its leader: a short memory of each topic, out of which listeners are answered who ask again
 * and again. Nothing of it is kept on disk, replicated, or handed to the next leader. Positions count what was said on all topics of one
 * leadership; so who listened to another leader, or is behind what is remembered, is told that something may have been missed.
 *
 * Bounded: 1,000 topics, of each 256 sayings and 1 MiB, and 1,000 listeners; 32 MiB of all. A topic is forgotten 10 s after its last listener went.
 */
export class LiveTopics {
  private readonly topics = new Map<string, Topic>()
  private epoch: number | undefined
  private position = 0
  /** Of all topics. */
  private bytes = 0
  /** Of topics that are forgotten, or nobody listened to. */
  private lostTo = 0
  private timer: Timer | undefined

  constructor (private readonly namespace: string, private readonly clock: Clock) {}

  /** The term that this member leads in; undefined: it does not. Those who wait are told. */
  lead (term: number | undefined): void {
    if (term === this.epoch) return
    const topics = [...this.topics.values()]
    this.topics.clear()
    this.timer?.cancel()
    this.timer = undefined
    this.epoch = term
    this.position = this.lostTo = this.bytes = 0
    for (const topic of topics) for (const wake of [...topic.waiting]) wake()
  }

  /** Returns how many listen. What nobody listens to is said to nobody; who listened, was forgotten, and comes back is told that it missed something. */
  publish (name: string, saying: Saying): number {
    this.checkLeads()
    const topic = this.topics.get(name)
    if (topic === undefined) {
      this.lostTo = ++this.position
      return 0
    }
    topic.sayings.push({ ...saying, position: ++this.position })
    topic.bytes += saying.data.byteLength
    this.bytes += saying.data.byteLength
    while (topic.sayings.length > MAX_SAYINGS || topic.bytes > MAX_BYTES) this.drop(topic)
    for (const other of this.bytes > MAX_ALL_BYTES ? this.topics.values() : []) while (this.bytes > MAX_ALL_BYTES && other.sayings.length > 0) this.drop(other)
    this.forgetGone(topic)
    const told = topic.waiting.size + topic.expected.length
    for (const wake of [...topic.waiting]) wake()
    return told
  }

  /** What was said after `from`; waits for something, at most `waitMs`. */
  async listen (name: string, { from, waitMs, signal }: ListenOptions): Promise<Heard> {
    const epoch = this.checkLeads()
    signal?.throwIfAborted()
    // Deposed, and does not know it yet: the listener has heard from the next leader, and what it heard here before that.
    if (from.epoch > epoch) throw this.notLeader()
    const topic = this.topicOf(name)
    const isNew = from.epoch === 0
    const known = from.epoch === epoch
    if (known) this.arrived(topic, from.position)
    if (topic.waiting.size + topic.expected.length >= MAX_LISTENERS) throw new BusyError(`${MAX_LISTENERS} listen to the topic ${name} of ${this.namespace}, and there can't be more`)
    if (known && waitMs > 0 && !hasNews(topic, from.position)) await this.news(topic, waitMs, signal)
    // Another leadership knows nothing of this one's positions.
    if (this.epoch !== epoch) throw this.notLeader()
    topic.expected.push({ position: this.position, at: this.clock.now() })
    return {
      sayings: isNew ? [] : topic.sayings.filter(({ position }) => !known || position > from.position).map(({ data, publisher }) => ({ data, publisher })),
      position: { epoch, position: this.position },
      missed: !isNew && (!known || topic.lostTo > from.position)
    }
  }

  close (): void { this.lead(undefined) }

  private checkLeads (): number {
    if (this.epoch === undefined) throw this.notLeader()
    return this.epoch
  }

  private notLeader (): NotLeaderError {
    return new NotLeaderError(`This member does not lead ${this.namespace}: what is live is said and heard at the leader`)
  }

  private topicOf (name: string): Topic {
    let topic = this.topics.get(name)
    if (topic === undefined) {
      if (this.topics.size >= MAX_TOPICS) this.sweep()
      if (this.topics.size >= MAX_TOPICS) throw new BusyError(`${MAX_TOPICS} topics of ${this.namespace} are listened to, and there can't be more`)
      topic = { sayings: [], bytes: 0, lostTo: this.lostTo, waiting: new Set(), expected: [] }
      this.topics.set(name, topic)
      this.timer ??= this.clock.setTimer(GONE_MS, () => { this.sweep() })
    }
    return topic
  }

  /** One of those who were answered so, whoever it is. */
  private arrived (topic: Topic, position: number): void {
    const at = topic.expected.findIndex(expected => expected.position === position)
    if (at >= 0) topic.expected.splice(at, 1)
  }

  private async news (topic: Topic, waitMs: number, signal: AbortSignal | undefined): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const end = (): void => {
        timer.cancel()
        signal?.removeEventListener('abort', onAbort)
        topic.waiting.delete(wake)
      }
      const wake = (): void => { end(); resolve() }
      const onAbort = (): void => { end(); reject(signal?.reason) }
      const timer = this.clock.setTimer(waitMs, wake)
      topic.waiting.add(wake)
      signal?.addEventListener('abort', onAbort)
    })
  }

  private drop (topic: Topic): void {
    const first = topic.sayings.shift()
    if (first === undefined) return
    topic.bytes -= first.data.byteLength
    this.bytes -= first.data.byteLength
    topic.lostTo = first.position
  }

  private forgetGone (topic: Topic): void {
    const earliest = this.clock.now() - GONE_MS
    if (topic.expected.some(({ at }) => at <= earliest)) topic.expected = topic.expected.filter(({ at }) => at > earliest)
  }

  /** Forgets listeners that have gone, and topics that nobody listens to. */
  private sweep (): void {
    this.timer?.cancel()
    this.timer = undefined
    for (const [name, topic] of this.topics) {
      this.forgetGone(topic)
      if (topic.waiting.size + topic.expected.length > 0) continue
      this.topics.delete(name)
      this.bytes -= topic.bytes
      this.lostTo = Math.max(this.lostTo, topic.sayings.at(-1)?.position ?? topic.lostTo)
    }
    if (this.topics.size > 0) this.timer = this.clock.setTimer(GONE_MS, () => { this.sweep() })
  }
}

function hasNews (topic: Topic, position: number): boolean {
  return topic.lostTo > position || (topic.sayings.at(-1)?.position ?? 0) > position
}
