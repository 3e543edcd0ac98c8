import { multiaddr } from '@multiformats/multiaddr'
import { createNode } from '../../src/index.js'
import { now } from '../support/rpc.js'
import { figure, ms, percentile } from '../support/table.js'
import { WriteStream } from '../support/write-stream.js'
import { promise, soon } from './checks.js'
import { dim } from './timeline.js'
import type { Timeline } from './timeline.js'
import type { Mesh } from '../support/mesh.js'
import type { NodeProcess } from '../support/node.js'
import type { RemoteJoinOptions } from '../support/node-api.js'
import type { Client } from '../../src/index.js'

export const DEMO = '/raft/demo'
export const CRON = '/raft/cron'
const NAMESPACES = [DEMO, CRON] as const

/** The formation window of the defaults (10 s) suits machines that start minutes apart; three processes of one command need less. */
const joinOptions: RemoteJoinOptions = { preset: 'local', bootstrap: { timeout: 3_000 } }

const PATIENCE = 20_000

export type Figures = Array<[what: string, figure: string]>

/** The demo's acts, in order. Each shows what happens, and throws BrokenPromise where a promise does not hold. */
export class Story {
  readonly figures: Figures = []

  constructor (readonly mesh: Mesh, readonly timeline: Timeline) {}

  async run (): Promise<void> {
    await this.#startMesh()
    await this.#formNamespaces()
    await using outsider = await createNode({ bootstrap: this.mesh.nodes.slice(0, 1).map(node => node.address) })
    this.timeline.name(outsider.libp2p.peerId.toString(), 'client')
    await this.#writeAndRead(via => outsider.raft.client(DEMO, { peers: via.map(node => multiaddr(node.address)) }))
    await using cron = outsider.raft.client(CRON)
    await this.#keepApart(cron)
    await using client = outsider.raft.client(DEMO)
    await this.#killTheLeader(client)
  }

  async #startMesh (): Promise<void> {
    this.timeline.heading('Three node processes: tcp, noise, yamux, kad-dht, a LevelDB directory each')
    const began = now()
    const first = await this.#start('node-1', [])
    await Promise.all(['node-2', 'node-3'].map(async name => await this.#start(name, [first.address])))
    this.figures.push(['three processes up', ms(now() - began)])
  }

  async #start (name: string, bootstrap: string[], listen?: string[]): Promise<NodeProcess> {
    const { timeline } = this
    const node = await soon(`start of ${name}`, PATIENCE, this.mesh.start(name, { bootstrap, listen }))
    timeline.say(name, `process ${node.pid} listens on ${node.address.replace(/\/p2p\/.*/, '')}, ${bootstrap.length === 0 ? 'knows no address' : 'knows one address'} ${dim(`(peer ${node.peer})`)}`)
    timeline.name(node.peer, name)
    node.on('peer:connect', ({ peer }, at) => { timeline.say(name, `sees ${timeline.nameOf(peer)}`, at) })
    node.on('formation', ({ namespace, phase, detail }, at) => { timeline.say(name, `${namespace} ${phase}: ${detail}`, at) })
    node.on('leader', ({ namespace, leader, term }, at) => {
      if (leader === node.peer) timeline.say(name, `${namespace} leads in term ${term}`, at)
    })
    node.on('failed', ({ namespace, message }, at) => { timeline.say(name, `${namespace} FAILED: ${message}`, at) })
    return node
  }

  async #formNamespaces (): Promise<void> {
    this.timeline.heading(`All three join ${DEMO} and ${CRON}: no coordinator, no list of members`)
    const began = now()
    await Promise.all(NAMESPACES.map(async namespace => { await this.mesh.joinAll(namespace, joinOptions) }))
    for (const namespace of NAMESPACES) {
      const leader = await soon(`a leader of ${namespace}`, PATIENCE, this.mesh.leader(namespace))
      const members = await soon(`three voters in ${namespace}`, PATIENCE, leader.call('waitForMembers', { namespace, voters: 3 }))
      promise(members.length === 3, `${namespace} has ${members.length} members in place of 3`)
      const elected = leader.events.find(({ event, detail }) => event === 'leader' && (detail as { namespace: string, leader?: string }).namespace === namespace &&
        (detail as { leader?: string }).leader === leader.peer)
      const took = (elected?.at ?? now()) - began
      this.timeline.say('mesh', `${namespace} is one group of three, led by ${leader.name}, ${ms(took)} after the joins ${dim(`(${joinOptions.bootstrap?.timeout} ms of it to wait for founders)`)}`)
      this.figures.push([`${namespace} formed and led after`, ms(took)])
    }
  }

  async #writeAndRead (connect: (via: NodeProcess[]) => Client): Promise<void> {
    this.timeline.heading('A client in a fourth process, a member of nothing, writes and reads')
    const leader = await this.mesh.leader(DEMO)
    const [follower] = this.mesh.followers(leader)
    promise(follower !== undefined, 'there is no follower')

    await using client = connect([follower])
    const { revision } = await soon('a write sent to a follower', PATIENCE, client.set('greeting', 'hello from outside'))
    const atLeader = await leader.call('get', { namespace: DEMO, key: 'greeting', consistency: 'stale' })
    promise(atLeader === 'hello from outside', `the leader holds ${atLeader} after a write that was sent to a follower and acknowledged`)
    this.timeline.say('client', `set greeting through ${follower.name}, a follower: the leader, ${leader.name}, has it at revision ${revision}`)

    await follower.call('set', { namespace: DEMO, key: 'forwarded', value: 'by a follower' })
    promise(await leader.call('get', { namespace: DEMO, key: 'forwarded', consistency: 'stale' }) === 'by a follower', 'a follower\'s own write did not arrive at the leader')
    this.timeline.say(follower.name, 'set forwarded: a follower passes its own writes on to the leader')

    for (const node of this.mesh.nodes) {
      await using near = connect([node])
      const index = await near.barrier()
      const value = await near.get('greeting')
      promise(value !== undefined && new TextDecoder().decode(value) === 'hello from outside', `a get with a barrier through ${node.name} does not see the write`)
      await node.call('barrier', { namespace: DEMO })
      promise(await node.call('get', { namespace: DEMO, key: 'greeting', consistency: 'stale' }) === 'hello from outside', `${node.name} does not hold the write after a barrier`)
      this.timeline.say('client', `get greeting through ${node.name}, behind a barrier at index ${index}: sees it`)
    }
  }

  async #keepApart (cron: Client): Promise<void> {
    await cron.set('tick', 'every minute')
    promise(await cron.get('greeting') === undefined, `a key of ${DEMO} shows in ${CRON}`)
    this.timeline.say('client', `${CRON} is a group of its own: greeting is not there`)
  }

  async #killTheLeader (client: Client): Promise<void> {
    const { timeline, mesh } = this
    timeline.heading('SIGKILL for the leader, in the middle of a stream of writes')
    const victim = await mesh.leader(DEMO)
    const { name, address } = victim
    const survivors = mesh.followers(victim)
    const stream = new WriteStream(async (key, value) => await client.set(key, value), { prefix: 'stream/', concurrency: 32 })
    await soon('1,000 acknowledged writes', PATIENCE, stream.untilAcknowledged(1_000))
    const before = stream.acknowledged.length
    const killedAt = now()
    const exit = await victim.kill('SIGKILL')
    timeline.say(name, `killed (${exit.signal}) after ${figure(before)} acknowledged writes, with 32 in flight`, killedAt)

    const elected = Promise.any(survivors.map(async node => ({
      node,
      event: await node.untilEvent('leader', detail => detail.namespace === DEMO && detail.leader === node.peer, { after: killedAt })
    })))
    const { node: successor, event } = await soon('a new leader', PATIENCE, elected)
    const next = await soon('an acknowledged write after the kill', PATIENCE, stream.firstBegunAfter(killedAt))
    timeline.say('mesh', `${successor.name} leads ${ms(event.at - killedAt)} after the kill; the client's next write is acknowledged after ${ms(next.at - killedAt)}`)
    await soon('1,000 writes under the new leader', PATIENCE, stream.untilAcknowledged(stream.acknowledged.length + 1_000))

    timeline.heading(`${name} starts again, on the data that it left, while the writes go on`)
    const restartedAt = now()
    const back = await this.#start(name, survivors.slice(0, 1).map(node => node.address), [address.replace(/\/p2p\/.*/, '')])
    promise(back.peer === victim.peer, `${name} came back as another peer`)
    await Promise.all(NAMESPACES.map(async namespace => { await back.call('join', { namespace, options: joinOptions }) }))
    await soon(`${name} to catch up`, PATIENCE, back.call('barrier', { namespace: DEMO }))
    const caughtUpAt = now()
    timeline.say(name, `caught up with all that was committed, ${ms(caughtUpAt - restartedAt)} after its start`)
    await stream.stop()

    await this.#checkEveryNode(stream)
    const latencies = stream.latencies()
    const seconds = ((stream.acknowledged.at(-1)?.at ?? 0) - (stream.acknowledged[0]?.began ?? 0)) / 1_000
    this.figures.push(
      ['writes acknowledged', figure(stream.acknowledged.length)],
      ['per second, kill and restart included', figure(stream.acknowledged.length / seconds)],
      ['latency p50 / p99', `${ms(percentile(latencies, 0.5))} / ${ms(percentile(latencies, 0.99))}`],
      ['writes of unknown outcome (told so)', figure(stream.unknown.size)],
      ['new leader after SIGKILL', ms(event.at - killedAt)],
      ['no write acknowledged for', ms(next.at - killedAt)],
      ['killed node caught up after', ms(caughtUpAt - restartedAt)],
      ['acknowledged writes lost', '0 (every one is on all 3 nodes)']
    )
  }

  async #checkEveryNode (stream: WriteStream): Promise<void> {
    this.timeline.heading('Is every acknowledged write on every node?')
    for (const node of this.mesh.nodes) {
      for (const namespace of NAMESPACES) await soon(`a barrier on ${node.name}`, PATIENCE, node.call('barrier', { namespace }))
      const faults = stream.compare(await node.call('dump', { namespace: DEMO, prefix: 'stream/' }))
      promise(faults.length === 0, `${node.name}: ${faults.length} faults in ${stream.acknowledged.length} acknowledged writes, such as: ${faults.slice(0, 3).join('; ')}`)
      promise(await node.call('get', { namespace: DEMO, key: 'greeting', consistency: 'stale' }) === 'hello from outside', `${node.name} lost greeting`)
      promise(await node.call('get', { namespace: CRON, key: 'tick', consistency: 'stale' }) === 'every minute', `${node.name} lost ${CRON}'s tick`)
      promise(await node.call('get', { namespace: CRON, key: 'greeting', consistency: 'stale' }) === undefined, `${node.name} holds a key of ${DEMO} in ${CRON}`)
      this.timeline.say(node.name, `holds all ${figure(stream.acknowledged.length)} of them`)
    }
    promise(this.mesh.nodes.length === 3, `${this.mesh.nodes.length} nodes are alive in place of 3`)
  }
}
