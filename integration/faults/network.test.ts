import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Network, partitionsMissing } from './network.js'
import type { Server, Socket } from 'node:net'

describe.skipIf(partitionsMissing !== undefined)(`the network between nodes${partitionsMissing === undefined ? '' : ` (skipped: ${partitionsMissing})`}`, () => {
  let directory: string
  let network: Network
  let server: Server
  let accepted: Promise<Socket>
  let a: Socket
  let b: Socket
  const got = { a: '', b: '' }

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'raftmesh-net-'))
    network = new Network()
    const path = join(directory, 'b.sock')
    server = createServer()
    accepted = once(server, 'connection').then(([socket]) => socket as Socket)
    server.listen(path)
    const port = Number((await network.open('b', path)).split('/').at(-1))
    a = connect({ port, host: '127.0.0.1', localAddress: network.endpoint('a') })
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
    const mend = network.cut('a', 'b')
    a.write('1')
    a.write('2')
    for (const text of ['x', 'y']) b.write(text)
    await arrives('a', 'xy')
    expect(got.b).toBe('')
    mend()
    a.write('3')
    await arrives('b', '123')
  })

  it('overlapping cuts: mended when the last one ends, and ending one twice counts once', async () => {
    const [first, second] = [network.cut('a', 'b'), network.cut('a', 'b')]
    a.write('1')
    first()
    first()
    b.write('x')
    await arrives('a', 'x')
    expect(got.b).toBe('')
    second()
    await arrives('b', '1')
  })

  it('the end of a connection does not get through a cut', async () => {
    const mend = network.cut('a', 'b')
    const closed = once(b, 'close')
    a.destroy()
    b.write('x')
    expect(await Promise.race([closed, new Promise(resolve => { setImmediate(() => { resolve('open') }) })])).toBe('open')
    mend()
    await closed
  })

  it('slow: later, and not lost', async () => {
    const end = network.slow('a', 'b', 50)
    const began = performance.now()
    a.write('1')
    await arrives('b', '1')
    // Timers may fire up to a ms early.
    expect(performance.now() - began).toBeGreaterThanOrEqual(49)
    end()
  })

  it('a reset ends the connections of the two, and no others', async () => {
    expect(network.reset('a', 'c')).toBe(0)
    const failed = new Promise<NodeJS.ErrnoException>(resolve => { a.once('error', resolve) })
    expect(network.reset('b', 'a')).toBe(1)
    expect((await failed).code).toBe('ECONNRESET')
  })
})
