import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { partitionsMissing, ProxyNetwork } from './proxy-network.js'
import type { Server, Socket } from 'node:net'

describe.skipIf(partitionsMissing !== undefined)(`a proxy between nodes${partitionsMissing === undefined ? '' : ` (skipped: ${partitionsMissing})`}`, () => {
  let directory: string
  let network: ProxyNetwork
  let server: Server
  let accepted: Promise<Socket>
  let a: Socket
  let b: Socket
  const got = { a: '', b: '' }

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'raftmesh-net-'))
    network = new ProxyNetwork(directory)
    const { socket, announce } = await network.node('b')
    server = createServer()
    accepted = once(server, 'connection').then(([socket]) => socket as Socket)
    server.listen(socket)
    const port = Number(announce.split('/').at(-1))
    const { localAddress } = await network.client('a')
    a = connect({ port, host: '127.0.0.1', localAddress })
    b = await accepted
    got.a = got.b = ''
    a.on('data', bytes => { got.a += bytes.toString() }).on('error', () => {})
    b.on('data', bytes => { got.b += bytes.toString() }).on('error', () => {})
  })
  afterEach(async () => {
    a.destroy()
    b.destroy()
    server.close()
    await network[Symbol.asyncDispose]()
    await rm(directory, { recursive: true, force: true })
  })

  const arrives = async (who: 'a' | 'b', text: string): Promise<void> => { await expect.poll(() => got[who]).toBe(text) }

  it('carries both ways', async () => {
    a.write('there')
    b.write('back')
    await arrives('b', 'there')
    await arrives('a', 'back')
  })

  it('cut one way: the other goes on, and what was held arrives once it is mended, in order', async () => {
    const mend = await network.cut([{ from: 'a', to: 'b' }])
    a.write('1')
    a.write('2')
    for (const text of ['x', 'y']) b.write(text)
    await arrives('a', 'xy')
    expect(got.b).toBe('')
    await mend()
    a.write('3')
    await arrives('b', '123')
  })

  it('overlapping cuts: mended when the last one ends, and ending one twice counts once', async () => {
    const [first, second] = [await network.cut([{ from: 'a', to: 'b' }]), await network.cut([{ from: 'a', to: 'b' }])]
    a.write('1')
    await first()
    await first()
    b.write('x')
    await arrives('a', 'x')
    expect(got.b).toBe('')
    await second()
    await arrives('b', '1')
  })

  it('the end of a connection does not get through a cut', async () => {
    const mend = await network.cut([{ from: 'a', to: 'b' }])
    const closed = once(b, 'close')
    a.destroy()
    b.write('x')
    expect(await Promise.race([closed, new Promise(resolve => { setImmediate(() => { resolve('open') }) })])).toBe('open')
    await mend()
    await closed
  })

  it('slow: later, and not lost', async () => {
    const end = await network.trouble('a', { delayMs: 50 })
    const began = performance.now()
    a.write('1')
    await arrives('b', '1')
    // Timers may fire up to a ms early.
    expect(performance.now() - began).toBeGreaterThanOrEqual(49)
    await end()
  })

  it('a reset ends the connections of the two, and no others', async () => {
    expect(await network.reset('a', ['c'])).toBe(0)
    const failed = new Promise<NodeJS.ErrnoException>(resolve => { a.once('error', resolve) })
    expect(await network.reset('b', ['c', 'a'])).toBe(1)
    expect((await failed).code).toBe('ECONNRESET')
  })
})
