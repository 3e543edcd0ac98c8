import { Fifo } from './fifo.js'
import type { Message } from '../raft/types.js'

const MAX_BYTES = 64 << 20

const bytesOf = (message: Message): number => {
  if (message.type !== 'append') return 0
  let bytes = 0
  for (const entry of message.entries) bytes += entry.data.length
  return bytes
}

/**
 * Messages that wait to be stepped, bounded in number and bytes. Over the bound, appends are dropped first: Raft sends them again, while
 * votes and heartbeats keep the group alive.
 */
export class Inbox {
  readonly #max: number
  readonly #messages = new Fifo<Message>()
  #bytes = 0
  #dropped = 0

  constructor (max: number) {
    this.#max = max
  }

  get length (): number { return this.#messages.length }
  get dropped (): number { return this.#dropped }

  push (message: Message): void {
    const bytes = bytesOf(message)
    const full = message.type === 'append' ? this.length >= this.#max || this.#bytes + bytes > MAX_BYTES : this.length >= 4 * this.#max
    // One message always fits, or one that is over the bound would never arrive.
    if (full && this.length > 0) {
      this.#dropped++
      return
    }
    this.#bytes += bytes
    this.#messages.push(message)
  }

  shift (): Message | undefined {
    const message = this.#messages.shift()
    if (message !== undefined) this.#bytes -= bytesOf(message)
    return message
  }

  clear (): void {
    this.#messages.drain()
    this.#bytes = 0
  }
}
