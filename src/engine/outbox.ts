import type { MemberId, Message } from '../raft/types.js'
import type { Network } from '../wire/types.js'

/** What a group says in a turn, gathered into one frame for each member; messages to one member stay in order. */
export class Outbox {
  readonly #network: Network
  readonly #clusterId: Uint8Array
  readonly #self: MemberId
  readonly #byMember = new Map<MemberId, Message[]>()

  constructor (network: Network, clusterId: Uint8Array, self: MemberId) {
    this.#network = network
    this.#clusterId = clusterId
    this.#self = self
  }

  push (message: Message): void {
    const messages = this.#byMember.get(message.to)
    if (messages === undefined) this.#byMember.set(message.to, [message])
    else messages.push(message)
  }

  flush (): void {
    if (this.#byMember.size === 0) return
    for (const [to, messages] of this.#byMember) this.#network.send({ clusterId: this.#clusterId, from: this.#self, to, messages })
    this.#byMember.clear()
  }
}
