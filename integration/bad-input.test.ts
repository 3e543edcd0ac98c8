import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { Level } from 'level'
import { createLibp2p } from 'libp2p'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Mesh } from '../examples/support/mesh.js'
import { createNode } from '../src/index.js'
import { encodeCommandHello } from '../src/wire/commands.js'
import { joinFrames } from '../src/wire/frames.js'
import { encodeHello } from '../src/wire/link-frames.js'
import type { NodeProcess } from '../examples/support/node.js'
import type { Libp2p, Stream } from '@libp2p/interface'
import type { AddressInfo } from 'node:net'

const NS = '/raft/robust'
const options = { preset: 'local', bootstrap: { mode: 'expect', expect: 3 } } as const
const loopback = ['/ip4/127.0.0.1/tcp/0']

let mesh: Mesh

beforeAll(async () => {
  mesh = await Mesh.create({ prefix: 'raftmesh-bad-input-' })
  await mesh.startAll(['a', 'b', 'c'])
  await mesh.joinAll(NS, options)
  await mesh.leader(NS)
})
afterAll(async () => { await mesh?.[Symbol.asyncDispose]() })

/** Whatever was tried, the group serves as before, and nobody has failed. */
async function expectUnharmed (): Promise<void> {
  for (const node of mesh.nodes) {
    await node.call('set', { namespace: NS, key: 'unharmed', value: node.name })
    expect(await mesh.nodes[0]?.call('get', { namespace: NS, key: 'unharmed' })).toBe(node.name)
  }
  expect(mesh.nodes).toHaveLength(3)
  expect(mesh.nodes.flatMap(node => node.events.filter(({ event }) => event === 'failed'))).toEqual([])
}

describe('arguments', () => {
  it.each(['', 'raft/x', '/raft', '/raft/', '/raft//x', '/raft/a b', '/raft/ü', '/other/x', `/raft/${'x'.repeat(256)}`])('namespace %j is refused, and nothing is hosted', async namespace => {
    const node = mesh.node('a')
    await expect(node.call('join', { namespace, options })).rejects.toMatchObject({ name: 'InvalidNamespaceError', outcome: 'refused' })
    expect(await node.call('namespaces', null)).toEqual([NS])
  })

  it('a second join of a namespace on a node is refused', async () => {
    await expect(mesh.node('a').call('join', { namespace: NS, options })).rejects.toMatchObject({ outcome: 'refused' })
    await expectUnharmed()
  })

  it('options that contradict themselves or that nobody knows are refused', async () => {
    const node = mesh.node('a')
    for (const bad of [{ bootstrap: { mode: 'expect' } }, { timeouts: { heartbeat: 100, election: 50 } }, { colour: 'green' }]) {
      await expect(node.call('join', { namespace: '/raft/refused', options: bad as never })).rejects.toMatchObject({ name: 'InvalidArgumentError' })
    }
    expect(await node.call('namespaces', null)).toEqual([NS])
  })

  it('keys and values over their limit are refused on leader and follower, by members and clients, and change nothing', async () => {
    const longKey = 'k'.repeat(4_097)
    const longValue = new Uint8Array((1 << 20) + 1)
    for (const node of mesh.nodes) {
      await expect(node.call('set', { namespace: NS, key: longKey, value: 'v' })).rejects.toMatchObject({ name: 'TooLargeError', outcome: 'refused' })
      await expect(node.call('set', { namespace: NS, key: 'long value', value: longValue })).rejects.toMatchObject({ name: 'TooLargeError', outcome: 'refused' })
    }
    await using outsider = await createNode({ bootstrap: [mesh.node('a').address] })
    await using client = outsider.raft.client(NS)
    await expect(client.set(longKey, 'v')).rejects.toMatchObject({ name: 'TooLargeError', outcome: 'refused' })
    await expect(client.set('long value', longValue)).rejects.toMatchObject({ name: 'TooLargeError', outcome: 'refused' })
    expect(await mesh.node('a').call('get', { namespace: NS, key: 'long value' })).toBeUndefined()
    // At the limit, both are fine.
    await mesh.node('b').call('set', { namespace: NS, key: 'k'.repeat(4_096), value: new Uint8Array(1 << 20) })
    await expectUnharmed()
  })

  it('a client of a namespace that nobody serves is told so', async () => {
    await using outsider = await createNode({ bootstrap: [mesh.node('a').address] })
    await using client = outsider.raft.client('/raft/nobody', { peers: [multiaddr(mesh.node('a').address)] })
    await expect(client.get('k', { signal: AbortSignal.timeout(3_000) })).rejects.toThrow()
    await expectUnharmed()
  })
})

describe('data directories', () => {
  it('one that is in use is refused, and its owner goes on', async () => {
    await expect(mesh.start('thief', { dataDir: mesh.dataDir('a') })).rejects.toMatchObject({ name: 'StoreInUseError' })
    await expectUnharmed()
  })

  it('one that belongs to another identity is refused', async () => {
    const dataDir = join(mesh.directory, 'owned')
    await using owner = await createNode({ dataDir, listen: loopback })
    const peer = owner.peerId.toString()
    await owner.stop()
    await expect(createNode({ dataDir, listen: loopback, privateKey: await generateKeyPair('Ed25519') })).rejects.toMatchObject({ name: 'StoreIdentityError' })
    await using again = await createNode({ dataDir, listen: loopback })
    expect(again.peerId.toString()).toBe(peer)
  })

  it('a database that is not raftmesh\'s is refused and left as it is', async () => {
    const dataDir = join(mesh.directory, 'foreign')
    const foreign = new Level<string, string>(dataDir)
    await foreign.put('somebody', 'else\'s')
    await foreign.close()
    await expect(createNode({ dataDir, listen: loopback })).rejects.toMatchObject({ name: expect.stringMatching(/^Store(Identity|Corrupt)Error$/) as string })
    await foreign.open()
    expect(await foreign.get('somebody')).toBe('else\'s')
    await foreign.close()
  })

  it('a corrupt database is refused with what to do', async () => {
    const dataDir = join(mesh.directory, 'corrupt')
    await mkdir(dataDir)
    await writeFile(join(dataDir, 'CURRENT'), 'MANIFEST-000123\n')
    await expect(createNode({ dataDir, listen: loopback })).rejects.toMatchObject({ name: expect.stringMatching(/^Store\w+Error$/) as string })
  })
})

describe('bootstrap addresses', () => {
  it('one that cannot be reached is reported, and the node serves all the same', async () => {
    const closed = createServer().listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const { port } = closed.address() as AddressInfo
    closed.close()
    await once(closed, 'close')

    await using node = await createNode({ dataDir: join(mesh.directory, 'unreachable'), listen: loopback, bootstrap: [`/ip4/127.0.0.1/tcp/${port}/p2p/${mesh.node('a').peer}`] })
    const told = await new Promise<{ connected: boolean, error?: Error }>(resolve => {
      node.addEventListener('bootstrap', ({ detail }) => { if (detail.failures > 0) resolve(detail) })
      const already = node.bootstrap().find(status => status.failures > 0)
      if (already !== undefined) resolve(already)
    })
    expect(told.connected).toBe(false)
    expect(told.error?.message).toBeTruthy()
    await using cluster = await node.raft.join('/raft/alone', { preset: 'local', bootstrap: { mode: 'force' } })
    await cluster.set('k', 'v')
  })

  it('where none is a valid address, the node does not start', async () => {
    await expect(createNode({ dataDir: join(mesh.directory, 'invalid'), listen: loopback, bootstrap: ['not an address'] })).rejects.toMatchObject({ name: 'BootstrapError' })
  })
})

describe('peers that do not keep to the protocol', () => {
  let stranger: Libp2p
  let target: NodeProcess

  beforeAll(async () => {
    // Its monitor pings, and closes the connection where the answer takes long: on a busy machine, in the middle of a test.
    stranger = await createLibp2p({ connectionMonitor: { enabled: false }, transports: [tcp()], connectionEncrypters: [noise()], streamMuxers: [yamux()], services: { identify: identify() } })
    target = await mesh.leader(NS)
  })
  afterAll(async () => { await stranger?.stop() })

  const protocols = ['/raft/v1', '/raft/v1/transport', `/raft/v1${NS}`] as const

  async function open (protocol: string): Promise<Stream> {
    const connection = await stranger.dial(multiaddr(target.address))
    return await connection.newStream(protocol)
  }

  /** The node's answer to what it cannot take is to end that stream, or to say why and then end it. */
  async function ended (stream: Stream): Promise<void> {
    if (stream.status !== 'open') return
    await new Promise<void>(resolve => { for (const event of ['close', 'remoteCloseWrite'] as const) stream.addEventListener(event, () => { resolve() }) })
  }

  const garbage: Array<[what: string, bytes: Uint8Array]> = [
    ['a frame of random bytes', Uint8Array.from([0x80, 0x08, ...Array.from({ length: 1_024 }, (_, i) => ((i + 1) * 2_654_435_761 >>> 13) & 0xff)])],
    ['a length that is beyond any frame', Uint8Array.from([0xff, 0xff, 0xff, 0xff, 0x7f, 1, 2, 3])],
    ['a length that never ends', new Uint8Array(64).fill(0xff)],
    ['a frame of zeroes', Uint8Array.from([16, ...new Uint8Array(16)])],
    ['a truncated protobuf', Uint8Array.from([4, 0x0a, 0xff, 0x01, 0x02])]
  ]

  it('another major version of the Raft link is refused, readably', async () => {
    const stream = await open('/raft/v1/transport')
    const heard: Uint8Array[] = []
    stream.addEventListener('message', ({ data }) => { heard.push(data.subarray()) })
    stream.send(joinFrames([encodeHello('control', 99)]))
    await ended(stream)
    expect(Buffer.concat(heard).toString('latin1')).toMatch(/version.*99/)
    await expectUnharmed()
  })

  it('another major version of the command service is refused', async () => {
    const stream = await open('/raft/v1')
    stream.send(joinFrames([encodeCommandHello(99)]))
    await ended(stream)
    await expectUnharmed()
  })

  for (const protocol of protocols) {
    it.each(garbage)(`${protocol}: %s ends that stream and hurts nobody`, async (_what, bytes) => {
      const stream = await open(protocol)
      stream.send(bytes)
      await ended(stream)
      await expectUnharmed()
    })

    it(`${protocol}: half a frame, and no more, hurts nobody`, async () => {
      const stream = await open(protocol)
      stream.send(Uint8Array.from([0x80, 0x08, 1, 2, 3]))
      await expectUnharmed()
      await stream.close()
      await ended(stream)
      await expectUnharmed()
    })

    it(`${protocol}: a stream that is opened and dropped again and again hurts nobody`, async () => {
      for (let i = 0; i < 50; i++) (await open(protocol)).abort(new Error('changed my mind'))
      await expectUnharmed()
    })
  }
})
