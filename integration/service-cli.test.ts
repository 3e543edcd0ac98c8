import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ChildProcess } from 'node:child_process'

const CLI = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url))
const NS = '/raft/demo'

let directory: string
const started: RunningNode[] = []
beforeEach(async () => { directory = await mkdtemp(join(tmpdir(), 'raftmesh-cli-')) })
afterEach(async () => {
  await Promise.all(started.splice(0).map(async node => { await node.kill() }))
  await rm(directory, { recursive: true, force: true })
})

interface Result { code: number | null, out: string, err: string }

function launch (args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
}

async function run (...args: string[]): Promise<Result> {
  const child = launch(args)
  let out = ''
  let err = ''
  child.stdout?.on('data', (data: Buffer) => { out += data.toString() })
  child.stderr?.on('data', (data: Buffer) => { err += data.toString() })
  const [code] = await once(child, 'close') as [number | null]
  return { code, out: out.trim(), err: err.trim() }
}

type Told = { event: string } & Record<string, unknown>

/** `raftmesh start --json` in a process of its own. */
class RunningNode {
  readonly told: Told[] = []
  readonly exit: Promise<number | null>
  private readonly child: ChildProcess
  private readonly waiting = new Set<() => void>()
  private errors = ''

  constructor (readonly dataDir: string, args: readonly string[]) {
    this.child = launch(['start', '--json', '--data', dataDir, '--listen', '/ip4/127.0.0.1/tcp/0', '--preset', 'local', ...args])
    this.exit = once(this.child, 'close').then(([code]) => code as number | null)
    this.child.stderr?.on('data', (data: Buffer) => { this.errors += data.toString() })
    createInterface({ input: this.child.stdout as NodeJS.ReadableStream }).on('line', line => {
      this.told.push(JSON.parse(line) as Told)
      for (const look of [...this.waiting]) look()
    })
    started.push(this)
  }

  async until (what: (told: Told) => boolean): Promise<Told> {
    const found = this.told.find(what)
    if (found !== undefined) return found
    return await new Promise<Told>((resolve, reject) => {
      const end = (): void => { this.waiting.delete(look) }
      const look = (): void => {
        const event = this.told.find(what)
        if (event !== undefined) { end(); resolve(event) }
      }
      this.waiting.add(look)
      this.exit.then(code => { end(); reject(new Error(`the node ended with ${String(code)} before ${what.toString()}: ${this.errors}`)) }, reject)
    })
  }

  async addresses (): Promise<string[]> {
    return (await this.until(({ event }) => event === 'node')).addresses as string[]
  }

  signal (name: NodeJS.Signals): void { this.child.kill(name) }

  async kill (): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL')
    await this.exit
  }
}

const startNode = (name: string, ...args: string[]): RunningNode => new RunningNode(join(directory, name), ['--namespace', NS, ...args])
const settled = ({ event, leader }: Told): boolean => event === 'leader' && leader !== null

describe('raftmesh', () => {
  it('runs a node, and talks to it by its data directory', async () => {
    const node = startNode('one', '--bootstrap-mode', 'force')
    await node.until(settled)
    const at = ['--data', node.dataDir]
    expect(await run('set', NS, 'colour', 'green', ...at)).toMatchObject({ code: 0, out: expect.stringMatching(/^set colour at revision \d+$/) as string })
    expect(await run('get', NS, 'colour', ...at)).toEqual({ code: 0, out: 'green', err: '' })
    expect(JSON.parse((await run('get', NS, 'colour', '--json', ...at)).out)).toEqual({ key: 'colour', value: 'green' })
    expect((await run('keys', NS, '--prefix', 'col', ...at)).out).toBe('colour')
    expect((await run('members', NS, ...at)).out).toMatch(/voter +leader/)
    expect(JSON.parse((await run('status', NS, '--json', ...at)).out)).toMatchObject({ namespace: NS, state: 'leader' })
    expect((await run('status', NS, ...at)).out).toContain('leader, term')
    expect(JSON.parse((await run('del', NS, 'colour', '--json', ...at)).out)).toMatchObject({ key: 'colour', deleted: 1 })
    expect(await run('del', NS, 'colour', ...at)).toEqual({ code: 0, out: 'colour was not there', err: '' })
    const refused = await run('get', NS, 'k', '--consistency', 'foo', '--json', ...at)
    expect(refused.code).toBe(2)
    expect(JSON.parse(refused.err)).toMatchObject({ error: { name: 'InvalidArgumentError', outcome: 'refused' } })
    expect(await run('get', NS, 'colour', ...at)).toEqual({ code: 1, out: '', err: 'colour has no value' })

    node.signal('SIGTERM')
    expect(await node.exit).toBe(0)
    expect(node.told.map(({ event }) => event).slice(-1)).toEqual(['stopped'])
    expect(await readdir(node.dataDir)).not.toContain('node.json')
    expect(await run('get', NS, 'colour', ...at)).toMatchObject({ code: 1, err: expect.stringContaining('No node runs on') as string })
  })

  it('forms a group of nodes that know one address, and hands leadership over at Ctrl-C', async () => {
    const first = startNode('a', '--expect', '3')
    const join = (await first.addresses()).flatMap(address => ['--join', address])
    const nodes = [first, startNode('b', '--expect', '3', ...join), startNode('c', '--expect', '3', ...join)]
    const [{ leader }] = await Promise.all(nodes.map(async node => await node.until(settled))) as [Told]
    const peers = await Promise.all(nodes.map(async node => (await node.until(({ event }) => event === 'node')).peer as string))
    const gone = nodes[peers.indexOf(leader as string)] as RunningNode
    const rest = nodes.filter(node => node !== gone)
    gone.signal('SIGINT')
    expect(await gone.exit).toBe(0)
    const next = await (rest[0] as RunningNode).until(told => settled(told) && told.leader !== leader)
    expect(peers).toContain(next.leader)
    const [address] = await (rest[1] as RunningNode).addresses()
    expect((await run('set', NS, 'k', 'v', '--peer', address as string)).code).toBe(0)
    expect((await run('get', NS, 'k', '--peer', address as string)).out).toBe('v')
  })

  it('says what is wrong, and how to go on', async () => {
    expect(await run('bogus')).toMatchObject({ code: 2, err: expect.stringContaining('no command "bogus"') as string })
    expect(await run('start')).toMatchObject({ code: 2, err: expect.stringContaining('--namespace') as string })
    expect(await run('start', '--namespace', 'demo', '--data', join(directory, 'x'))).toMatchObject({ code: 2, err: expect.stringContaining('/raft/<segment>') as string })
    expect(await run('start', '--namespace', NS, '--preset', 'lunar', '--data', join(directory, 'x'))).toMatchObject({ code: 2, err: expect.stringContaining('local, regional, global') as string })
    expect(await run('get', NS, 'k', '--peer', 'nonsense')).toMatchObject({ code: 2, err: expect.stringContaining('is not a multiaddr') as string })
    expect(await run('start', '--namespace', NS, '--bootstrap-mode', 'expect', '--data', join(directory, 'x'))).toMatchObject({ code: 2, err: expect.stringContaining('bootstrap.expect') as string })
    expect(JSON.parse((await run('start', '--json')).err)).toMatchObject({ error: { name: 'UsageError' } })
    expect(await run('get', NS, 'k', '--peer', '/ip4/127.0.0.1/tcp/1/p2p/12D3KooWGC6SmnNVLgYMbNVBuBdtKAxVrQFZPGSPKBXZ5EXnTZUe', '--timeout', '300')).toMatchObject({ code: 1, err: expect.stringContaining('get in /raft/demo gave up') as string })
    expect(await run('help')).toMatchObject({ code: 0, out: expect.stringContaining('raftmesh start') as string })
    expect((await run('--version')).out).toMatch(/^\d+\.\d+\.\d+$/)
    // Nothing was made for what was refused.
    expect(await readdir(directory)).toEqual([])
  })

  it('refuses a data directory that another node runs on', async () => {
    const node = startNode('one', '--bootstrap-mode', 'force')
    await node.until(settled)
    expect(await run('start', '--namespace', NS, '--data', node.dataDir, '--listen', '/ip4/127.0.0.1/tcp/0')).toMatchObject({ code: 1, err: expect.stringContaining('in use') as string })
    // And the one that runs can still be found.
    expect((await run('set', NS, 'k', 'v', '--data', node.dataDir)).code).toBe(0)
  })
})
