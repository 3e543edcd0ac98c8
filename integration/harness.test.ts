import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { readStatus } from '../bench/etcd-messages.js'
import { RequestHeaders } from '../bench/hpack.js'
import { measure } from '../bench/measure.js'
import { parseOptions, UsageError } from '../bench/options.js'
import { Mesh } from '../examples/support/mesh.js'
import { percentile, table } from '../examples/support/table.js'
import { WriteStream } from '../examples/support/write-stream.js'

const dist = (path: string): string => fileURLToPath(new URL(`../dist/${path}`, import.meta.url))

/** What the other tests are judged by must itself be able to say no. */
describe('the write stream', () => {
  it('finds what is lost, changed, refused yet there, and never written; and lets unknown outcomes be either', async () => {
    const fail = (outcome: string): Error => Object.assign(new Error(outcome), { outcome })
    const stream = new WriteStream(async key => {
      if (key === 's/0000003') throw fail('refused')
      if (key >= 's/0000004') throw fail('unknown')
    }, { prefix: 's/', concurrency: 1, limit: 6, value: n => `v${n}` })
    await stream.finished()
    expect(stream.acknowledged.map(({ key }) => key)).toEqual(['s/0000000', 's/0000001', 's/0000002'])
    expect(stream.compare([['s/0000000', 'v0'], ['s/0000001', 'v1'], ['s/0000002', 'v2'], ['s/0000004', 'v4']])).toEqual([])
    expect(stream.compare([['s/0000000', 'v0'], ['s/0000001', 'other'], ['s/0000003', 'v3'], ['s/0000005', 'x'], ['s/9', 'y']])).toEqual([
      's/0000001 was acknowledged as v1 and is other', 's/0000002 was acknowledged and is lost',
      's/0000003 was refused, and is there', 's/0000005 = x was never written', 's/9 = y was never written'
    ])
  })

  it('waits for the acknowledgement of a write that began after a moment', async () => {
    let open: (() => void) | undefined
    const gate = new Promise<void>(resolve => { open = resolve })
    const stream = new WriteStream(async () => { await gate }, { prefix: 's/', concurrency: 1, limit: 2 })
    const moment = performance.timeOrigin + performance.now()
    const first = stream.firstBegunAfter(moment)
    open?.()
    expect((await first).key).toBe('s/0000001')
    expect(stream.acknowledged[0]?.began).toBeLessThanOrEqual(moment)
  })
})

describe('node processes', () => {
  it('one that dies unasked is told by name and signal, to calls and to waits', async () => {
    await using mesh = await Mesh.create()
    const node = await mesh.start('a')
    const waiting = expect(node.until('what never comes', () => false)).rejects.toThrow(/a: wait for what never comes failed.*SIGKILL/)
    await node.kill('SIGKILL')
    await waiting
    await expect(node.call('namespaces', null)).rejects.toThrow(/a: namespaces failed.*SIGKILL/)
  })

  it('errors keep their names across the process boundary', async () => {
    await using mesh = await Mesh.create()
    const node = await mesh.start('a')
    await expect(node.call('join', { namespace: 'bad' })).rejects.toMatchObject({ name: 'InvalidNamespaceError', outcome: 'refused' })
  })

  it('none outlives its parent, not even one that is killed', async () => {
    const demo = spawn(process.execPath, [dist('examples/demo/main.js')], { stdio: ['ignore', 'pipe', 'inherit'] })
    const pids: number[] = []
    let directory = ''
    for await (const line of createInterface({ input: demo.stdout })) {
      directory = /data in (\S+?),/.exec(line)?.[1] ?? directory
      const pid = /process (\d+) listens/.exec(line)?.[1]
      if (pid !== undefined && pids.push(Number(pid)) === 3) break
    }
    demo.kill('SIGKILL')
    if (demo.signalCode === null) await once(demo, 'exit')
    expect(pids).toHaveLength(3)
    const alive = (): number[] => pids.filter(pid => {
      try {
        return process.kill(pid, 0)
      } catch {
        return false
      }
    })
    await expect.poll(alive, { timeout: 10_000 }).toEqual([])
    await rm(directory, { recursive: true, force: true })
  })
})

describe('the benchmark', () => {
  it('measures a closed loop: so many at a time, and how long each took', async () => {
    let running = 0
    let most = 0
    const result = await measure(async n => {
      most = Math.max(most, ++running)
      await new Promise(resolve => setTimeout(resolve, 5))
      running--
      if (n % 10 === 9) throw new TypeError('one in ten')
    }, { concurrency: 4, warmupMs: 20, measureMs: 200 })
    expect(most).toBe(4)
    expect(result.operations).toBeGreaterThan(0)
    expect(result.perSecond).toBeCloseTo(result.operations / 0.2)
    expect(result.p50).toBeGreaterThanOrEqual(4)
    expect(result.p99).toBeGreaterThanOrEqual(result.p50)
    expect(Object.keys(result.errors)).toEqual(['TypeError: one in ten'])
  })

  it('reads its options, and refuses what it does not know', () => {
    expect(parseOptions(['--seconds', '2', '--concurrency', '1,8', '--only', 'reads', '--peers', 'none'])).toMatchObject({ seconds: 2, concurrency: [1, 8], parts: ['reads'], peers: 'none' })
    expect(parseOptions([])).toMatchObject({ concurrency: [1, 16, 64, 256, 1_024], parts: ['writes', 'reads', 'failover'], valueBytes: 256 })
    for (const bad of [['--seconds', '0'], ['--concurrency', '1,x'], ['--only', 'naps'], ['--peers', 'zookeeper'], ['--nonsense'], ['extra']]) {
      expect(() => parseOptions(bad), bad.join(' ')).toThrow(UsageError)
    }
  })

  it('speaks enough HPACK and protobuf for etcd', () => {
    const headers = new RequestHeaders('h')
    const first = headers.block('/a')
    expect(first.toString('latin1')).toContain('application/grpc')
    // Six bytes: two of the static table, four of the dynamic one, whose newest entry (te) is 62 and whose oldest (the path) is 65.
    expect([...headers.block('/a')]).toEqual([0x83, 0x86, 0x80 | 65, 0x80 | 64, 0x80 | 63, 0x80 | 62])
    headers.block('/b')
    expect([...headers.block('/a')]).toEqual([0x83, 0x86, 0x80 | 66, 0x80 | 65, 0x80 | 64, 0x80 | 63])
    expect([...headers.block('/b')]).toEqual([0x83, 0x86, 0x80 | 62, 0x80 | 65, 0x80 | 64, 0x80 | 63])
    // StatusResponse { header { member_id: 300 }, leader: 300 }
    expect(readStatus(Uint8Array.from([0x0a, 3, 0x10, 0xac, 0x02, 0x20, 0xac, 0x02]))).toEqual({ id: 300n, leader: 300n })
    expect(() => readStatus(Uint8Array.from([0x20, 0xac]))).toThrow()
  })

  it('prints tables that line up, and nearest-rank percentiles', () => {
    expect(table(['', 'n'], [['a', '1'], ['long', '1,000']])).toBe('          n\n────  ─────\na         1\nlong  1,000')
    expect([percentile([1, 2, 3, 4], 0.5), percentile([1, 2, 3, 4], 0.99), percentile([], 0.5)]).toEqual([2, 4, NaN])
  })

  it('runs: writes, reads and a failover, as tables and as JSON', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [dist('bench/main.js'), '--seconds', '0.5', '--concurrency', '1,16', '--warmup', '0.5', '--failovers', '1', '--peers', 'none'], { timeout: 90_000 })
    const path = /As JSON: (\S+)/.exec(stdout)?.[1] ?? ''
    const { loads, failovers } = JSON.parse(await readFile(path, 'utf8')) as { loads: Array<{ operations: number, errors: object, usage: object }>, failovers: Array<{ outages: number[] }> }
    await rm(path)
    expect(loads).toHaveLength(4)
    for (const load of loads) {
      expect(load.operations).toBeGreaterThan(0)
      expect(load.errors).toEqual({})
    }
    expect(failovers[0]?.outages).toHaveLength(1)
  })
})
