import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { Lane } from './lane.js'
import type { Road } from './lane.js'
import type { AddressInfo, Server, Socket } from 'node:net'

interface Link { readonly from: string, readonly to: string, readonly sockets: readonly [dialled: Socket, listened: Socket], readonly lanes: readonly Lane[] }

/** Elsewhere every connection comes from 127.0.0.1, and nothing can be told apart. */
export const partitionsMissing = process.platform === 'linux' ? undefined : 'no partitions: they need loopback addresses beside 127.0.0.1, which only Linux has without being told'

/**
 * All that nodes and clients say to each other passes through here, so that it can be cut, one way or both, slowed and reset, for each pair.
 *
 * A node listens on a Unix socket that only this proxy knows, and announces a port of the proxy. Whoever dials does so from a loopback
 * address of its own (127.0.1.x), which tells the proxy who it is.
 */
export class Network implements AsyncDisposable {
  readonly #servers: Server[] = []
  readonly #links = new Set<Link>()
  readonly #roads = new Map<string, Road>()
  readonly #names = new Map<string, string>()

  /** A loopback address to dial from. */
  endpoint (name: string): string {
    if (partitionsMissing !== undefined) return '127.0.0.1'
    const address = `127.0.1.${this.#names.size + 1}`
    this.#names.set(address, name)
    return address
  }

  /** Opens the door of a node that listens, now or later, on a Unix socket. Resolves with the multiaddr to announce, which stays the same for good. */
  async open (name: string, socketPath: string): Promise<string> {
    const server = createServer(incoming => { this.#accept(incoming, name, socketPath) })
    this.#servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return `/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}`
  }

  /** Nothing gets from one to the other, while the other way is as it was. Returns what mends it: faults overlap, and each ends its own part only. */
  cut (from: string, to: string): () => void { return this.#change(from, to, { cuts: 1, delayMs: 0 }) }
  /** What leaves from now on takes so much longer. */
  slow (from: string, to: string, delayMs: number): () => void { return this.#change(from, to, { cuts: 0, delayMs }) }

  /** Every connection between the two ends with a TCP reset. Returns how many. */
  reset (a: string, b: string): number {
    let count = 0
    for (const link of this.#links) {
      if (!((link.from === a && link.to === b) || (link.from === b && link.to === a))) continue
      count++
      // A Unix socket has no resets.
      link.sockets[0].resetAndDestroy()
      link.sockets[1].destroy()
    }
    return count
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    for (const { sockets } of this.#links) for (const socket of sockets) socket.destroy()
    await Promise.all(this.#servers.map(async server => {
      server.close()
      await once(server, 'close')
    }))
  }

  #accept (incoming: Socket, to: string, path: string): void {
    const from = this.#names.get(incoming.remoteAddress ?? '') ?? 'unknown'
    const outgoing = connect({ path })
    const sockets = [incoming, outgoing] as const
    for (const socket of sockets) socket.setNoDelay(true)
    const lanes = [new Lane(incoming, outgoing, this.#road(from, to)), new Lane(outgoing, incoming, this.#road(to, from))]
    const link: Link = { from, to, sockets, lanes }
    this.#links.add(link)
    for (const socket of sockets) socket.on('close', () => { if (sockets.every(({ destroyed }) => destroyed)) this.#links.delete(link) })
  }

  #change (from: string, to: string, { cuts, delayMs }: Road): () => void {
    const road = this.#road(from, to)
    const add = (sign: 1 | -1): void => {
      road.cuts += sign * cuts
      road.delayMs += sign * delayMs
      for (const { lanes } of this.#links) for (const lane of lanes) lane.pump()
    }
    add(1)
    let ended = false
    return () => {
      if (!ended) add(-1)
      ended = true
    }
  }

  #road (from: string, to: string): Road {
    const key = `${from} ${to}`
    let road = this.#roads.get(key)
    if (road === undefined) this.#roads.set(key, road = { cuts: 0, delayMs: 0 })
    return road
  }
}
