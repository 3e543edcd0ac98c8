import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Mesh } from '../examples/support/mesh.js'
import { createNode } from '../src/index.js'
import { Register } from '../test/recipes/support/register.js'
import type { Client, RaftNode } from '../src/index.js'
import type { ChildProcess } from 'node:child_process'

const CLI = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url))
const NS = '/raft/locks'

/** `raftmesh lock` in a process of its own. */
class LockProcess {
  readonly lines: string[] = []
  errors = ''
  readonly exit: Promise<number | null>
  readonly child: ChildProcess
  private readonly waiting = new Set<() => void>()

  constructor (args: readonly string[]) {
    this.child = spawn(process.execPath, [CLI, 'lock', NS, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    // Not its `close`: a command that outlives it holds the pipe open.
    this.exit = once(this.child, 'exit').then(([code]) => code as number | null)
    this.child.stderr?.on('data', (data: Buffer) => { this.errors += data.toString() })
    createInterface({ input: this.child.stdout as NodeJS.ReadableStream }).on('line', line => {
      this.lines.push(line)
      for (const look of this.waiting) look()
    })
  }

  /** The first line that its command prints. */
  async line (): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      const look = (): void => { if (this.lines.length > 0) resolve() }
      this.waiting.add(look)
      look()
      void this.exit.then(code => { reject(new Error(`it ended with ${String(code)}: ${this.errors}`)) })
    })
    return this.lines[0] as string
  }
}

/** One that nobody has asked about yet has ended, too. */
async function isAlive (pid: number): Promise<boolean> {
  return await promisify(execFile)('ps', ['-o', 'stat=', '-p', String(pid)]).then(({ stdout }) => !stdout.trim().startsWith('Z'), () => false)
}

describe('locks of real processes', () => {
  let mesh: Mesh
  let outsider: RaftNode
  let client: Client
  const started: LockProcess[] = []
  const orphans: number[] = []

  beforeAll(async () => {
    mesh = await Mesh.create({ prefix: 'raftmesh-locks-' })
    await mesh.startAll(['a', 'b', 'c'])
    await mesh.joinAll(NS, { preset: 'local', bootstrap: { mode: 'expect', expect: 3 } })
    await mesh.leader(NS)
    outsider = await createNode({ bootstrap: mesh.nodes.map(node => node.address) })
    client = outsider.raft.client(NS)
  })
  afterAll(async () => {
    await client?.close()
    await outsider?.stop()
    await mesh?.[Symbol.asyncDispose]()
  })
  afterEach(async () => {
    for (const pid of orphans.splice(0)) {
      try { process.kill(pid, 'SIGKILL') } catch { /* it has ended */ }
    }
    await Promise.all(started.splice(0).map(async ({ child, exit }) => {
      child.kill('SIGKILL')
      await exit
    }))
  })

  const run = (...args: string[]): LockProcess => {
    const peers = mesh.nodes.flatMap(node => ['--peer', node.address])
    const at = args.indexOf('--')
    const found = new LockProcess([...args.slice(0, at), ...peers, ...args.slice(at)])
    started.push(found)
    return found
  }
  const sh = (script: string): string[] => ['--', 'sh', '-c', script]

  it('passes on the exit code of the command, and tells it its token', async () => {
    const first = run('codes', ...sh('echo $RAFTMESH_LOCK_TOKEN; exit 7'))
    expect(await first.exit).toBe(7)
    const second = run('codes', ...sh('echo $RAFTMESH_LOCK_TOKEN; kill -KILL $$'))
    expect(await second.exit).toBe(128 + 9)
    expect(Number(second.lines[0])).toBeGreaterThan(Number(first.lines[0]))
    expect(await run('codes', '--', join(mesh.directory, 'nothing')).exit).toBe(127)
  })

  it('does not wait with --try, and not for longer than --timeout', async () => {
    await using held = await client.lock('taken')
    expect(held.signal.aborted).toBe(false)
    const [trying, patient] = [run('taken', '--try', ...sh('echo had it')), run('taken', '--timeout', '500', ...sh('echo had it'))]
    expect(await trying.exit).toBe(75)
    expect(trying.errors).toContain('the lock "taken" is not free')
    expect(await patient.exit).toBe(75)
    expect([...trying.lines, ...patient.lines]).toEqual([])
    expect((await client.scan({ prefix: '\0lock/taken\0' })).rows).toHaveLength(1)
  })

  it('never lets two commands run at a time, whoever comes', async () => {
    const file = join(mesh.directory, 'overlap')
    await appendFile(file, '')
    const all = Array.from({ length: 5 }, () => run('turns', ...sh(`echo begin $RAFTMESH_LOCK_TOKEN >> ${file}; sleep 0.2; echo end $RAFTMESH_LOCK_TOKEN >> ${file}`)))
    expect(await Promise.all(all.map(async ({ exit }) => await exit))).toEqual([0, 0, 0, 0, 0])
    const lines = (await readFile(file, 'utf8')).trim().split('\n').map(line => line.split(' '))
    const tokens = lines.filter(([what]) => what === 'begin').map(([, token]) => Number(token))
    expect(lines).toEqual(tokens.flatMap(token => [['begin', String(token)], ['end', String(token)]]))
    expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => a - b))
  })

  it('a holder that is killed: the next one has the lock when its lease has ended', async () => {
    const holder = run('killed', '--ttl', '3000', ...sh('echo $$; exec sleep 60'))
    orphans.push(Number(await holder.line()))
    const next = run('killed', ...sh('echo $RAFTMESH_LOCK_TOKEN'))
    holder.child.kill('SIGKILL')
    expect(await next.exit).toBe(0)
  })

  it('a holder that stands still for too long: another has the lock, its token and its fence count no more, and its command is ended', async () => {
    const disk = new Register()
    const holder = run('still', '--ttl', '8000', ...sh('trap "exit 3" TERM; echo $RAFTMESH_LOCK_TOKEN; while :; do sleep 0.1; done'))
    const oldToken = Number(await holder.line())
    const [row] = (await client.scan({ prefix: '\0lock/still\0' })).rows
    const oldFence = { key: row?.key as Uint8Array, createRevision: oldToken }
    const write = async (fence: typeof oldFence): Promise<boolean> => (await client.txn({ compare: [fence], then: [{ type: 'set', key: 'still', value: String(fence.createRevision) }] })).succeeded
    expect(await write(oldFence)).toBe(true)

    holder.child.kill('SIGSTOP')
    await using lock = await client.lock('still')
    expect(lock.token).toBeGreaterThan(oldToken)
    expect(disk.write('new', lock.token)).toBe(true)
    expect(disk.write('old', oldToken)).toBe(false)
    expect(await write(oldFence)).toBe(false)
    expect(await client.txn({ compare: [lock.fence()], then: [{ type: 'set', key: 'still', value: 'new' }] })).toMatchObject({ succeeded: true })

    holder.child.kill('SIGCONT')
    expect(await holder.exit).toBe(76)
    expect(holder.errors).toContain('The lock "still" is lost')
    expect(lock.signal.aborted).toBe(false)
  })

  it('makes a command end that does not want to when the lock is lost', async () => {
    const holder = run('stubborn', '--ttl', '8000', '--grace', '200', ...sh('trap "" TERM; echo $$; while :; do sleep 0.1; done'))
    const pid = Number(await holder.line())
    const [row] = (await client.scan({ prefix: '\0lock/stubborn\0' })).rows
    await client.leases.revoke(row?.lease ?? 0)
    expect(await holder.exit).toBe(76)
    expect(() => process.kill(pid, 0)).toThrow()
  })

  it('gives the lock on when it is told to stop', async () => {
    const holder = run('stopped', ...sh('trap "exit 3" TERM; echo here; while :; do sleep 0.1; done'))
    await holder.line()
    holder.child.kill('SIGTERM')
    expect(await holder.exit).toBe(3)
    await using lock = await client.tryLock('stopped')
    expect(lock).toBeDefined()
  })

  it('told to stop twice, it ends at once, and so do its command and all that this has started', async () => {
    const holder = run('twice', ...sh('(trap "" TERM; sh -c \'echo $PPID\'; while :; do sleep 0.1; done); true'))
    const pid = Number(await holder.line())
    orphans.push(pid)
    holder.child.kill('SIGTERM')
    // The second is another only once the first has been seen.
    while (holder.child.exitCode === null) {
      await new Promise(resolve => { setTimeout(resolve, 50) })
      holder.child.kill('SIGTERM')
    }
    expect(await holder.exit).toBe(1)
    while (await isAlive(pid));
  })

  it('the leader is killed: who holds goes on holding, and who waits goes on waiting, in their order', async () => {
    const held = await client.lock('failover', { ttl: 20_000 })
    await using other = outsider.raft.client(NS)
    const order: string[] = []
    const wait = async (name: string): Promise<void> => {
      const lock = await other.lock('failover', { ttl: 20_000 })
      order.push(name)
      await lock.release()
    }
    const waiting: Array<Promise<void>> = []
    for (const name of ['second', 'third']) {
      const before = (await client.scan({ prefix: '\0lock/failover\0' })).rows.length
      waiting.push(wait(name))
      while ((await client.scan({ prefix: '\0lock/failover\0' })).rows.length === before);
    }
    const victim = await mesh.leader(NS)
    await victim.kill()
    await client.set('after', 'the leader is gone')
    expect(held.signal.aborted).toBe(false)
    expect(order).toEqual([])
    await held.release()
    await Promise.all(waiting)
    expect(order).toEqual(['second', 'third'])
  })
})
