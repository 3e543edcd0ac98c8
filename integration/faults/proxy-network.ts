import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { Lane } from './lane.js'
import { mendOnce } from './network.js'
import type { Road } from './lane.js'
import type { Mend, Network, NodePlace, Place, Trouble, Way } from './network.js'
import type { Shape } from './plan.js'
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
export class ProxyNetwork implements Network {
  readonly name = 'proxy'
  /** A seed is a plan only as long as these stay as they are, in this order. */
  readonly shapes: readonly Shape[] = partitionsMissing === undefined ? ['isolate', 'mute', 'deaf', 'bridge', 'slow', 'reset'] : []
  readonly #servers: Server[] = []
  readonly #links = new Set<Link>()
  readonly #roads = new Map<string, Road>()
  readonly #names = new Map<string, string>()

  /** Of the directory, nothing but the sockets of nodes is used. */
  constructor (private readonly directory: string) {}

  /** Opens the door of a node that listens, now or later, on a Unix socket. The address to announce stays the same for good. */
  async node (name: string): Promise<NodePlace> {
    const socket = join(this.directory, `${name}.sock`)
    const server = createServer(incoming => { this.#accept(incoming, name, socket) })
    this.#servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const announce = `/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}`
    return { socket, listen: `/unix/${encodeURIComponent(socket)}`, announce, localAddress: this.#endpoint(name) }
  }

  async client (name: string): Promise<Place> {
    return { localAddress: this.#endpoint(name) }
  }

  async cut (ways: readonly Way[]): Promise<Mend> { return this.#change(ways, { cuts: 1, delayMs: 0 }) }

  async trouble (name: string, { delayMs, ...others }: Trouble): Promise<Mend> {
    if (delayMs === undefined || Object.keys(others).length > 0) throw new Error('A proxy can make a connection slow, and nothing else')
    const rest = [...this.#names.values()].filter(other => other !== name)
    return this.#change(rest.flatMap(other => [{ from: name, to: other }, { from: other, to: name }]), { cuts: 0, delayMs })
  }

  async unplug (name: string): Promise<Mend> { throw new Error(`There is no cable at ${name}: it is behind a proxy`) }

  async reset (name: string, others: readonly string[]): Promise<number> {
    let count = 0
    for (const link of this.#links) {
      if (!((link.from === name && others.includes(link.to)) || (link.to === name && others.includes(link.from)))) continue
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

  #change (ways: readonly Way[], { cuts, delayMs }: Road): Mend {
    const roads = ways.map(({ from, to }) => this.#road(from, to))
    const add = (sign: 1 | -1): void => {
      for (const road of roads) {
        road.cuts += sign * cuts
        road.delayMs += sign * delayMs
      }
      for (const { lanes } of this.#links) for (const lane of lanes) lane.pump()
    }
    add(1)
    return mendOnce(() => { add(-1) })
  }

  /** A loopback address to dial from. */
  #endpoint (name: string): string {
    if (partitionsMissing !== undefined) return '127.0.0.1'
    const address = `127.0.1.${this.#names.size + 1}`
    this.#names.set(address, name)
    return address
  }

  #road (from: string, to: string): Road {
    const key = `${from} ${to}`
    let road = this.#roads.get(key)
    if (road === undefined) this.#roads.set(key, road = { cuts: 0, delayMs: 0 })
    return road
  }
}
