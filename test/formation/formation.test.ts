import { afterEach, describe, expect, it } from 'vitest'
import { FormationError, InvalidArgumentError, MalformedFrameError, ProtocolVersionError, UnavailableError } from '../../src/errors.js'
import { decodeView, encodeView } from '../../src/formation/codec.js'
import { Formation } from '../../src/formation/formation.js'
import { FormationView } from '../../src/formation/pb/formation.js'
import { decodeConfiguration } from '../../src/raft/configuration.js'
import { ManualClock, quiet } from './clock.js'
import { generator } from './world.js'
import type { FormationOptions, FormationOutcome } from '../../src/formation/types.js'
import type { View } from '../../src/formation/pure/view.js'

const auto: FormationOptions = { mode: 'auto', timeout: 10_000, threshold: 0.8 }

interface Disk { record: Uint8Array | undefined, fails?: boolean, saves: number }

class Mesh implements AsyncDisposable {
  readonly clock = new ManualClock()
  readonly nodes = new Map<string, Node>()
  readonly down = new Set<string>()

  node (peer: string, options: FormationOptions = auto, disk: Disk = { record: undefined, saves: 0 }, incarnation = `of${peer}`): Node {
    const node = new Node(this, peer, options, disk, incarnation)
    this.nodes.set(peer, node)
    return node
  }

  async [Symbol.asyncDispose] (): Promise<void> { for (const node of this.nodes.values()) await node.formation.close() }
}

class Node {
  readonly formation: Formation
  readonly progress: string[] = []
  readonly errors: unknown[] = []
  outcome: FormationOutcome | undefined
  requests = 0

  constructor (mesh: Mesh, readonly peer: string, options: FormationOptions, readonly disk: Disk, incarnation: string) {
    this.formation = new Formation({
      self: { peer, incarnation },
      namespace: '/raft/test',
      clock: mesh.clock,
      random: generator(peer.length * 7 + peer.charCodeAt(peer.length - 1)),
      request: async (to, message, { signal }) => {
        this.requests++
        signal.throwIfAborted()
        const node = mesh.nodes.get(to)
        if (node === undefined || mesh.down.has(to) || mesh.down.has(peer)) throw new UnavailableError(`${to} is out of reach`)
        return await node.formation.handle(peer, message)
      },
      promises: {
        load: async () => disk.record,
        save: async record => {
          await Promise.resolve()
          if (disk.fails === true) throw new Error('no space left on device')
          disk.saves++
          disk.record = record
        }
      },
      discovery: { candidates: () => [...mesh.nodes.keys()], onCandidate: () => () => {} },
      onProgress: (phase, detail) => { this.progress.push(`${phase}: ${detail}`) }
    }, options)
  }

  run (signal?: AbortSignal): this {
    this.formation.run({ signal }).then(outcome => {
      this.outcome = outcome
      this.formation.setFormed(outcome.clusterId)
    }, (error: unknown) => { this.errors.push(error) })
    return this
  }
}

let mesh: Mesh
afterEach(async () => { await mesh[Symbol.asyncDispose]() })

function founded (node: Node): Extract<FormationOutcome, { kind: 'founded' }> {
  expect(node.errors).toEqual([])
  if (node.outcome?.kind !== 'founded') throw new Error(`${node.peer}: ${node.outcome?.kind ?? 'no outcome'}\n${node.progress.join('\n')}`)
  return node.outcome
}

describe('Formation', () => {
  it('founds the same group, to the byte, at every founder', async () => {
    mesh = new Mesh()
    const nodes = ['A', 'B', 'C'].map(peer => mesh.node(peer).run())
    await mesh.clock.advance(9_500, () => nodes.every(n => n.outcome !== undefined))
    const [first, ...rest] = nodes.map(founded)
    expect(first.founders).toEqual(['A.ofA', 'B.ofB', 'C.ofC'])
    expect(first.provisional).toBe(true)
    expect(first.clusterId).toHaveLength(32)
    expect(first.incarnation).toBe('ofA')
    expect(first.genesis).toMatchObject({ index: 1, term: 1, kind: 'config', time: 0 })
    expect(decodeConfiguration(first.genesis.data)).toEqual({ voters: ['A.ofA', 'B.ofB', 'C.ofC'], outgoing: [], learners: [], learnersNext: [] })
    for (const other of rest) {
      expect(other.clusterId).toEqual(first.clusterId)
      expect(other.genesis).toEqual(first.genesis)
    }
    expect(nodes[0].progress.join('\n')).toMatch(/2 peers seen: B, C/)
    expect(nodes[0].progress.at(-1)).toMatch(/founded by A, B, C, \d+ ms after the start/)
  })

  it('joins a group that exists, at once, and asks nobody to found', async () => {
    mesh = new Mesh()
    const member = mesh.node('M')
    const clusterId = new Uint8Array(32).fill(7)
    member.formation.setFormed(clusterId)
    const fresh = mesh.node('A').run()
    await mesh.clock.advance(500, () => fresh.outcome !== undefined)
    expect(fresh.outcome).toEqual({ kind: 'join', clusterId, via: ['M'], incarnation: 'ofA' })
  })

  it('takes no part before it runs: neither candidate nor promise, as long as storage may hold a group', async () => {
    mesh = new Mesh()
    const idle = mesh.node('B')
    const running = mesh.node('A').run()
    await mesh.clock.advance(10_500, () => running.outcome !== undefined)
    expect(founded(running).founders).toEqual(['A.ofA'])
    expect(idle.progress.join()).not.toMatch(/promis/)
  })

  it('does not wait for the timeout in expect, and is not provisional', async () => {
    mesh = new Mesh()
    const options: FormationOptions = { ...auto, mode: 'expect', expect: 2 }
    const nodes = ['A', 'B'].map(peer => mesh.node(peer, options).run())
    await mesh.clock.advance(2_000, () => nodes.every(n => n.outcome !== undefined))
    expect(founded(nodes[0]).provisional).toBe(false)
    expect(founded(nodes[1]).clusterId).toEqual(founded(nodes[0]).clusterId)
  })

  it('refuses a peer with another expect, loudly on both sides', async () => {
    mesh = new Mesh()
    const two = mesh.node('A', { ...auto, mode: 'expect', expect: 2 }).run()
    const three = mesh.node('B', { ...auto, mode: 'expect', expect: 3 }).run()
    await mesh.clock.advance(30_000)
    expect([two.outcome, three.outcome]).toEqual([undefined, undefined])
    expect(two.progress.filter(line => line.startsWith('conflict')).join('\n')).toMatch(/"expect:3".*"expect:2"/)
    expect(three.progress.filter(line => line.startsWith('conflict')).join('\n')).toMatch(/set bootstrap.mode and expect or founders alike on all nodes/)
    const view = encodeView({ record: { incarnation: 'x', floor: 0 }, policy: 'expect:3', contacts: [], founders: [] })
    await expect(two.formation.handle('B', view)).rejects.toThrow(FormationError)
  })

  it('founds with the named founders only', async () => {
    mesh = new Mesh()
    const options: FormationOptions = { ...auto, mode: 'founders', founders: ['B', 'C'] }
    const nodes = ['A', 'B', 'C'].map(peer => mesh.node(peer, options).run())
    await mesh.clock.advance(5_000, () => nodes.every(n => n.outcome !== undefined))
    expect(founded(nodes[1]).founders).toEqual(['B.ofB', 'C.ofC'])
    expect(nodes[0].outcome?.kind).toBe('join')
  })

  it('forms alone and at once in force, whoever else is there', async () => {
    mesh = new Mesh()
    mesh.node('B').run()
    const forced = mesh.node('A', { ...auto, mode: 'force' }).run()
    await mesh.clock.advance(100, () => forced.outcome !== undefined)
    expect(founded(forced)).toMatchObject({ founders: ['A.ofA'], provisional: false })
  })

  it('never forms in join, and is nobody\'s founder', async () => {
    mesh = new Mesh()
    const joiner = mesh.node('A', { ...auto, mode: 'join' }).run()
    await mesh.clock.advance(60_000)
    expect(joiner.outcome).toBeUndefined()
    const other = mesh.node('B').run()
    await mesh.clock.advance(15_000, () => joiner.outcome !== undefined)
    expect(founded(other).founders).toEqual(['B.ofB'])
    expect(joiner.outcome).toMatchObject({ kind: 'join', via: ['B'] })
  })

  it('keeps the incarnation that it has told, and its promise, over a restart', async () => {
    mesh = new Mesh()
    const options: FormationOptions = { ...auto, mode: 'expect', expect: 2 }
    const first = mesh.node('A', options).run()
    await mesh.clock.advance(100)
    const second = mesh.node('B', options).run()
    await mesh.clock.advance(20_000, () => first.progress.some(line => line.startsWith('promising')))
    await first.formation.close()
    mesh.down.add('A')
    await mesh.clock.advance(60_000) // no timer ends a promise
    expect(second.outcome?.kind).not.toBe('join')
    mesh.down.delete('A')
    const again = mesh.node('A', options, first.disk, 'another').run()
    await mesh.clock.advance(20_000, () => again.outcome !== undefined && second.outcome !== undefined)
    expect(founded(again)).toMatchObject({ incarnation: 'ofA', founders: ['A.ofA', 'B.ofB'] })
    expect(founded(second).clusterId).toEqual(founded(again).clusterId)
  })

  it('stops, and says nothing more, once its record cannot be written', async () => {
    mesh = new Mesh()
    const disk: Disk = { record: undefined, saves: 0 }
    const options: FormationOptions = { ...auto, mode: 'expect', expect: 2 }
    const broken = mesh.node('A', options, disk).run()
    await mesh.clock.advance(100)
    disk.fails = true
    mesh.node('B', options).run()
    await mesh.clock.advance(5_000, () => broken.errors.length > 0)
    expect(broken.errors[0]).toBeInstanceOf(FormationError)
    expect(mesh.nodes.get('B')!.outcome).toBeUndefined()
    await expect(broken.formation.handle('B', encodeView({ record: { incarnation: 'ofB', floor: 0 }, policy: 'auto', contacts: [], founders: [] }))).rejects.toThrow('could not be written')
  })

  it('ends by its signal, leaves no timer behind, and answers no more once closed', async () => {
    mesh = new Mesh()
    const abort = new AbortController()
    const node = mesh.node('A').run(abort.signal)
    await mesh.clock.advance(100)
    abort.abort(new Error('enough'))
    await quiet()
    expect(node.errors).toEqual([new Error('enough')])
    expect(mesh.clock.pending).toBe(0)
    await node.formation.close()
    await expect(node.formation.handle('B', encodeView({ record: { incarnation: 'b', floor: 0 }, policy: 'auto', contacts: [], founders: [] }))).rejects.toMatchObject({ name: 'ClosedError' })
  })

  it('refuses options that contradict each other', () => {
    mesh = new Mesh()
    expect(() => mesh.node('A', { ...auto, mode: 'expect' })).toThrow(InvalidArgumentError)
    expect(() => mesh.node('A', { ...auto, mode: 'founders', founders: ['B', 'A'] })).toThrow(InvalidArgumentError)
    mesh.nodes.clear()
  })
})

describe('formation messages', () => {
  const view: View = { record: { incarnation: 'i1', floor: 3, promise: { attempt: 2, policy: 'auto', founders: ['A.x', 'B.y'] } }, policy: 'auto', contacts: [{ peer: 'B', incarnation: 'y', ageMs: 12 }], frozenMs: 5, founders: ['A.x', 'B.y'], clusterId: new Uint8Array(32) }
  const raw = (): FormationView => FormationView.decode(encodeView(view))

  it('survive the wire', () => {
    mesh = new Mesh()
    expect(decodeView(encodeView(view))).toEqual(view)
    const bare: View = { record: { incarnation: 'i1', floor: 0 }, policy: 'expect:3', contacts: [], founders: [] }
    expect(decodeView(encodeView(bare))).toEqual(bare)
  })

  it.each([
    ['no incarnation', (v: FormationView) => { v.incarnation = '' }],
    ['a policy that is none', (v: FormationView) => { v.policy = 'x'.repeat(2_000) }],
    ['founders out of order', (v: FormationView) => { v.founders = ['B.y', 'A.x'] }],
    ['a peer with two incarnations', (v: FormationView) => { v.founders = ['A.x', 'A.y'] }],
    ['a founder without an incarnation', (v: FormationView) => { v.founders = ['A'] }],
    ['too many founders', (v: FormationView) => { v.founders = Array.from({ length: 257 }, (_, i) => `P${String(i).padStart(3, '0')}.x`) }],
    ['too many founders promised', (v: FormationView) => { v.promise!.founders = Array.from({ length: 65 }, (_, i) => `P${String(i).padStart(3, '0')}.x`) }],
    ['too many contacts', (v: FormationView) => { v.contacts = Array.from({ length: 257 }, (_, i) => ({ peer: `P${i}`, incarnation: 'x', ageMs: 0 })) }],
    ['a contact that is no peer', (v: FormationView) => { v.contacts[0].peer = 'a/b' }],
    ['a promise over its floor', (v: FormationView) => { v.floor = 1 }],
    ['a promise of attempt 0', (v: FormationView) => { v.promise!.attempt = 0 }],
    ['a promise without founders', (v: FormationView) => { v.promise!.founders = [] }],
    ['a floor out of range', (v: FormationView) => { v.floor = 4_000_000_000 }],
    ['a short cluster id', (v: FormationView) => { v.clusterId = new Uint8Array(5) }]
  ])('are refused with %s', (_what, spoil) => {
    mesh = new Mesh()
    const bad = raw()
    spoil(bad)
    expect(() => decodeView(FormationView.encode(bad))).toThrow(MalformedFrameError)
  })

  it('are refused when truncated, garbled, too long, or of another version', () => {
    mesh = new Mesh()
    const good = encodeView(view)
    expect(() => decodeView(good.subarray(0, good.length - 3))).toThrow(MalformedFrameError)
    expect(() => decodeView(new Uint8Array(50).fill(255))).toThrow(MalformedFrameError)
    expect(() => decodeView(new Uint8Array(1 << 18))).toThrow(MalformedFrameError)
    expect(() => decodeView(FormationView.encode({ ...raw(), version: 2 }))).toThrow(ProtocolVersionError)
  })
})
