import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Child } from '../../examples/support/child.js'
import { NamespaceNetwork, NamespacesMissing } from './namespace-network.js'
import { openNetwork } from './open-network.js'
import { scriptPath, startChild } from './spawn.js'
import type { NodePlace } from './network.js'
import type { PeerMethods } from './peer-process.js'

const run = promisify(execFile)
const PATIENCE = { timeout: 30_000 }

/** What this machine lacks; asked of a network of its own, since tests are skipped or not before the first of them runs. */
async function look (): Promise<{ missing?: string, shapes: readonly string[] }> {
  const directory = await mkdtemp(join(tmpdir(), 'raftmesh-ns-'))
  try {
    await using network = await NamespaceNetwork.open(directory)
    return { shapes: network.shapes }
  } catch (error) {
    return { missing: (error as Error).message, shapes: [] }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

const { missing, shapes } = await look()
const can = (shape: string): boolean => shapes.includes(shape)

describe.skipIf(missing !== undefined)(`network namespaces${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let directory: string
  let network: NamespaceNetwork
  let places: { a: NodePlace, b: NodePlace }
  let peers: { a: Child<PeerMethods>, b: Child<PeerMethods> }
  let host: string

  const end = (place: NodePlace): { host: string, port: number } => {
    const [, , host, , port] = place.listen.split('/')
    return { host, port: Number(port) }
  }
  const dial = async (): Promise<string> => await peers.a.call('dial', end(places.b))
  const say = async (who: 'a' | 'b', text: string): Promise<void> => { await peers[who].call('say', { text }) }
  const heard = async (who: 'a' | 'b'): Promise<string> => await peers[who].call('heard', null)
  const arrives = async (who: 'a' | 'b', text: string): Promise<void> => { await expect.poll(async () => await heard(who), PATIENCE).toBe(text) }
  /** TCP has sent it more than once, and nobody has said that it arrived. */
  const isLost = async (from: 'a' | 'b'): Promise<void> => {
    await expect.poll(async () => await sockets(peers[from].pid), PATIENCE).toMatch(/backoff:[2-9]/)
  }

  beforeAll(async () => {
    host = await ownInterfaces()
    directory = await mkdtemp(join(tmpdir(), 'raftmesh-ns-'))
    network = await NamespaceNetwork.open(directory)
    places = { a: await network.node('a'), b: await network.node('b') }
    const start = (name: 'a' | 'b'): Child<PeerMethods> => startChild({ name, script: 'peer-process', execPath: places[name].execPath })
    peers = { a: start('a'), b: start('b') }
    await peers.b.call('listen', end(places.b))
  })
  afterAll(async () => {
    await Promise.all(Object.values(peers).map(async peer => await peer.kill()))
    await network[Symbol.asyncDispose]()
    await rm(directory, { recursive: true, force: true })
  })

  beforeEach(async () => {
    // A connection of the test before that is still on its way out must not pass for this one's.
    for (const { pid } of Object.values(peers)) await expect.poll(async () => await sockets(pid), PATIENCE).not.toMatch(/backoff/)
    expect(await dial()).toBe('connected')
    await say('a', 'hello')
    await arrives('b', 'hello')
  })
  afterEach(async () => { await peers.a.call('hangUp', null) })

  it('carries both ways', async () => {
    await say('b', 'back')
    await arrives('a', 'back')
  })

  it('cut one way: the other goes on, and what was sent meanwhile arrives once it is mended, in order', async () => {
    const mend = await network.cut([{ from: 'a', to: 'b' }])
    await say('a', ' 1')
    await isLost('a')
    await say('a', ' 2')
    await say('b', 'x')
    await arrives('a', 'x')
    expect(await heard('b')).toBe('hello')
    await mend()
    await arrives('b', 'hello 1 2')
  })

  it('nobody gets in touch across a cut, and nobody is told why', async () => {
    const mend = await network.cut([{ from: 'a', to: 'b' }])
    const dialling = dial()
    await isLost('a')
    await mend()
    expect(await dialling).toBe('connected')
  })

  it('the end of a connection does not get through a cut', async () => {
    const mend = await network.cut([{ from: 'a', to: 'b' }])
    await peers.a.call('hangUp', null)
    await isLost('a')
    expect(await peers.b.call('ended', null)).toBeUndefined()
    await mend()
    await expect.poll(async () => await peers.b.call('ended', null), PATIENCE).toBe('')
  })

  it('overlapping cuts: mended when the last one ends, and ending one twice counts once', async () => {
    const [first, second] = [await network.cut([{ from: 'a', to: 'b' }]), await network.cut([{ from: 'a', to: 'b' }])]
    await first()
    await first()
    await say('a', ' 1')
    await isLost('a')
    expect(await heard('b')).toBe('hello')
    await second()
    await arrives('b', 'hello 1')
  })

  it('unplugged: nothing in, nothing out', async () => {
    const plugIn = await network.unplug('b')
    await say('a', ' 1')
    await say('b', 'x')
    await isLost('a')
    expect([await heard('a'), await heard('b')]).toEqual(['', 'hello'])
    await plugIn()
    await arrives('b', 'hello 1')
    await arrives('a', 'x')
  })

  it.skipIf(!can('lossy'))('lossy: all of it is lost, and then none', async () => {
    const mend = await network.trouble('b', { loss: 1 })
    await say('a', ' 1')
    await isLost('a')
    expect(await heard('b')).toBe('hello')
    await mend()
    await arrives('b', 'hello 1')
  })

  it.skipIf(!can('lossy'))('lossy: some of it is sent again, and nothing is missing in the end', async () => {
    const mend = await network.trouble('b', { loss: 0.2 })
    await expect.poll(async () => { await say('a', '.'); return await sockets(peers.a.pid) }, PATIENCE).toMatch(/retrans:\d+\/[1-9]/)
    await mend()
    await say('a', '!')
    await expect.poll(async () => await heard('b'), PATIENCE).toMatch(/^hello\.+!$/)
  })

  it.skipIf(!can('narrow'))('narrow: what is more than fits takes its time', async () => {
    const widen = await network.trouble('a', { kbit: 512 })
    const text = 'x'.repeat(48 * 1_024)
    const began = performance.now()
    await say('a', text)
    await arrives('b', `hello${text}`)
    // 40 KiB, since a bucket lets pass 8 at once.
    expect(performance.now() - began).toBeGreaterThan(40 * 8_192 / 512 * 0.9)
    await widen()
  })

  it.skipIf(!can('slow'))('slow: later, each way', async () => {
    const quicken = await network.trouble('a', { delayMs: 50 })
    const began = performance.now()
    expect(await dial()).toBe('connected')
    expect(performance.now() - began).toBeGreaterThanOrEqual(99)
    await quicken()
  })

  it.skipIf(!can('reset'))('a reset ends the connections of the two, and no others', async () => {
    await network.client('c')
    expect(await network.reset('a', ['c'])).toBe(0)
    expect(await peers.a.call('ended', null)).toBeUndefined()
    expect(await network.reset('a', ['c', 'b'])).toBe(1)
    await expect.poll(async () => await peers.b.call('ended', null), PATIENCE).toBe('ECONNRESET')
  })

  it('changes nothing of this machine', async () => {
    expect(await ownInterfaces()).toBe(host)
  })

  it('leaves nothing when its owner is killed, though a process on it is stopped', async () => {
    const owner = new Child<PeerMethods>({ name: 'owner', script: scriptPath('peer-process') })
    await owner.call('ownNetwork', { directory })
    const before = await namespacesOf(pid => pid === owner.pid)
    expect(before.size).toBe(2)
    await owner.kill('SIGKILL')
    await expect.poll(async () => [...await namespacesOf(() => true)].filter(namespace => before.has(namespace)), PATIENCE).toEqual([])
  })
})

describe('where namespaces cannot be', () => {
  const path = process.env.PATH
  afterEach(() => { process.env.PATH = path })

  it('one line says what is missing, and the proxy is taken, unless namespaces were asked for', async () => {
    process.env.PATH = ''
    const lines: string[] = []
    await using network = await openNetwork('auto', '', line => { lines.push(line) })
    expect(network.name).toBe('proxy')
    expect(lines).toEqual([expect.stringMatching(/^SKIPPED: no network namespaces: .*(unshare|Linux)/)])
    await expect(openNetwork('namespaces', '', () => {})).rejects.toThrow(NamespacesMissing)
  })
})

/** As that process's namespace sees them. */
async function sockets (pid: number): Promise<string> {
  return (await run('nsenter', ['--target', String(pid), '--user', '--preserve-credentials', '--net', '--', 'ss', '--tcp', '--all', '--info', '--no-header'])).stdout
}

async function ownInterfaces (): Promise<string> {
  const asked = [['-oneline', 'link'], ['-oneline', 'address'], ['route', 'show', 'table', 'all'], ['rule'], ['netns']]
  // An address's remaining lifetime counts down.
  return (await Promise.all(asked.map(async args => (await run('ip', args)).stdout.replaceAll(/\b\d+sec\b/g, '')))).join('')
}

/** The network namespaces, other than ours, of the processes with such a parent. */
async function namespacesOf (isParent: (pid: number) => boolean): Promise<Set<string>> {
  const own = await readlink('/proc/self/ns/net')
  const found = await Promise.all((await readdir('/proc')).filter(name => /^\d+$/.test(name)).map(async pid => {
    try {
      const parent = Number(/^PPid:\s+(\d+)$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1])
      return isParent(parent) ? await readlink(`/proc/${pid}/ns/net`) : own
    } catch {
      return own // It has ended meanwhile, or is somebody else's.
    }
  }))
  return new Set(found.filter(namespace => namespace !== own))
}
