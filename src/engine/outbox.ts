import type { Clock, Timer } from '../clock.js'
import type { Commit, MemberId, Message } from '../raft/types.js'
import type { Network } from '../wire/types.js'

export interface OutboxInit {
  readonly network: Network
  readonly clock: Clock
  readonly clusterId: Uint8Array
  readonly self: MemberId
  /** How long a new commit index waits for a message that it can go with. ms */
  readonly commitDelayMs: number
}

/**
 * What a group says in a turn, gathered into one frame for each member; messages to one member stay in order, but for news of the commit
 * index. Nobody waits for those: a read on a follower asks for a heartbeat, which brings them. Under load the next append is only a few ms away and
 * has them in it, and a frame for each member and batch is saved, a third of all.
 */
export class Outbox {
  readonly #init: OutboxInit
  readonly #byMember = new Map<MemberId, Message[]>()
  readonly #held = new Map<MemberId, Commit>()
  #timer: Timer | undefined

  constructor (init: OutboxInit) {
    this.#init = init
  }

  push (message: Message): void {
    if (message.type === 'commit') {
      this.#held.set(message.to, message)
      this.#timer ??= this.#init.clock.setTimer(this.#init.commitDelayMs, () => {
        this.#timer = undefined
        this.release()
        this.flush()
      })
      return
    }
    const held = this.#held.get(message.to)
    if (held !== undefined) {
      this.#held.delete(message.to)
      const says = (message.type === 'append' || message.type === 'heartbeat') && message.commit >= held.commit
      if (!says) this.#add(held)
    }
    this.#add(message)
  }

  /** What is held back leaves with what is flushed next. */
  release (): void {
    for (const commit of this.#held.values()) this.#add(commit)
    this.#held.clear()
  }

  flush (): void {
    if (this.#byMember.size === 0) return
    const { network, clusterId, self } = this.#init
    for (const [to, messages] of this.#byMember) network.send({ clusterId, from: self, to, messages })
    this.#byMember.clear()
  }

  stop (): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#held.clear()
    this.#byMember.clear()
  }

  #add (message: Message): void {
    const messages = this.#byMember.get(message.to)
    if (messages === undefined) this.#byMember.set(message.to, [message])
    else messages.push(message)
  }
}
