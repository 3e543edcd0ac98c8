import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Mesh } from '../examples/support/mesh.js'
import { createNode, LockLostError } from '../src/index.js'
import type { Client, RaftNode } from '../src/index.js'
import type { ChildProcess } from 'node:child_process'

const CLI = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url))
const NS = '/raft/queues'
/** Says what it works on when it begins and when it ends. Appends of a line are whole. */
const WORK = 'v=$(cat); echo "begin $v $RAFTMESH_QUEUE_TOKEN $PPID" >> "$LOG"; sleep 0.15; echo "end $v $RAFTMESH_QUEUE_TOKEN $PPID" >> "$LOG"'

interface Line { readonly what: string, readonly value: string, readonly token: number, readonly pid: number }

describe('queues of real processes', () => {
  let mesh: Mesh
  let outsider: RaftNode
  let client: Client
  const workers: ChildProcess[] = []

  beforeAll(async () => {
    mesh = await Mesh.create({ prefix: 'raftmesh-queue-' })
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
    await Promise.all(workers.splice(0).map(async worker => {
      if (worker.exitCode !== null || worker.signalCode !== null) return
      const ended = once(worker, 'exit')
      worker.kill('SIGKILL')
      await ended
    }))
  })

  async function work (queue: string, log: string, visibility: number): Promise<ChildProcess> {
    const args = [CLI, 'queue', 'work', NS, queue, '--peer', mesh.nodes[0]?.address ?? '', '--visibility', String(visibility), '--', 'sh', '-c', WORK]
    const worker = spawn(process.execPath, args, { stdio: 'ignore', env: { ...process.env, LOG: log } })
    workers.push(worker)
    return worker
  }

  async function logFile (name: string): Promise<string> {
    const log = join(mesh.directory, name)
    await writeFile(log, '')
    return log
  }

  async function linesOf (log: string): Promise<Line[]> {
    return (await readFile(log, 'utf8')).split('\n').filter(line => line !== '').map(line => {
      const [what = '', value = '', token, pid] = line.split(' ')
      return { what, value, token: Number(token), pid: Number(pid) }
    })
  }

  async function until<T> (look: () => Promise<T | undefined>): Promise<T> {
    for (;;) {
      const found = await look()
      if (found !== undefined) return found
      await new Promise(resolve => { setTimeout(resolve, 50) })
    }
  }

  const empty = async (name: string): Promise<true | undefined> => {
    const { ready, taken } = await client.queue(name).length()
    return ready + taken === 0 ? true : undefined
  }

  it('one worker has the items in order, and the command line tells of them', async () => {
    const log = await logFile('order')
    const run = async (...args: string[]): Promise<string> => (await promisify(execFile)(process.execPath, [CLI, 'queue', ...args, '--peer', mesh.nodes[1]?.address ?? ''])).stdout
    expect(await run('push', NS, 'order', 'first', '--id', 'x')).toBe('item 1\n')
    expect(await run('push', NS, 'order', 'again', '--id', 'x')).toBe('item 1, which was there before\n')
    for (let i = 0; i < 8; i++) await client.queue('order').push(`${i}`)
    expect(await run('peek', NS, 'order', '--limit', '1')).toContain('first')
    expect(await run('length', NS, 'order')).toBe('9 ready, 0 taken, 0 dead\n')
    const worker = await work('order', log, 5_000)
    await until(async () => await empty('order'))
    expect((await linesOf(log)).filter(({ what }) => what === 'begin').map(({ value }) => value)).toEqual(['first', '0', '1', '2', '3', '4', '5', '6', '7'])
    const ended = once(worker, 'exit')
    worker.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  })

  it('a worker that is told to stop finishes what it is at, and takes no more', async () => {
    const log = await logFile('finish')
    const queue = client.queue('finish')
    const worker = await work('finish', log, 5_000)
    await queue.push('first')
    await until(async () => (await linesOf(log)).length > 0 ? true : undefined)
    await queue.push('second')
    const ended = once(worker, 'exit')
    worker.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    expect((await linesOf(log)).map(({ what, value }) => `${what} ${value}`)).toEqual(['begin first', 'end first'])
    expect(await queue.length()).toEqual({ ready: 1, taken: 0, dead: 0 })
  })

  it('takes the bytes of its standard input, whatever they are', async () => {
    const bytes = Buffer.from([0xff, 0, 0xef, 0xbb, 0xbf, 0x0a])
    const pushing = spawn(process.execPath, [CLI, 'queue', 'push', NS, 'bytes', '-', '--peer', mesh.nodes[0]?.address ?? ''], { stdio: ['pipe', 'ignore', 'inherit'] })
    const ended = once(pushing, 'exit')
    pushing.stdin?.end(bytes)
    expect(await ended).toEqual([0, null])
    expect((await client.queue('bytes').peek()).map(({ value }) => Buffer.from(value))).toEqual([bytes])
  })

  it('of many workers, one killed and one stopped for longer than its visibility, none works on what another holds, and all is done', async () => {
    const log = await logFile('many')
    const queue = client.queue('many')
    const [killed, stopped, steady] = [await work('many', log, 3_000), await work('many', log, 3_000), await work('many', log, 3_000)]
    for (let i = 0; i < 30; i++) await queue.push(`${i}`)
    await until(async () => (await linesOf(log)).some(({ pid }) => pid === killed.pid) ? true : undefined)
    killed.kill('SIGKILL')
    await until(async () => (await linesOf(log)).some(({ pid }) => pid === stopped.pid) ? true : undefined)
    stopped.kill('SIGSTOP')
    await until(async () => await empty('many'))
    stopped.kill('SIGCONT')
    await queue.push('last')
    await until(async () => await empty('many'))

    const lines = await linesOf(log)
    const done = new Set(lines.filter(({ what }) => what === 'end').map(({ value }) => value))
    expect([...done].sort()).toEqual([...Array.from({ length: 30 }, (_, i) => `${i}`), 'last'].sort())
    // Only what the two were at came to another, under a higher token. Who is stopped in the middle of beginning may end that late: the token tells.
    const begun = lines.filter(({ what }) => what === 'begin')
    for (const value of done) {
      const tries = begun.filter(line => line.value === value)
      expect(tries.filter(({ pid }) => pid === steady.pid).length, value).toBeLessThanOrEqual(1)
      const tokens = tries.filter(({ pid }) => pid !== stopped.pid).map(({ token }) => token)
      expect(tokens, value).toEqual([...tokens].sort((a, b) => a - b))
      expect(new Set(tries.map(({ token }) => token)).size, value).toBe(tries.length)
    }
    expect(await queue.length()).toEqual({ ready: 0, taken: 0, dead: 0 })
  })

  it('who is late has its ack refused: the item is the next one\'s', async () => {
    const queue = client.queue('late')
    await queue.push('x')
    const [late] = await queue.pop({ visibility: 500 })
    const [next] = await queue.pop({ wait: Infinity })
    expect(next?.token).toBeGreaterThan(late?.token ?? Infinity)
    expect(late?.signal.aborted).toBe(true)
    await expect(late?.ack()).rejects.toBeInstanceOf(LockLostError)
    await next?.ack()
    expect(await queue.length()).toEqual({ ready: 0, taken: 0, dead: 0 })
  })

  it('through the death of the leader, nothing is lost and nothing comes twice to who holds it', async () => {
    const queue = client.queue('failover')
    const stop = new AbortController()
    const held = new Set<number>()
    const done: string[] = []
    const twice: number[] = []
    const working = queue.consume(async item => {
      if (held.has(item.sequence)) twice.push(item.sequence)
      held.add(item.sequence)
      item.signal.addEventListener('abort', () => { held.delete(item.sequence) })
      await new Promise(resolve => { setTimeout(resolve, 20) })
      done.push(Buffer.from(item.value).toString())
      held.delete(item.sequence)
    }, { concurrency: 4, visibility: 3_000, signal: stop.signal })
    const leader = await mesh.leader(NS)
    for (let i = 0; i < 40; i++) {
      if (i === 15) await leader.kill()
      // The same id again: an answer that was lost makes no second item.
      for (;;) {
        try {
          await queue.push(`${i}`, { id: `item ${i}` })
          break
        } catch { /* the group has no leader for a moment */ }
      }
    }
    await until(async () => new Set(done).size === 40 ? true : undefined)
    stop.abort()
    await working
    expect(twice).toEqual([])
    expect(await queue.length()).toMatchObject({ dead: 0 })
  })
})
