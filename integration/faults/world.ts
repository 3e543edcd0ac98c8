import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Journal } from './journal.js'
import { Member } from './member.js'
import { openNetwork } from './open-network.js'
import { createOutsider } from './outsider.js'
import { NAMESPACE, REQUEST_MS, untilServing } from './serving.js'
import type { NodeEvents } from '../../examples/support/node-api.js'
import type { RpcEvent } from '../../examples/support/rpc.js'
import type { Network } from './network.js'
import type { NetworkChoice } from './open-network.js'
import type { Outsider } from './outsider.js'

export interface WorldOptions { readonly network: NetworkChoice, readonly nodes: number, readonly clients: number, readonly print: (line: string) => void }

/** The nodes, the network between them, clients outside of the group, and what was seen of them that must not be. */
export class World implements AsyncDisposable {
  readonly members: Member[] = []
  readonly outsiders: Outsider[] = []
  readonly violations: string[] = []
  /** Members whose storage is being made to fail. */
  readonly mayFail = new Set<Member>()
  readonly journal: Journal
  /** For each term, the peer that was seen to lead it. */
  readonly #leaders = new Map<number, string>()
  #leader: { term: number, peer: string } | undefined

  private constructor (readonly directory: string, readonly network: Network, print: (line: string) => void) {
    this.journal = new Journal(directory, print)
  }

  /** Resolves when the group is formed and has a leader. */
  static async create ({ network, nodes, clients, print }: WorldOptions): Promise<World> {
    const directory = await mkdtemp(join(tmpdir(), 'raftmesh-faults-'))
    const opened = await openNetwork(network, directory, print).catch(async (error: unknown) => {
      await rm(directory, { recursive: true })
      throw error
    })
    const world = new World(directory, opened, print)
    try {
      await world.#build(nodes, clients)
      await untilServing(world)
      return world
    } catch (error) {
      await world[Symbol.asyncDispose]()
      throw new Error(`no group was formed, before any fault (${(error as Error).message}); data and logs are kept in ${world.directory}`, { cause: error })
    }
  }

  get elections (): number { return this.#leaders.size }

  /** Who leads, as far as anybody has said. */
  get leader (): Member | undefined { return this.members.find(({ peer }) => peer !== '' && peer === this.#leader?.peer) }

  violation (text: string): void {
    this.violations.push(text)
    this.journal.say(`VIOLATION: ${text.split('\n', 1)[0]}`)
    this.journal.note('run', text)
  }

  /** Ends every process at once: what they were told to keep is on disk, and nobody needs them any more. */
  async [Symbol.asyncDispose] (): Promise<void> {
    await Promise.all(this.members.map(async member => { await member.kill() }))
    await Promise.all(this.outsiders.map(async outsider => { await outsider.close() }))
    await this.network[Symbol.asyncDispose]()
    await this.journal.close()
  }

  async removeFiles (): Promise<void> { await rm(this.directory, { recursive: true, force: true }) }

  async #build (nodes: number, clients: number): Promise<void> {
    const names = Array.from({ length: nodes }, (_, i) => 'abcdefg'.charAt(i))
    const places = await Promise.all(names.map(async name => await this.network.node(name)))
    const addresses = places.map(({ announce }) => announce)
    names.forEach((name, i) => {
      this.members.push(new Member(name, {
        place: places[i],
        dataDir: join(this.directory, name),
        bootstrap: addresses.filter((_, j) => j !== i),
        namespace: NAMESPACE,
        options: { preset: 'local', timeouts: { request: REQUEST_MS }, bootstrap: { mode: 'expect', expect: nodes } },
        onStep: (member, text) => { this.journal.note(member.name, text) },
        onEvent: (member, event) => { this.#onEvent(member, event) },
        onExit: (member, exit, asked, output) => {
          this.journal.note(member.name, `process ended: ${exit.signal ?? `exit code ${exit.code}`}${output === '' ? '' : `\n${output}`}`)
          if (!asked) this.violation(`${member.name} ended by itself: ${exit.signal ?? `exit code ${exit.code}`}\n${output}`)
        }
      }))
    })
    await Promise.all(this.members.map(async member => { await member.start() }))
    for (let i = 1; i <= clients; i++) {
      const name = `client ${i}`
      this.outsiders.push(await createOutsider(name, await this.network.client(name), addresses))
    }
  }

  #onEvent (member: Member, { event, detail }: RpcEvent): void {
    this.journal.note(member.name, `${event} ${JSON.stringify(detail)}`)
    if (event === 'failed' && !this.mayFail.has(member)) this.violation(`${member.name} failed with nothing wrong with its disk: ${(detail as NodeEvents['failed']).message}`)
    if (event === 'leader') this.#onLeader(member, detail as NodeEvents['leader'])
  }

  /** At most one leader a term (Raft, figure 3: election safety), as told by anyone. */
  #onLeader (member: Member, { leader, term }: NodeEvents['leader']): void {
    if (leader === undefined) return
    const known = this.#leaders.get(term)
    if (known === undefined) this.#leaders.set(term, leader)
    else if (known !== leader) this.violation(`two leaders in term ${term}: ${member.name} says ${leader}, and ${known} was seen before`)
    if (this.#leader === undefined || term >= this.#leader.term) this.#leader = { term, peer: leader }
  }
}
