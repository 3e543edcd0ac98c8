import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Namespace } from './namespace.js'
import { mendOnce, Overlaps } from './network.js'
import { absent, probeTools } from './probe.js'
import { hooks, shaping, sumOf } from './shaping.js'
import type { Mend, Network, NodePlace, Place, Trouble, Way } from './network.js'
import type { Shape } from './plan.js'
import type { Tools } from './shaping.js'

const run = promisify(execFile)

export class NamespacesMissing extends Error {
  constructor (why: string, options?: ErrorOptions) {
    super(`no network namespaces: ${why.replaceAll('\n', ' ')}`, options)
    this.name = 'NamespacesMissing'
  }
}

/** Somebody on the network: a namespace with one cable, to this port of the switch. */
interface Station { readonly namespace: Namespace, readonly address: string, readonly port: string, readonly enter: string, readonly troubles: Set<Trouble> }

const PORT = 4_001
/** Between the tables: what is refused comes before what is for this host, which otherwise comes first of all. */
const [REFUSED, LOCAL] = [10, 100]

/**
 * Every node and every client has a network stack of its own and a cable to one switch. What is cut here is packets: connections stay, nobody
 * is told, and TCP tries again in its own time, which a proxy that holds back bytes cannot show.
 */
export class NamespaceNetwork implements Network {
  readonly name = 'namespaces'
  readonly #stations = new Map<string, Station>()
  #lastNumber = 0
  readonly #cuts = new Overlaps()
  readonly #unplugged = new Overlaps()

  private constructor (private readonly directory: string, private readonly hub: Namespace, private readonly tools: Tools & { readonly kill: boolean }) {}

  /** Rejects with NamespacesMissing where the machine does not allow it. In the directory, nothing but a script for each station is made. */
  static async open (directory: string): Promise<NamespaceNetwork> {
    if (process.platform !== 'linux') throw new NamespacesMissing('only Linux has them')
    const programs = await absent(['unshare', 'nsenter', 'setpriv', 'ip'])
    if (programs.length > 0) throw new NamespacesMissing(`${programs.join(', ')} not found, of util-linux and iproute2`)
    let hub: Namespace | undefined
    let network: NamespaceNetwork | undefined
    try {
      hub = await Namespace.create().catch(error => { throw new Error(`this user may make none (${(error as Error).message})`, { cause: error }) })
      await hub.run(['ip', '-batch', '-'], 'link set lo up\nlink add switch type bridge\nlink set switch up\n')
      network = new NamespaceNetwork(directory, hub, await probeTools(hub))
      // All that a station needs, Node included, once.
      const { execPath } = await network.client('probe')
      await run(execPath ?? '', ['--version'])
      await network.#disconnect('probe')
      return network
    } catch (error) {
      await (network ?? hub)?.[Symbol.asyncDispose]()
      throw new NamespacesMissing((error as Error).message, { cause: error })
    }
  }

  get shapes (): readonly Shape[] {
    const { netem, filter, bucket, kill } = this.tools
    return ['isolate', 'mute', 'deaf', 'bridge', 'unplug',
      ...(netem ? ['slow', 'reorder'] as const : []), ...(netem || filter ? ['lossy'] as const : []), ...(netem || bucket ? ['narrow'] as const : []), ...(kill ? ['reset'] as const : [])]
  }

  /** For people: which shapes cannot be made, and why. */
  get missing (): readonly string[] {
    const { netem, filter, bucket, kill } = this.tools
    return [
      ...(netem ? [] : ['no slow and no reordered links: tc has no netem with this kernel']),
      ...(netem || filter ? [] : ['no lossy links: tc has neither netem nor the bpf filter with this kernel']),
      ...(netem || bucket ? [] : ['no narrow links: tc has neither netem nor tbf with this kernel']),
      ...(kill ? [] : ['no resets: ss cannot end connections with this kernel'])
    ]
  }

  async node (name: string): Promise<NodePlace> {
    const { address, enter } = await this.#connect(name)
    const listen = `/ip4/${address}/tcp/${PORT}`
    return { listen, announce: listen, localAddress: address, execPath: enter }
  }

  async client (name: string): Promise<Place> {
    const { address, enter } = await this.#connect(name)
    return { localAddress: address, execPath: enter }
  }

  /** Refused where it arrives: the sender's own stack would be told. Without a word to anybody, connections that are there included. */
  async cut (ways: readonly Way[]): Promise<Mend> {
    await this.#rules(ways.filter(way => this.#cuts.isFirst(keyOf(way))), 'add')
    return mendOnce(async () => { await this.#rules(ways.filter(way => this.#cuts.wasLast(keyOf(way))), 'delete') })
  }

  async unplug (name: string): Promise<Mend> {
    const set = async (state: 'up' | 'down'): Promise<void> => { await this.hub.run(['ip', 'link', 'set', this.#station(name).port, state]) }
    if (this.#unplugged.isFirst(name)) await set('down')
    return mendOnce(async () => { if (this.#unplugged.wasLast(name)) await set('up') })
  }

  async trouble (name: string, trouble: Trouble): Promise<Mend> {
    const station = this.#station(name)
    // Two faults may look alike, and each ends by itself.
    const own = { ...trouble }
    await this.#reshape(station, () => { station.troubles.add(own) })
    return mendOnce(async () => { await this.#reshape(station, () => { station.troubles.delete(own) }) })
  }

  async reset (name: string, others: readonly string[]): Promise<number> {
    const filter = others.flatMap((other, i) => [...(i === 0 ? [] : ['or']), 'dst', this.#station(other).address])
    const ended = await this.#station(name).namespace.run(['ss', '--kill', '--no-header', '--tcp', ...filter])
    return ended.split('\n').filter(line => line.trim() !== '').length
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    await Promise.all([...this.#stations.values()].map(async ({ namespace }) => { await namespace[Symbol.asyncDispose]() }))
    await this.hub[Symbol.asyncDispose]()
  }

  #station (name: string): Station {
    const station = this.#stations.get(name)
    if (station === undefined) throw new Error(`${name} is not on this network`)
    return station
  }

  async #connect (name: string): Promise<Station> {
    const namespace = await Namespace.create(this.hub)
    const number = ++this.#lastNumber
    const station: Station = { namespace, address: `10.83.0.${number}`, port: `port${number}`, enter: join(this.directory, `enter-${number}`), troubles: new Set() }
    this.#stations.set(name, station)
    const { address, port } = station
    await this.hub.run(['ip', '-batch', '-'], `link add ${port} type veth peer name eth0 netns ${namespace.pid}\nlink set ${port} master switch up\n`)
    await namespace.run(['ip', '-batch', '-'], `link set lo up\naddress add ${address}/24 dev eth0\nlink set eth0 up\nrule add pref ${LOCAL} lookup local\nrule delete pref 0\n`)
    await this.#tc(this.hub, hooks(this.tools, port))
    await this.#tc(namespace, hooks(this.tools, 'eth0'))
    await writeFile(station.enter, enterScript(namespace), { mode: 0o700 })
    return station
  }

  /** The cable goes with the namespace that one of its ends is in. */
  async #disconnect (name: string): Promise<void> {
    const { namespace } = this.#station(name)
    this.#stations.delete(name)
    await namespace[Symbol.asyncDispose]()
  }

  /** One command for each receiver, however many it does not hear. */
  async #rules (ways: readonly Way[], change: 'add' | 'delete'): Promise<void> {
    const receivers = [...new Set(ways.map(({ to }) => to))]
    await Promise.all(receivers.map(async receiver => {
      const senders = ways.filter(({ to }) => to === receiver).map(({ from }) => this.#station(from).address)
      await this.#station(receiver).namespace.run(['ip', '-batch', '-'], senders.map(sender => `rule ${change} pref ${REFUSED} from ${sender} blackhole\n`).join(''))
    }))
  }

  /** Both ends of the cable: each shapes what leaves it. */
  async #reshape ({ namespace, port, troubles }: Station, change: () => void): Promise<void> {
    const before = sumOf(troubles)
    change()
    const after = sumOf(troubles)
    await Promise.all([this.#tc(this.hub, shaping(this.tools, port, before, after)), this.#tc(namespace, shaping(this.tools, 'eth0', before, after))])
  }

  async #tc (namespace: Namespace, commands: readonly string[]): Promise<void> {
    if (commands.length > 0) await namespace.run(['tc', '-batch', '-'], `${commands.join('\n')}\n`)
  }
}

/** Runs Node in place of itself, so that the process that we started is the node's. One that is stopped would not notice that we are gone, and is killed. */
function enterScript ({ entrance }: Namespace): string {
  return `#!/bin/sh\nexec ${entrance.join(' ')} setpriv --pdeathsig KILL '${process.execPath.replaceAll("'", "'\\''")}' "$@"\n`
}

const keyOf = ({ from, to }: Way): string => `${from} ${to}`
