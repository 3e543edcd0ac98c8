import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createNode, EncryptionKeyError, generateKey, KeyRing } from '../src/index.js'
import { COMMAND_PROTOCOL, namespaceProtocol, TRANSPORT_PROTOCOL } from '../src/wire/index.js'
import { FramedStream } from '../src/wire/framed-stream.js'
import { decodeLinkFrame, encodeBatches, encodeHello } from '../src/wire/link-frames.js'
import { encodeGroupMessages } from '../src/wire/messages.js'
import type { Client, Cluster, JoinOptions, RaftNode } from '../src/index.js'
import type { LinkFrame } from '../src/wire/pb/transport.js'

const NS = '/raft/sealed'
const PLAIN = '/raft/plain'
const secret = generateKey()
const other = generateKey()
const keyId = new KeyRing(secret).current.id
const otherId = new KeyRing(other).current.id
const text = (value: Uint8Array | undefined): string | undefined => value === undefined ? undefined : new TextDecoder().decode(value)
const soon = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(30_000) })
const founding = (more: JoinOptions = {}): JoinOptions => ({ preset: 'local', bootstrap: { mode: 'expect', expect: 3 }, ...more })

let directory: string
const nodes: RaftNode[] = []
const rings: KeyRing[] = []
let clusters: Cluster[]
let plain: Cluster[]

async function start (name: string | undefined): Promise<RaftNode> {
  const node = await createNode({
    ...(name === undefined ? {} : { dataDir: join(directory, name), listen: ['/ip4/127.0.0.1/tcp/0'] }), bootstrap: nodes.flatMap(node => node.addresses())
  })
  nodes.push(node)
  return node
}

function clientOf (node: RaftNode, encryptionKey?: string): Client {
  return node.client(NS, { peers: nodes.slice(0, 3).flatMap(node => node.addresses()), timeouts: { request: 20_000 }, ...(encryptionKey === undefined ? {} : { encryptionKey }) })
}

/** All that is handed to the muxers of this process, which is all of the nodes, while `body` runs. */
async function crossing (node: RaftNode, body: () => Promise<void>): Promise<Buffer> {
  const stream = await node.libp2p.dialProtocol(nodes[0].peerId, COMMAND_PROTOCOL)
  let prototype = Object.getPrototypeOf(stream) as { send: (data: Uint8Array) => boolean }
  while (!Object.hasOwn(prototype, 'send')) prototype = Object.getPrototypeOf(prototype) as typeof prototype
  stream.abort(new Error('seen what it is'))
  const seen: Uint8Array[] = []
  const { send } = prototype
  const spy = vi.spyOn(prototype, 'send').mockImplementation(function (this: object, data) {
    seen.push(data.subarray().slice())
    return send.call(this, data)
  })
  try {
    await body()
  } finally {
    spy.mockRestore()
  }
  return Buffer.concat(seen)
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'raftmesh-sealed-'))
  for (const name of ['a', 'b', 'c']) await start(name)
  rings.push(...nodes.map(() => new KeyRing(secret)))
  clusters = await Promise.all(nodes.map(async (node, i) => await node.join(NS, founding({ encryptionKey: rings[i] }))))
  plain = await Promise.all(nodes.map(async node => await node.join(PLAIN, founding())))
  await Promise.all([...clusters, ...plain].map(async cluster => await cluster.waitForLeader(soon())))
}, 60_000)

afterAll(async () => {
  await Promise.all(nodes.map(async node => await node.stop()))
  await rm(directory, { recursive: true, force: true })
})

describe('a group with a key', () => {
  it('serves its members, and a client with the key; nothing of what it says can be read, and no protocol names it', async () => {
    const guest = await start(undefined)
    await using client = clientOf(guest, secret)
    const crossed = await crossing(guest, async () => {
      await clusters[0].set('member key 8151', 'of a member 8151')
      await clusters[1].set('follower', 'of another member 8151')
      await client.set('client key 8151', 'of a client 8151')
      expect(text(await client.get('member key 8151'))).toBe('of a member 8151')
      expect(text(await clusters[2].get('client key 8151'))).toBe('of a client 8151')
      await plain[1].set('plain key 8151', 'in clear 8151')
    })
    expect(crossed.includes('in clear 8151')).toBe(true)
    for (const said of ['member key 8151', 'of a member 8151', 'of another member 8151', 'client key 8151', 'of a client 8151']) expect(crossed.includes(said)).toBe(false)
    for (const node of nodes) {
      expect(node.libp2p.getProtocols()).not.toContain(namespaceProtocol(NS))
    }
    expect(nodes[0].libp2p.getProtocols()).toContain(namespaceProtocol(PLAIN))
  })

  it.each([['no key', undefined, 'in clear'], ['another key', other, `with key ${otherId}`]])('tells a client with %s what is wrong, in one line, and nothing else', async (_what, key, how) => {
    const guest = await start(undefined)
    await using client = clientOf(guest, key)
    for (const ask of [() => client.set('k', 'forged'), () => client.get('member key 8151'), () => client.members(), () => client.stats(), () => client.exchangePeers()]) {
      const error = await ask().then(() => undefined, (error: unknown) => error)
      expect(error).toBeInstanceOf(EncryptionKeyError)
      const { message } = error as Error
      expect(message).toContain(`${NS} is sealed with key ${keyId} on peer`)
      expect(message).toContain(how)
      expect(message).toContain('encryptionKey')
      expect(message).not.toContain('\n')
    }
    expect(await clusters[0].get('k')).toBeUndefined()
  })

  it.each([['no key', undefined, 'in clear'], ['another key', other, `with key ${otherId}`]])('takes in no node with %s, whose operator reads why; its plain namespaces go on over the same link', async (_what, key, how) => {
    const before = clusters.map(cluster => cluster.stats().term)
    const intruder = await start(`intruder ${how}`)
    const told: string[] = []
    const cluster = await intruder.join(NS, { preset: 'local', timeouts: { request: 1_000 }, bootstrap: { mode: 'join' }, ...(key === undefined ? {} : { encryptionKey: key }) })
    const line = new Promise<string>(resolve => {
      cluster.addEventListener('formation', ({ detail: { detail } }) => {
        told.push(detail)
        if (detail.includes('is sealed with key')) resolve(detail)
      })
    })
    expect(await line).toMatch(new RegExp(`${NS} is sealed with key ${keyId} on peer \\w+, which was asked ${how}.*encryptionKey`))
    const beside = await intruder.join(PLAIN, { preset: 'local', bootstrap: { mode: 'join' } })
    await beside.waitForLeader(soon())
    await beside.set(`beside ${how}`, 'in clear')
    expect(text(await plain[0].get(`beside ${how}`))).toBe('in clear')
    expect(cluster.state()).toBe('forming')
    await expect(cluster.set('k', 'forged')).rejects.toMatchObject({ name: 'EncryptionKeyError', message: expect.stringContaining(`${NS} is sealed with key ${keyId}`) })
    expect(clusters[0].members().map(({ peer }) => peer.toString()).sort()).toEqual(nodes.slice(0, 3).map(({ peerId }) => peerId.toString()).sort())
    expect(clusters.map(cluster => cluster.stats().term)).toEqual(before)
    await intruder.stop()
    await plain[0].removeServer(intruder.peerId, soon())
  })

  it('takes no vote or entry in clear from whoever knows its id', async () => {
    const guest = await start('forger')
    const { term } = clusters[0].stats()
    const refused = (): number => nodes[0].libp2p.services.raft.stats().links.sealRefused
    const before = refused()
    const stream = await guest.libp2p.dialProtocol(nodes[0].peerId, TRANSPORT_PROTOCOL)
    const replies: LinkFrame[] = []
    let answered = (): void => {}
    const hello = new Promise<void>(resolve => { answered = resolve })
    const framed = new FramedStream(stream, { onFrame: bytes => { replies.push(decodeLinkFrame(bytes)); answered() } })
    framed.send([encodeHello('control', 1, 0, new Uint8Array(32))])
    await hello
    const [me, them] = [`${guest.peerId.toString()}.0000000000000001`, `${nodes[0].peerId.toString()}.${clusters[0].members().find(m => m.peer.equals(nodes[0].peerId))?.incarnation}`]
    const body = encodeGroupMessages(me, them, [{ type: 'vote', from: me, to: them, term: term + 1_000, lastIndex: 1e6, lastTerm: term + 999, transfer: true }])
    framed.send([encodeBatches([{ clusterId: Buffer.from(clusters[0].stats().clusterId ?? '', 'hex'), body }])])
    await vi.waitFor(() => { expect(refused()).toBeGreaterThan(before) }, { timeout: 10_000, interval: 10 })
    await clusters[0].set('after', 'the forgery')
    await clusters[0].barrier()
    expect(clusters[0].stats().term).toBe(term)
    framed.abort(new Error('done'))
    await guest.stop()
  })
})

describe('keys rotate on a running group', () => {
  it('add, use and drop, node by node, while members and a client write: no request fails', async () => {
    const guest = await start(undefined)
    const ring = new KeyRing(secret)
    const client = guest.client(NS, { encryptionKey: ring })
    const all = [...rings, ring]
    let writing = true
    let written = 0
    const writers = [...clusters, client].map(async (handle, writer) => {
      for (let i = 0; writing; i++) {
        await handle.set(`rotation ${writer}`, String(i))
        expect(text(await handle.get(`rotation ${writer}`))).toBe(String(i))
        written++
      }
    })
    const more = async (): Promise<void> => { const until = written + 10; await vi.waitFor(() => { expect(written).toBeGreaterThan(until) }, { timeout: 30_000, interval: 10 }) }
    try {
      await more()
      for (const step of ['add', 'use', 'drop'] as const) {
        for (const each of all) {
          if (step === 'add') each.add(other)
          else if (step === 'use') each.use(otherId)
          else each.drop(keyId)
          await more()
        }
      }
    } finally {
      writing = false
      await Promise.all(writers)
      await client.close()
    }
    const late = clientOf(guest, secret)
    await expect(late.get('after')).rejects.toThrow(`${NS} is sealed with key ${otherId}`)
    await late.close()
  })
})

describe('a leader that dies', () => {
  it('is replaced, and the client with the key goes on', async () => {
    const guest = await start(undefined)
    await using client = clientOf(guest, other)
    await client.set('before', 'x')
    const leader = clusters.findIndex(cluster => cluster.isLeader())
    const [dead] = nodes.slice(leader, leader + 1)
    await dead.stop()
    const alive = clusters.filter((_, i) => i !== leader)
    await vi.waitFor(() => { expect(alive.some(cluster => cluster.isLeader())).toBe(true) }, { timeout: 20_000, interval: 20 })
    await alive[0].set('after failover', 'y')
    expect(text(await client.get('after failover'))).toBe('y')
    expect(text(await guest.client(NS, { encryptionKey: other }).get('after failover'))).toBe('y')
  })
})
