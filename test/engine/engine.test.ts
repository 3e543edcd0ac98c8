import { describe, expect, it } from 'vitest'
import { openGroupStorage } from '../../src/storage/index.js'
import { Journal } from './support/machine.js'
import { clusterId, command, timings, World } from './support/world.js'
import type { Member } from './support/world.js'
import type { Message } from '../../src/raft/types.js'

const three = ['a', 'b', 'c']
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const everyone = (world: World, namespace = '/raft/a'): Member[] => [...world.nodes.values()].map(node => node.member(namespace))

describe('a group of three', () => {
  it('elects one leader, takes writes and answers them with index and result', async () => {
    const world = await World.group(three)
    const leader = await world.leader()
    const answers = await world.settle(leader.handle.propose([command('x'), command('y')]))
    expect(answers.map(({ index, result }) => `${index} ${text(result)}`)).toEqual(['3 x@3', '4 y@4'])
    await world.until(() => everyone(world).every(({ journal }) => journal.commands.length === 2))
    for (const { journal } of everyone(world)) expect(journal.commands).toEqual(['x', 'y'])
    expect(new Set(everyone(world).map(({ handle }) => handle.status().leader))).toEqual(new Set([leader.handle.self]))
  })

  it('names the leader to who proposes elsewhere', async () => {
    const world = await World.group(three)
    const leader = await world.leader()
    const [follower] = world.followers()
    await expect(follower.handle.propose([command('x')])).rejects.toMatchObject({ name: 'NotLeaderError', leader: leader.node.peer, outcome: 'refused' })
  })

  it('appends what was proposed in one turn as one entry batch, sent and written once', async () => {
    const world = await World.group(three)
    const leader = await world.leader()
    const frames = world.wire.frames.length
    const batches = leader.node.disk.batches.length
    await world.settle(Promise.all(Array.from({ length: 64 }, async (_, i) => await leader.handle.propose([command(`c${i}`)]))))
    const appends = world.wire.frames.slice(frames).flatMap(({ messages }) => messages).filter(m => m.type === 'append' && m.entries.length > 0)
    expect(appends.map(m => m.type === 'append' && m.entries.length)).toEqual([64, 64])
    expect(leader.node.disk.batches.slice(batches).filter(({ sync }) => sync)).toHaveLength(1)
  })

  it('reads on a follower what was written before the read began', async () => {
    const world = await World.group(three)
    const index = await world.propose('x')
    const [follower] = world.followers()
    const read = await world.settle(follower.handle.readIndex())
    expect(read).toBeGreaterThanOrEqual(index)
    expect(follower.journal.commands).toEqual(['x'])
  })

  it('answers a read only once this node has applied that far', async () => {
    const world = await World.group(three)
    const [follower] = world.followers()
    let go = (): void => {}
    follower.journal.gate = async () => { await new Promise<void>(resolve => { go = resolve }) }
    const index = await world.propose('x')
    let answered: number | undefined
    const read = follower.handle.readIndex().then(at => { answered = at })
    await world.pass(200)
    expect(answered).toBeUndefined()
    go()
    await world.settle(read)
    expect(answered).toBe(index)
  })

  it('serves all reads of a turn by one round', async () => {
    const world = await World.group(three)
    const [follower] = world.followers()
    const before = world.said(follower.node.peer).filter(m => m.type === 'read-index').length
    await world.settle(Promise.all(Array.from({ length: 50 }, async () => await follower.handle.readIndex())))
    expect(world.said(follower.node.peer).filter(m => m.type === 'read-index').length - before).toBe(1)
  })

  it('fails a read that finds no leader, as nothing written, after its patience', async () => {
    const world = await World.group(three)
    const leader = await world.leader()
    world.wire.isolate(leader.node.peer)
    const started = world.clock.now()
    await expect(world.settle(leader.handle.readIndex())).rejects.toMatchObject({ name: 'UnavailableError', outcome: 'refused' })
    expect(world.clock.now() - started).toBeLessThan(6 * timings.electionMs)
  })

  it('gives a read up when its signal is aborted', async () => {
    const world = await World.group(three)
    const leader = await world.leader()
    world.wire.isolate(leader.node.peer)
    const abort = new AbortController()
    const read = leader.handle.readIndex({ signal: abort.signal })
    abort.abort(new Error('enough'))
    await expect(read).rejects.toThrow('enough')
  })

  it('says that it leads only once an entry of its term is applied', async () => {
    const world = new World(3)
    for (const peer of three) world.add(peer)
    for (const peer of three) await world.node(peer).open('/raft/a', three)
    const said: Array<{ applied: number, lastTerm: number }> = []
    for (const { handle } of everyone(world)) {
      handle.addEventListener('leader', ({ detail: { role, term } }) => { if (role === 'leader') said.push({ applied: handle.stats().appliedIndex, lastTerm: term }) })
    }
    const leader = await world.leader()
    expect(said).toEqual([{ applied: 2, lastTerm: leader.handle.status().term }])
  })

  it('hands leadership over, and resolves once another leads', async () => {
    const world = await World.group(three)
    const leader = await world.leader()
    const target = world.followers()[1]
    await world.settle(leader.handle.transfer(target.handle.self))
    expect(leader.handle.status().role).toBe('follower')
    expect((await world.leader()).handle.self).toBe(target.handle.self)
  })

  it('rejects a transfer whose target is out of reach, and leads on', async () => {
    const world = await World.group(three)
    const leader = await world.leader()
    const [target] = world.followers()
    world.wire.isolate(target.node.peer, { quietly: true })
    await expect(world.settle(leader.handle.transfer(target.handle.self))).rejects.toMatchObject({ name: 'UnavailableError' })
    expect(leader.handle.status().role).toBe('leader')
    await world.propose('after')
  })

  it('changes members: a joiner with an empty log is caught up, then votes; joint changes resolve when they are over', async () => {
    const world = await World.group(three)
    await world.propose('x')
    const leader = await world.leader()
    const joiner = await world.add('d').open('/raft/a', [])
    await world.settle(leader.handle.changeMembers([{ op: 'add-learner', member: joiner.handle.self }]))
    await world.until(() => joiner.journal.commands.length === 1)
    const [gone] = world.followers().filter(({ node }) => node.peer !== 'd')
    await world.settle(leader.handle.changeMembers([{ op: 'add-voter', member: joiner.handle.self }, { op: 'remove', member: gone.handle.self }]))
    const { configuration } = leader.handle.status()
    expect(configuration.voters).toContain(joiner.handle.self)
    expect(configuration.voters).not.toContain(gone.handle.self)
    expect(configuration.outgoing).toEqual([])
    // Settled for real: the next change is not refused as one too many.
    await world.settle(leader.handle.changeMembers([{ op: 'remove', member: joiner.handle.self }]))
    await expect(world.settle(leader.handle.changeMembers([{ op: 'remove', member: joiner.handle.self }], { expectedIndex: 1 }))).rejects.toMatchObject({ name: 'MembershipError' })
  })

  it('holds links to all members of all its groups, and drops those that nobody needs', async () => {
    const world = await World.group(three)
    const leader = await world.leader()
    expect([...leader.node.network.peers].sort()).toEqual(three.filter(peer => peer !== leader.node.peer))
    const [gone] = world.followers()
    await world.settle(leader.handle.changeMembers([{ op: 'remove', member: gone.handle.self }]))
    await world.until(() => !leader.node.network.peers.has(gone.node.peer))
  })
})

describe('strangers', () => {
  const say = (from: string, to: Member, message: Partial<Message> & { type: Message['type'] }): void => {
    const addressed = { from, to: to.handle.self, ...message } as Message
    to.node.network.handler?.onFrame({ clusterId: clusterId('/raft/a'), from, to: to.handle.self, messages: [addressed] })
  }
  const terms = (world: World): number[] => [...world.nodes.values()].map(node => node.member().handle.status().term)

  it('cannot move the term with votes and heartbeats, whomever they tell: they are dropped, counted, and asked about once a turn', async () => {
    const world = await World.group(three)
    const before = terms(world)
    const [follower] = world.followers()
    const met: string[] = []
    follower.handle.addEventListener('stranger', ({ detail }) => { met.push(detail) })
    for (let term = 10; term < 60; term++) {
      for (const node of world.nodes.values()) {
        say('x.1', node.member(), { type: 'vote', term, lastIndex: 99, lastTerm: term - 1, transfer: true })
        say('y.1', node.member(), { type: 'heartbeat', term, commit: 0, read: 0 })
      }
    }
    await world.pass(100)
    expect(terms(world)).toEqual(before)
    expect(follower.handle.stats().strangers).toBe(100)
    expect(met).toEqual(['x.1', 'y.1'])
    expect(await world.propose('after')).toBeGreaterThan(0)
  })

  it('are heard once they are vouched for, until the configuration held here is as new', async () => {
    const world = await World.group(three)
    const [follower] = world.followers()
    expect(follower.handle.accepts('x.1')).toBe(false)
    follower.handle.vouch(['x.1'], 1_000)
    expect([follower.handle.accepts('x.1'), follower.handle.trustedPeers().has('x')]).toEqual([true, true])
    await world.until(() => follower.node.network.peers.has('x'))
    const { term } = follower.handle.status()
    say('x.1', follower, { type: 'heartbeat', term: term + 5, commit: 0, read: 0 })
    await world.until(() => follower.handle.status().term === term + 5)
  })

  it('may not offer a snapshot', async () => {
    const world = await World.group(three)
    const [follower] = world.followers()
    const { configuration } = follower.handle.status()
    const offer = {
      clusterId: clusterId('/raft/a'), from: 'x.1', to: follower.handle.self, term: 99,
      manifest: { id: '0'.repeat(16), chunks: 1, storedBytes: 1, bytes: 1, digest: new Uint8Array(32), meta: { index: 999, term: 99, time: 1, configuration, configurationIndex: 1 } }
    }
    expect(await follower.node.network.handler?.onSnapshotOffer(offer)).toBeUndefined()
    await follower.node.network.handler?.onSnapshotReceived(offer)
    expect(follower.handle.stats().strangers).toBe(2)
    expect(follower.handle.status().commit).toBeLessThan(999)
  })

  it('that lead are followed by a member which was away while they joined', async () => {
    const world = await World.group(three)
    const leader = await world.leader()
    const [away, other] = world.followers()
    world.wire.isolate(away.node.peer, { quietly: true })
    const joiner = await world.add('d').open('/raft/a', [])
    world.wire.cut('d', away.node.peer, { quietly: true })
    await world.settle(leader.handle.changeMembers([{ op: 'add-learner', member: joiner.handle.self }]))
    await world.until(() => joiner.handle.status().configuration.learners.includes(joiner.handle.self))
    await world.settle(leader.handle.changeMembers([{ op: 'add-voter', member: joiner.handle.self }]))
    await world.settle(leader.handle.transfer(joiner.handle.self))
    world.wire.rejoin(away.node.peer)
    // It does not know its new leader until another member has vouched for it.
    await world.until(() => away.handle.status().leader === joiner.handle.self, 'the new leader is followed')
    expect(away.handle.stats().strangers).toBeGreaterThan(0)
    expect(other.handle.status().leader).toBe(joiner.handle.self)
  })
})

describe('frames that are not for a member here', () => {
  const vote = (from: string, to: string): Message => ({ type: 'vote', from, to, term: 99, lastIndex: 99, lastTerm: 98, transfer: true })

  it('are dropped and counted: another cluster, another incarnation, oneself, a forged sender or install', async () => {
    const world = await World.group(three)
    const { handle, node: { engine, network } } = await world.leader()
    const other = world.followers()[0].handle.self
    const { handler } = network
    const self = handle.self
    const { term } = handle.status()
    const refused = engine.stats().framesRefused
    handler?.onFrame({ clusterId: new Uint8Array(32), from: other, to: self, messages: [vote(other, self)] })
    handler?.onFrame({ clusterId: clusterId('/raft/a'), from: other, to: `${self}0`, messages: [vote(other, `${self}0`)] })
    handler?.onFrame({ clusterId: clusterId('/raft/a'), from: self, to: self, messages: [vote(self, self)] })
    expect(engine.stats().framesRefused).toBe(refused + 3)
    handler?.onFrame({ clusterId: clusterId('/raft/a'), from: other, to: self, messages: [vote('x.0', self)] })
    const meta = { index: 99, term: 98, time: 0, configuration: { voters: [], outgoing: [], learners: [], learnersNext: [] }, configurationIndex: 1 }
    handler?.onFrame({ clusterId: clusterId('/raft/a'), from: other, to: self, messages: [{ type: 'install-snapshot', from: other, to: self, term: 99, meta }] })
    await world.pass(20)
    expect(handle.status().term).toBe(term)
    expect(handle.failure).toBeUndefined()
  })
})

describe('what waits for the disk', () => {
  it('waits: a follower acknowledges nothing that is not durable, and the leader commits nothing by it', async () => {
    const world = await World.group(three)
    const leader = await world.leader()
    const followers = world.followers()
    for (const { node } of followers) node.disk.hold()
    const since = world.wire.frames.length
    let answered = false
    const write = leader.handle.propose([command('x')]).then(() => { answered = true })
    await world.pass(200)
    const acks = followers.flatMap(({ node }) => world.said(node.peer, since)).filter(m => m.type === 'append-reply' && m.index >= 3)
    expect(acks).toEqual([])
    expect(answered).toBe(false)
    expect(leader.handle.status().commit).toBe(2)
    followers[0].node.disk.release()
    await world.settle(write)
    expect(answered).toBe(true)
  })

  it('waits: no vote is given and none asked for before the term is durable', async () => {
    const world = await World.group(three)
    const leader = await world.leader()
    const [one, two] = world.followers()
    one.node.disk.hold()
    two.node.disk.hold()
    const since = world.wire.frames.length
    world.crash(leader.node.peer)
    await world.pass(3 * timings.electionMs)
    const said = [...world.said(one.node.peer, since), ...world.said(two.node.peer, since)]
    expect(said.filter(m => m.type === 'pre-vote').length).toBeGreaterThan(0)
    expect(said.filter(m => m.type === 'vote' || m.type === 'vote-reply')).toEqual([])
    one.node.disk.release()
    two.node.disk.release()
    await world.leader()
  })

  it('does not wait with the sending: the leader appends to its own disk meanwhile, and followers may commit without it', async () => {
    const world = await World.group(three)
    const leader = await world.leader()
    leader.node.disk.hold()
    const write = leader.handle.propose([command('x')])
    await world.until(() => leader.handle.status().commit === 3)
    // Committed by the two others; not applied here while a crash could still take it back from this log.
    expect(leader.journal.commands).toEqual([])
    leader.node.disk.release()
    expect((await world.settle(write))[0].index).toBe(3)
  })

  it('gathers while a sync is in flight: the next batch holds all of it, for all groups', async () => {
    const world = new World()
    const node = world.add('a')
    const members: Member[] = []
    for (let i = 0; i < 50; i++) members.push(await node.open(`/raft/g${i}`, ['a']))
    for (let i = 0; i < 50; i++) await world.leader(`/raft/g${i}`)
    await world.pass(200)
    const before = node.disk.batches.length
    node.disk.hold()
    const first = members[0].handle.propose([command('first')])
    await world.pass(5)
    const rest = members.flatMap(({ handle }) => [handle.propose([command('x')]), handle.propose([command('y')])])
    await world.pass(5)
    node.disk.release()
    await world.settle(Promise.all([first, ...rest]))
    expect(node.disk.batches.slice(before).filter(({ sync }) => sync)).toHaveLength(2)
  })

  it('a leader whose disk stands still for an election timeout makes way for one that can write', async () => {
    const world = await World.group(three)
    const leader = await world.leader()
    leader.node.disk.hold()
    const write = leader.handle.propose([command('x')])
    const next = await world.until(() => world.followers().length === 3 ? undefined : everyone(world).find(m => m !== leader && m.handle.status().role === 'leader'))
    expect(leader.handle.status().role).toBe('follower')
    expect((await world.settle(next.handle.propose([command('y')]))).length).toBe(1)
    leader.node.disk.release()
    // It was committed by the others all along: losing the leadership is no reason to deny it.
    expect((await world.settle(write))[0].index).toBe(3)
  })
})

describe('a store that fails', () => {
  it('stops all groups of the node: nothing leaves any more, whoever waits is answered, the owner is told', async () => {
    const world = await World.group(three)
    for (const peer of three) await world.node(peer).open('/raft/b', three)
    const leader = await world.leader()
    await world.leader('/raft/b')
    const { node } = leader
    let failed = 0
    for (const { handle } of node.members.values()) handle.addEventListener('failed', () => { failed++ })
    node.disk.hold()
    const write = leader.handle.propose([command('x')])
    write.catch(() => {})
    await world.pass(2)
    const late = leader.handle.propose([command('y')])
    const read = leader.handle.readIndex()
    late.catch(() => {})
    read.catch(() => {})
    const since = world.wire.frames.length
    node.disk.failNextWrite(new Error('EIO'))
    node.disk.release()
    await expect(world.settle(write)).rejects.toMatchObject({ name: 'StorePoisonedError', outcome: 'unknown' })
    await expect(world.settle(Promise.all([late, read]))).rejects.toThrow()
    await expect(read).rejects.toMatchObject({ name: 'StorePoisonedError' })
    expect(failed).toBe(2)
    expect(node.failure?.name).toBe('StorePoisonedError')
    const atFailure = world.wire.frames.length
    expect(world.said(node.peer, since).filter(m => m.type === 'append-reply' || m.type === 'vote-reply')).toEqual([])
    await world.pass(5 * timings.electionMs)
    expect(world.said(node.peer, atFailure)).toEqual([])
    for (const { handle } of node.members.values()) {
      expect(handle.status().role).not.toBe('leader')
      await expect(handle.propose([command('z')])).rejects.toMatchObject({ name: 'ClosedError', outcome: 'refused' })
      await expect(handle.readIndex()).rejects.toThrow('EIO')
    }
    // The others go on without it.
    const next = await world.until(() => everyone(world).find(m => m !== leader && m.handle.status().termCommitted))
    await world.settle(next.handle.propose([command('w')]))
    await world.settle(leader.handle.close())
  })

  it('a follower whose write fails acknowledges nothing', async () => {
    const world = await World.group(three)
    const leader = await world.leader()
    const [follower] = world.followers()
    follower.node.disk.failNextWrite(new Error('ENOSPC'))
    const since = world.wire.frames.length
    await world.settle(leader.handle.propose([command('x')]))
    await world.pass(50)
    expect(world.said(follower.node.peer, since).filter(m => m.type === 'append-reply' && m.index >= 3)).toEqual([])
    expect(follower.handle.failure?.name).toBe('StorePoisonedError')
  })
})

describe('a group that breaks', () => {
  it('stops alone, loudly, before it answers', async () => {
    const world = await World.group(three)
    for (const peer of three) await world.node(peer).open('/raft/b', three)
    const leader = await world.leader()
    await world.leader('/raft/b')
    leader.journal.poison = 'bad'
    const failures: Error[] = []
    leader.handle.addEventListener('failed', ({ detail }) => { failures.push(detail) })
    await expect(world.settle(leader.handle.propose([command('bad')]))).rejects.toMatchObject({ name: 'GroupFailedError', outcome: 'unknown' })
    expect(failures).toHaveLength(1)
    expect(failures[0].message).toContain('cannot apply bad')
    expect(leader.handle.failure).toBe(failures[0])
    expect(leader.node.failure).toBeUndefined()
    const other = await world.leader('/raft/b')
    await world.settle(other.handle.propose([command('fine')]))
    await world.until(() => leader.node.member('/raft/b').journal.commands.length === 1)
  })

  it('says nothing more, not even what a write that was under way would have allowed', async () => {
    const world = await World.group(three)
    const [follower] = world.followers()
    follower.journal.poison = 'bad'
    world.wire.loses = ({ from, messages }) => from !== follower.handle.self && messages.some(m => m.type === 'heartbeat')
    await world.propose('bad')
    follower.node.disk.hold()
    await world.propose('next')
    await world.until(() => follower.handle.failure)
    const since = world.wire.frames.length
    follower.node.disk.release()
    await world.pass(2 * timings.electionMs)
    expect(world.said(follower.node.peer, since)).toEqual([])
  })

  it('stops when an asynchronous apply rejects', async () => {
    const world = await World.group(three)
    const leader = await world.leader()
    leader.journal.gate = async () => { throw new Error('disk of its own') }
    await expect(world.settle(leader.handle.propose([command('x')]))).rejects.toMatchObject({ name: 'GroupFailedError' })
  })
})

describe('answers', () => {
  it('a write whose signal is aborted is refused before it is appended, unknown afterwards', async () => {
    const world = await World.group(three)
    const leader = await world.leader()
    const early = new AbortController()
    const refused = leader.handle.propose([command('x')], { signal: early.signal })
    early.abort(new Error('changed my mind'))
    await expect(refused).rejects.toThrow('changed my mind')
    world.wire.isolate(leader.node.peer, { quietly: true })
    const late = new AbortController()
    const unknown = leader.handle.propose([command('y')], { signal: late.signal })
    unknown.catch(() => {})
    await world.pass(20)
    late.abort()
    await expect(unknown).rejects.toMatchObject({ name: 'UnknownOutcomeError', outcome: 'unknown' })
    expect(leader.journal.commands).toEqual([])
  })

  it('a write of a leader that is cut off is refused once another entry took its place, not before', async () => {
    const world = await World.group(three)
    const leader = await world.leader()
    world.wire.isolate(leader.node.peer, { quietly: true })
    let outcome: unknown
    leader.handle.propose([command('lost')]).catch((error: unknown) => { outcome = error })
    const next = await world.until(() => everyone(world).find(m => m !== leader && m.handle.status().termCommitted))
    await world.settle(next.handle.propose([command('kept')]))
    await world.pass(1_000)
    expect(leader.handle.status().role).not.toBe('leader')
    expect(outcome).toBeUndefined()
    world.wire.rejoin(leader.node.peer)
    await world.until(() => outcome)
    expect(outcome).toMatchObject({ name: 'NotLeaderError', outcome: 'refused' })
    await world.until(() => everyone(world).every(({ journal }) => journal.commands.length === 1))
    for (const { journal } of everyone(world)) expect(journal.commands).toEqual(['kept'])
  })

  it('a write that the next leader carries through is answered as done', async () => {
    const world = await World.group(three)
    const leader = await world.leader()
    // The appends arrive, their answers don't.
    world.wire.loses = ({ to, messages }) => to === leader.handle.self && messages.some(m => m.type === 'append-reply')
    const write = leader.handle.propose([command('x')])
    await world.pass(20)
    world.wire.isolate(leader.node.peer, { quietly: true })
    world.wire.loses = () => false
    await world.until(() => everyone(world).find(m => m !== leader && m.handle.status().termCommitted))
    world.wire.rejoin(leader.node.peer)
    expect((await world.settle(write))[0].index).toBe(3)
  })

  it('closing answers everyone: appended writes are unknown, the rest refused', async () => {
    const world = await World.group(three)
    const leader = await world.leader()
    world.wire.isolate(leader.node.peer, { quietly: true })
    const write = leader.handle.propose([command('x')])
    const outcomes: unknown[] = []
    for (const promise of [write, leader.handle.changeMembers([{ op: 'remove', member: world.followers()[0].handle.self }])]) promise.catch((error: unknown) => { outcomes.push(error) })
    await world.pass(10)
    leader.handle.readIndex().catch((error: unknown) => { outcomes.push(error) })
    await world.settle(leader.handle.close())
    await world.until(() => outcomes.length === 3)
    expect(outcomes.map(error => (error as Error).name).sort()).toEqual(['ClosedError', 'UnknownOutcomeError', 'UnknownOutcomeError'])
    await expect(leader.handle.propose([command('y')])).rejects.toMatchObject({ name: 'ClosedError', outcome: 'refused' })
    expect(leader.node.engine.groups()).toEqual([])
    await world.settle(leader.handle.close())
  })

  it('closing with handOver leaves a new leader behind at once', async () => {
    const world = await World.group(three)
    const leader = await world.leader()
    await world.settle(leader.handle.close({ handOver: true }))
    expect(world.followers().length + 1).toBe(3)
    expect(everyone(world).filter(m => m !== leader).some(({ handle }) => handle.status().role === 'leader')).toBe(true)
  })

  it('refuses what is over the bound on uncommitted bytes as busy, and takes the rest', async () => {
    const world = await World.group(three, { limits: { maxUncommittedBytes: 1_100 } })
    const leader = await world.leader()
    const results = await world.settle(Promise.allSettled([300, 300, 300, 300, 20].map(async size => await leader.handle.propose([new Uint8Array(size)]))))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
    expect(results[3]).toMatchObject({ reason: { name: 'BusyError', outcome: 'refused' } })
  })
})

describe('restart', () => {
  it('finds how far was committed, even if nothing was written after that', async () => {
    const world = await World.group(['a'])
    const index = await world.propose('x')
    await world.pass(200)
    const storage = await openGroupStorage(world.crash('a', Infinity), '/raft/a')
    expect((await storage.initial(0)).hardState.commit).toBe(index)
  })

  it('keeps everything acknowledged, whatever of the unsynced was lost', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const world = await World.group(three, { seed })
      for (let i = 0; i < 5; i++) await world.propose(`c${i}`)
      const stores = three.map(peer => world.crash(peer, seed % 3))
      three.forEach((peer, i) => { world.add(peer, stores[i]) })
      for (const peer of three) await world.node(peer).open('/raft/a', three, { journal: new Journal() })
      const leader = await world.leader()
      expect(leader.journal.commands).toEqual(['c0', 'c1', 'c2', 'c3', 'c4'])
    }
  })

  it('replaces a leader whose node died well before the election timeout', async () => {
    const world = await World.group(three)
    const leader = await world.leader()
    const died = world.clock.now()
    world.crash(leader.node.peer)
    await world.leader()
    expect(world.clock.now() - died).toBeLessThan(timings.electionMs / 2)
  })
})
