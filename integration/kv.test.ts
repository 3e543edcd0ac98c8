import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Mesh } from '../examples/support/mesh.js'
import { CompactedError, ConflictError, createNode, NotAuthorizedError } from '../src/index.js'
import type { Client, RaftNode, Watch, WatchEvent } from '../src/index.js'

const NS = '/raft/kv'
const options = { preset: 'local', bootstrap: { mode: 'expect', expect: 3 } } as const
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const limit = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(60_000) })

let mesh: Mesh
let outsiders: RaftNode[]
let clients: Client[]

beforeAll(async () => {
  mesh = await Mesh.create({ prefix: 'raftmesh-kv-' })
  await mesh.startAll(['a', 'b', 'c'])
  await mesh.joinAll(NS, options)
  await mesh.leader(NS)
  outsiders = await Promise.all([1, 2].map(async () => await createNode({ bootstrap: mesh.nodes.map(node => node.address) })))
  clients = outsiders.map(node => node.client(NS))
})
afterAll(async () => {
  await Promise.all((outsiders ?? []).map(async node => { await node.stop() }))
  await mesh?.[Symbol.asyncDispose]()
})

/** Until one of them is of that key. */
async function collect (watch: Watch, last: string): Promise<WatchEvent[]> {
  const events: WatchEvent[] = []
  for await (const event of watch) {
    events.push(event)
    if (text(event.key) === last) break
  }
  return events
}

describe('keys, versions and transactions', () => {
  it('a row says when it was made, last written, and how often', async () => {
    const [one, two] = clients as [Client, Client]
    const first = await one.set('row', '1')
    const second = await two.set('row', '2')
    const { row, revision, age } = await one.read('row')
    expect(row).toMatchObject({ createRevision: first.revision, modRevision: second.revision, version: 2, lease: 0 })
    expect([age, revision >= second.revision]).toEqual([0, true])
    expect(await two.delete('row')).toMatchObject({ deleted: 1 })
    expect(await two.delete('row')).toMatchObject({ deleted: 0 })
    expect((await one.read('row')).row).toBeUndefined()
  })

  it('of two that compare and set, one wins each time, and the other is told what it found', async () => {
    const rounds = 25
    const conflicts: unknown[] = []
    await Promise.all(clients.map(async client => {
      for (let won = 0; won < rounds;) {
        const { row } = await client.read('counter')
        const value = Number(row === undefined ? 0 : text(row.value)) + 1
        try {
          await client.set('counter', String(value), { version: row?.version ?? 0 })
          won++
        } catch (error) {
          conflicts.push(error)
        }
      }
    }))
    expect(text((await clients[0]?.get('counter')) ?? new Uint8Array(0))).toBe(String(2 * rounds))
    expect(conflicts.every(error => error instanceof ConflictError)).toBe(true)
  })

  it('a transaction is all or nothing, and its later operations see the earlier ones', async () => {
    const [one] = clients as [Client]
    const transfer = { compare: [{ key: 'from', value: '10' }], then: [{ type: 'set', key: 'from', value: '0' }, { type: 'set', key: 'to', value: '10' }, { type: 'get', key: 'to' }], else: [{ type: 'get', key: 'from' }] } as const
    await one.set('from', '10')
    const done = await one.txn(transfer)
    expect(done).toMatchObject({ succeeded: true, results: [{ type: 'set' }, { type: 'set' }, { type: 'get', row: { modRevision: done.revision } }] })
    expect(await one.txn(transfer)).toMatchObject({ succeeded: false, results: [{ type: 'get', row: { version: 2 } }] })
  })

  it('pages through 5,000 keys in both directions, and deletes a range', async () => {
    const [one] = clients as [Client]
    const all = Array.from({ length: 5_000 }, (_, i) => `page/${String(i).padStart(5, '0')}`)
    for (let i = 0; i < all.length; i += 1_000) await one.batch(all.slice(i, i + 1_000).map(key => ({ type: 'set', key, value: key })))
    const found: string[] = []
    for await (const row of one.rows({ prefix: 'page/', limit: 700 })) found.push(text(row.key))
    expect(found).toEqual(all)
    const backwards: string[] = []
    for await (const row of one.rows({ prefix: 'page/', reverse: true, keysOnly: true })) backwards.push(text(row.key))
    expect(backwards).toEqual([...all].reverse())
    expect(await one.keys({ prefix: 'page/' })).toEqual(all)
    expect(await one.deleteRange({ from: 'page/00000', to: 'page/01000' })).toMatchObject({ deleted: 1_000 })
    expect(await one.deleteRange({ prefix: 'page/', limit: 10 })).toMatchObject({ deleted: 10 })
    expect((await one.scan({ prefix: 'page/', limit: 1 })).rows.map(({ key }) => text(key))).toEqual(['page/01010'])
  })

  it('`bounded` is answered from what was confirmed not long ago, and says how long', async () => {
    const [one] = clients as [Client]
    await one.set('bounded', 'v')
    await one.get('bounded')
    expect(await one.read('bounded', { consistency: 'bounded', maxAge: 60_000 })).toMatchObject({ row: { version: 1 } })
    expect((await one.read('bounded', { consistency: 'bounded', maxAge: 0 })).age).toBe(0)
  })
})

describe('a watch', () => {
  it('hands out what is changed from then on, and from a revision on what was', async () => {
    const [one, two] = clients as [Client, Client]
    const before = await one.set('w/0', '0')
    await using live = await two.watch({ prefix: 'w/', ...limit() })
    await one.batch([{ type: 'set', key: 'w/1', value: 'a' }, { type: 'set', key: 'other', value: '' }, { type: 'delete', key: 'w/0' }])
    await one.set('w/end', '')
    const seen = await collect(live, 'w/end')
    expect(seen.map(({ type, key }) => [type, text(key)])).toEqual([['set', 'w/1'], ['delete', 'w/0'], ['set', 'w/end']])
    await using again = await one.watch({ prefix: 'w/', revision: before.revision, ...limit() })
    expect((await collect(again, 'w/end')).map(({ key }) => text(key))).toEqual(['w/0', 'w/1', 'w/0', 'w/end'])
  })

  it('comes to an end where its revision is compacted, and says so', async () => {
    const [one] = clients as [Client]
    const { revision } = await one.set('compact', '1')
    await expect(one.compact(revision)).rejects.toThrow(NotAuthorizedError)
    await mesh.nodes[0]?.call('setRole', { namespace: NS, peer: outsiders[0]?.peerId.toString() ?? '', role: 'admin' })
    await one.compact(revision)
    const { signal } = limit()
    const next = async (): Promise<unknown> => {
      await using watch = await one.watch({ key: 'compact', revision, signal })
      return await watch.next().catch((error: unknown) => error)
    }
    // A member that is behind still has it, for a moment.
    let found = await next()
    while (!(found instanceof Error)) found = await next()
    expect(found).toMatchObject({ name: CompactedError.name, compacted: revision })
  })

  it('is cut off where the right to read is withdrawn', async () => {
    const [, one] = clients as [Client, Client]
    const admin = mesh.nodes[0]
    if (admin === undefined) throw new Error('no node')
    await admin.call('setRole', { namespace: NS, peer: '*', role: 'write', prefix: 'secret/' })
    await using watch = await one.watch({ prefix: 'secret/', ...limit() })
    const refused = expect(watch.next()).rejects.toThrow(NotAuthorizedError)
    await admin.call('setRole', { namespace: NS, peer: '*', role: 'none', prefix: 'secret/' })
    await refused
    await admin.call('setRole', { namespace: NS, peer: '*', role: 'default', prefix: 'secret/' })
  })

  it('goes on without gap or duplicate while the leader that serves it is killed, and the next one is restarted', async () => {
    const [writer, reader] = clients as [Client, Client]
    await using watch = await reader.watch({ prefix: 'kill/', ...limit() })
    const written: Array<[number, string]> = []
    let stopped = false
    const writing = (async () => {
      for (let i = 0; !stopped; i++) {
        const key = `kill/${String(i).padStart(6, '0')}`
        try {
          written.push([(await writer.set(key, '')).revision, key])
        } catch { /* it may have happened: then the watch shows it, and it is no failure */ }
      }
      await writer.set('kill/end', '')
    })()
    const seeing = collect(watch, 'kill/end')
    const startAgain = async (name: string): Promise<void> => {
      const back = await mesh.start(name)
      await back.call('join', { namespace: NS, options })
      await back.call('barrier', { namespace: NS, timeoutMs: 20_000 })
    }
    const killed = await mesh.leader(NS)
    await killed.kill('SIGKILL')
    const next = await mesh.leader(NS)
    await startAgain(killed.name)
    await next.stop()
    await startAgain(next.name)
    await writer.set('kill/last but one', '')
    stopped = true
    await writing
    const seen = (await seeing).map(({ revision, key }): [number, string] => [revision, text(key)])
    expect(new Set(seen.map(([, key]) => key)).size).toBe(seen.length)
    expect(seen.map(([revision]) => revision)).toEqual(seen.map(([revision]) => revision).sort((a, b) => a - b))
    const shown = new Set(seen.map(String))
    expect(written.filter(entry => !shown.has(String(entry)))).toEqual([])
    expect(written.length).toBeGreaterThan(50)
  })
})
