import { beforeEach, describe, expect, it } from 'vitest'
import { Outbox } from '../../src/engine/outbox.js'
import { SimClock } from './support/sim-clock.js'
import type { Message } from '../../src/raft/types.js'
import type { Network } from '../../src/wire/types.js'

const base = { from: 'a.1', to: 'b.1', term: 2 }
const commit = (index: number, to = 'b.1'): Message => ({ type: 'commit', ...base, to, commit: index })
const append = (index: number): Message => ({ type: 'append', ...base, prevIndex: 5, prevTerm: 2, entries: [], commit: index })
const heartbeat = (index: number): Message => ({ type: 'heartbeat', ...base, commit: index, read: 1 })
const go: Message = { type: 'timeout-now', ...base }

describe('the outbox', () => {
  let clock: SimClock
  let outbox: Outbox
  let sent: string[]

  beforeEach(() => {
    clock = new SimClock()
    sent = []
    const network = {
      send: ({ to, messages }) => { sent.push(`${to}: ${messages.map(m => 'commit' in m ? `${m.type} ${m.commit}` : m.type).join(', ')}`) }
    } satisfies Pick<Network, 'send'> as unknown as Network
    outbox = new Outbox({ network, clock, clusterId: new Uint8Array(32), self: 'a.1', commitDelayMs: 5 })
  })

  const say = (...messages: Message[]): string[] => {
    for (const message of messages) outbox.push(message)
    outbox.flush()
    return sent.splice(0)
  }

  it('makes one frame of what goes to one member in a turn, in order', () => {
    expect(say(append(3), heartbeat(3), { ...go, to: 'c.1' })).toEqual(['b.1: append 3, heartbeat 3', 'c.1: timeout-now'])
    expect(say()).toEqual([])
  })

  it('lets a new commit index wait, the newest of each member, and then sends it alone', () => {
    expect(say(commit(3), commit(4), commit(4, 'c.1'))).toEqual([])
    clock.advanceTo(clock.now() + 4)
    expect(sent).toEqual([])
    clock.advanceTo(clock.now() + 1)
    expect(sent).toEqual(['b.1: commit 4', 'c.1: commit 4'])
    clock.advanceTo(clock.now() + 50)
    expect(sent).toHaveLength(2)
  })

  it.each([append, heartbeat])('leaves it out where the next message says as much', message => {
    expect(say(commit(3), message(4))).toEqual([`b.1: ${message(4).type} 4`])
    clock.advanceTo(clock.now() + 50)
    expect(sent).toEqual([])
  })

  it('sends it ahead of a message that does not', () => {
    expect(say(commit(3), go)).toEqual(['b.1: commit 3, timeout-now'])
    expect(say(commit(5), heartbeat(4))).toEqual(['b.1: commit 5, heartbeat 4'])
  })

  it('sends it at once where the members change: the link of one that was removed closes with the turn', () => {
    outbox.push(commit(3))
    outbox.release()
    expect(say()).toEqual(['b.1: commit 3'])
    clock.advanceTo(clock.now() + 50)
    expect(sent).toEqual([])
  })

  it('says nothing more once it is stopped', () => {
    outbox.push(commit(3))
    outbox.push(go)
    outbox.stop()
    clock.advanceTo(clock.now() + 50)
    expect(say()).toEqual([])
  })
})
