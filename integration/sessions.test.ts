import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Mesh } from '../examples/support/mesh.js'
import { createNode, SessionExpiredError } from '../src/index.js'
import { encodeKvCommand } from '../src/machine/kv-command.js'
import { decodeKvResult } from '../src/machine/kv-result.js'
import { readResultOf } from '../src/service/kv-results.js'
import type { Client, RaftNode, Row, Session } from '../src/index.js'
import type { KvHandle } from '../src/service/handle.js'

const NS = '/raft/sessions'
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)

describe('a session of a group of processes', () => {
  const options = { preset: 'local', bootstrap: { mode: 'expect', expect: 3 } } as const
  let mesh: Mesh
  let outsider: RaftNode
  let client: Client
  let count = 0

  beforeAll(async () => {
    mesh = await Mesh.create({ prefix: 'raftmesh-sessions-' })
    await mesh.startAll(['a', 'b', 'c'])
    await mesh.joinAll(NS, options)
  })
  afterAll(async () => { await mesh?.[Symbol.asyncDispose]() })

  beforeEach(async () => {
    count++
    await mesh.leader(NS)
    outsider = await createNode({ bootstrap: mesh.nodes.map(node => node.address) })
    client = outsider.raft.client(NS, { timeouts: { request: 20_000 } })
  })
  afterEach(async () => {
    await client.close()
    await outsider.stop()
  })

  /** Every append adds a row, so that one that is done twice is seen. */
  async function append (session: Session, prefix: string, value: string): Promise<void> {
    await session.txn({ then: [{ type: 'append', prefix, value }] })
  }

  async function appended (prefix: string): Promise<string[]> {
    const rows: Row[] = []
    for await (const row of client.rows({ prefix })) rows.push(row)
    return rows.map(({ value }) => text(value))
  }

  it('has each write done once and answered, though leaders are killed in the middle of them', async () => {
    await using session = await client.session()
    const prefix = `log ${count}/`
    const sent: string[] = []
    let going = true
    const workers = Array.from({ length: 16 }, async (_, worker) => {
      for (let i = 0; going; i++) {
        const value = `${worker}.${i}`
        sent.push(value)
        // None may fail, neither as refused nor as unknown.
        await append(session, prefix, value)
      }
    })
    const all = Promise.all(workers)
    try {
      for (let round = 0; round < 2; round++) {
        const before = sent.length
        while (sent.length < before + 300) await append(session, `tick ${count}/`, '.')
        const victim = await mesh.leader(NS)
        await victim.kill('SIGKILL')
        while (sent.length < before + 600) await append(session, `tick ${count}/`, '.')
        const back = await mesh.start(victim.name)
        await back.call('join', { namespace: NS, options })
        await back.call('barrier', { namespace: NS, timeoutMs: 20_000 })
      }
    } finally {
      going = false
    }
    await all
    expect(session.signal.aborted).toBe(false)
    expect((await appended(prefix)).sort()).toEqual(sent.sort())
  })

  it('that was ended is an error, and not a second run', async () => {
    const session = await client.session()
    await session.set('a', '1')
    await client.leases.revoke(session.id)
    await expect(session.set('a', '2')).rejects.toMatchObject({ name: 'SessionExpiredError', outcome: 'refused' })
    expect(session.signal.reason).toBeInstanceOf(SessionExpiredError)
    await expect(session.set('a', '3')).rejects.toBeInstanceOf(SessionExpiredError)
    expect(text(await client.get('a'))).toBe('1')
    await session.close()
  })

  it('is not written in by others who may write: not with its next sequence, and not with one far ahead', async () => {
    const [session, next] = [await client.session(), await client.session()]
    await session.set(`own ${count}`, '1')
    await next.set(`own ${count}`, '2')
    const command = encodeKvCommand({ type: 'put', key: utf8(`own ${count}`), value: utf8('forged') })
    for (const [sequence, acknowledged] of [[2, 0], [2 ** 40, 2 ** 40]]) {
      for (const secret of [undefined, new Uint8Array(16)]) {
        const { result } = await (client as unknown as KvHandle).propose('set', encodeKvCommand({ type: 'session', lease: session.id, sequence, acknowledged, secret, command }))
        expect(decodeKvResult(result)).toEqual({ ok: false, reason: 'no-such-session' })
      }
    }
    await session.set(`own ${count}`, '3')
    expect(text(await client.get(`own ${count}`))).toBe('3')
    await Promise.all([session.close(), next.close()])
  })

  it('takes the keys of its lease with it, and leaves the others', async () => {
    const session = await client.session()
    await session.set(`here ${count}`, 'x', { lease: session.id })
    await session.set(`stays ${count}`, 'x')
    await session.close()
    expect(await client.get(`here ${count}`)).toBeUndefined()
    expect(text(await client.get(`stays ${count}`))).toBe('x')
  })
})

describe('answers', () => {
  let directory: string
  beforeAll(async () => { directory = await mkdtemp(join(tmpdir(), 'raftmesh-answers-')) })
  afterAll(async () => { await rm(directory, { recursive: true, force: true }) })

  const start = async (name: string, known: readonly RaftNode[] = []): Promise<RaftNode> =>
    await createNode({ dataDir: join(directory, name), listen: ['/ip4/127.0.0.1/tcp/0'], bootstrap: known.flatMap(node => node.addresses()) })

  it('are there after a restart, and on a member that was given a snapshot', async () => {
    let first = await start('first')
    const options = { preset: 'local', snapshots: { threshold: 16, trailing: 4, interval: 50 } } as const
    let cluster = await first.join(NS, { ...options, bootstrap: { mode: 'force' } })
    const { id } = await cluster.leases.grant({ ttl: 60_000 })
    /** As a session sends it, any number of times. */
    const send = async (handle: unknown, sequence: number): Promise<number> => {
      const put = encodeKvCommand({ type: 'put', key: utf8('k'), value: utf8(String(sequence)) })
      const { result } = await (handle as KvHandle).propose('set', encodeKvCommand({ type: 'session', lease: id, sequence, acknowledged: 1, command: put }))
      return readResultOf('written', result).revision
    }
    const revisions = [await send(cluster, 1), await send(cluster, 2)]
    expect(await send(cluster, 1)).toBe(revisions[0])
    await first.stop()

    first = await start('first')
    cluster = await first.join(NS, { ...options, bootstrap: { mode: 'force' } })
    expect([await send(cluster, 1), await send(cluster, 2)]).toEqual(revisions)
    for (let i = 0; i < 64; i++) await cluster.set('filler', String(i))

    const second = await start('second', [first])
    const other = await second.join(NS, { ...options, bootstrap: { mode: 'join' } })
    await cluster.waitForLeader()
    const installed = async (): Promise<number> => { await other.barrier({ signal: AbortSignal.timeout(30_000) }); return other.stats().snapshotsInstalled }
    expect(await installed()).toBeGreaterThan(0)
    while (!other.isLeader()) {
      await cluster.transferLeadership(second.peerId).catch(() => { /* a learner yet */ })
      await other.barrier()
    }
    expect([await send(other, 1), await send(other, 2)]).toEqual(revisions)
    expect((await other.read('k')).row).toMatchObject({ version: 2 })
    await second.stop()
    await first.stop()
  })
})
