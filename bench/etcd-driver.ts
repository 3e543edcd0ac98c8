import { GrpcChannel, EtcdError } from './etcd-grpc.js'
import { PUT, RANGE, putRequest, rangeRequest } from './etcd-messages.js'
import type { Driver, Target } from './driver.js'

/**
 * Reads and writes go to the leader, which spares etcd the way through a follower and gives its best figures. When the leader's
 * connection dies, they go to the other members in turn, as etcd's own client does.
 */
export class EtcdDriver implements Driver {
  readonly #endpoints: readonly string[]
  #channel: GrpcChannel | undefined
  #opening: Promise<GrpcChannel> | undefined
  #at = 0

  private constructor (readonly target: Extract<Target, { system: 'etcd' }>) {
    this.#endpoints = [target.leader, ...target.endpoints.filter(endpoint => endpoint !== target.leader)]
  }

  static async open (target: Extract<Target, { system: 'etcd' }>): Promise<EtcdDriver> {
    const driver = new EtcdDriver(target)
    driver.#channel = await GrpcChannel.open(target.leader)
    return driver
  }

  async put (key: string, value: Uint8Array): Promise<void> {
    await (this.#live() ?? await this.#reopen()).call(PUT, putRequest(key, value))
  }

  async get (key: string): Promise<void> {
    const response = await (this.#live() ?? await this.#reopen()).call(RANGE, rangeRequest(key))
    // A header alone is under 64 bytes; a value that was found makes it longer.
    if (response.length < 200) throw new EtcdError(`${key} was not found`)
  }

  async close (): Promise<void> { this.#channel?.close() }

  #live (): GrpcChannel | undefined { return this.#channel?.open === true ? this.#channel : undefined }

  async #reopen (): Promise<GrpcChannel> {
    this.#opening ??= (async () => {
      this.#at++
      return await GrpcChannel.open(this.#endpoints[this.#at % this.#endpoints.length] ?? this.target.leader)
    })()
    try {
      this.#channel = await this.#opening
      return this.#channel
    } finally {
      this.#opening = undefined
    }
  }
}
