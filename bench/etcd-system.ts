import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { GrpcChannel } from './etcd-grpc.js'
import { readStatus, STATUS } from './etcd-messages.js'
import type { System } from './system.js'
import type { Target } from './driver.js'
import type { ChildProcess } from 'node:child_process'
import type { AddressInfo } from 'node:net'

/** The version on the PATH, or undefined where there is none. */
export function etcdVersion (): string | undefined {
  const { status, stdout } = spawnSync('etcd', ['--version'], { encoding: 'utf8' })
  return status === 0 ? /etcd Version: (\S+)/.exec(stdout)?.[1] ?? 'unknown' : undefined
}

interface Member { readonly name: string, readonly client: string, readonly peer: string, readonly args: string[], process: ChildProcess }

/** Three etcd members on the loopback interface, with fsync (its default) and the same timeouts as raftmesh's. */
export class EtcdSystem implements System {
  readonly name = 'etcd'

  private constructor (readonly directory: string, readonly members: Member[]) {}

  static async start (timeouts: { heartbeat: number, election: number }): Promise<EtcdSystem> {
    const directory = await mkdtemp(join(tmpdir(), 'raftmesh-bench-etcd-'))
    const ports = await freePorts(6)
    const names = ['etcd-1', 'etcd-2', 'etcd-3']
    const url = (port: number | undefined): string => `http://127.0.0.1:${port}`
    const cluster = names.map((name, i) => `${name}=${url(ports[i + 3])}`).join(',')
    const members = names.map((name, i): Member => {
      const args = [
        '--name', name, '--data-dir', join(directory, name), '--log-level', 'error', '--logger', 'zap',
        '--listen-client-urls', url(ports[i]), '--advertise-client-urls', url(ports[i]),
        '--listen-peer-urls', url(ports[i + 3]), '--initial-advertise-peer-urls', url(ports[i + 3]),
        '--initial-cluster', cluster, '--initial-cluster-state', 'new', '--initial-cluster-token', 'raftmesh-bench',
        '--heartbeat-interval', String(timeouts.heartbeat), '--election-timeout', String(timeouts.election),
        // Room for long runs; the default refuses writes after 2 GB.
        '--quota-backend-bytes', String(8 * 2 ** 30)
      ]
      return { name, client: `127.0.0.1:${ports[i]}`, peer: url(ports[i + 3]), args, process: launch(args) }
    })
    const system = new EtcdSystem(directory, members)
    try {
      await system.#leader()
      return system
    } catch (error) {
      await system[Symbol.asyncDispose]()
      throw error
    }
  }

  processes (): Array<{ name: string, pid: number }> {
    return this.members.filter(member => member.process.exitCode === null && member.process.signalCode === null).map(member => ({ name: member.name, pid: member.process.pid ?? -1 }))
  }

  async target (): Promise<Target> {
    return { system: 'etcd', endpoints: this.members.map(member => member.client), leader: (await this.#leader()).client }
  }

  async leaderName (): Promise<string> { return (await this.#leader()).name }

  async killLeader (): Promise<number> {
    const { process: leader } = await this.#leader()
    const at = performance.timeOrigin + performance.now()
    leader.kill('SIGKILL')
    await once(leader, 'exit')
    return at
  }

  async heal (): Promise<void> {
    for (const member of this.members) {
      if (member.process.exitCode !== null || member.process.signalCode !== null) member.process = launch(member.args)
    }
    await this.#leader(3)
  }

  /** Polls until so many members answer and agree on a leader: etcd tells nobody that it is ready. */
  async #leader (answering = this.processes().length): Promise<Member> {
    for (let attempt = 0; attempt < 300; attempt++) {
      const answers = (await Promise.all(this.members.map(async member => {
        try {
          const channel = await GrpcChannel.open(member.client)
          try {
            return { member, ...readStatus(await channel.call(STATUS, new Uint8Array())) }
          } finally {
            channel.close()
          }
        } catch {
          return undefined // not up yet, or dead
        }
      }))).filter(answer => answer !== undefined)
      const leader = answers.find(answer => answer.leader !== 0n && answer.id === answer.leader)
      if (answers.length >= answering && leader !== undefined && new Set(answers.map(answer => answer.leader)).size === 1) return leader.member
      await pause(100)
    }
    throw new Error(`etcd has no leader after 30 s\n${complaints}`)
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    await Promise.all(this.members.map(async ({ process: child }) => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    }))
    await rm(this.directory, { recursive: true, force: true })
  }
}

/** The last of what the members complained of: they log every call that their own death cuts short, which is only of use if they don't start. */
let complaints = ''
const launched = new Set<ChildProcess>()
process.on('exit', () => { for (const child of launched) child.kill('SIGKILL') })

function launch (args: string[]): ChildProcess {
  const child = spawn('etcd', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => { complaints = (complaints + text).slice(-4_096) })
  launched.add(child)
  child.on('exit', () => { launched.delete(child) })
  return child
}

/** etcd needs its members' ports before any of them listens. */
async function freePorts (count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return server
  }))
  const ports = servers.map(server => (server.address() as AddressInfo).port)
  await Promise.all(servers.map(async server => { server.close(); await once(server, 'close') }))
  return ports
}
