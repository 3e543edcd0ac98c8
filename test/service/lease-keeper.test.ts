import { describe, expect, it } from 'vitest'
import { BusyError, NotLeaderError, UnknownOutcomeError } from '../../src/errors.js'
import { settle } from './support/manual-clock.js'
import { Leasing } from './support/leasing.js'

/** After its ttl, a grace of two heartbeats, and the next look. */
const SLACK = 2 * 50 + 50 + 1

function leading (): Leasing {
  const group = new Leasing()
  group.lead(1)
  return group
}

function gate (): { wait: () => Promise<void>, open: (error?: Error) => void } {
  let open: (error?: Error) => void = () => {}
  const promise = new Promise<void>((resolve, reject) => { open = error => { if (error === undefined) resolve(); else reject(error) } })
  return { wait: async () => { await promise }, open: error => { open(error) } }
}

describe('a lease on the leader', () => {
  it('is ended by a command when its ttl is over, and not before', async () => {
    const group = leading()
    const id = group.grant(1_000)
    await group.clock.advance(1_000)
    expect(group.revoked).toEqual([])
    await group.clock.advance(SLACK)
    expect(group.revoked).toEqual([[id]])
    expect(group.leases.size).toBe(0)
    expect(group.clock.pending).toBe(0)
  })

  it('lives on from each keep-alive, from when that arrived', async () => {
    const group = leading()
    const id = group.grant(1_000)
    await group.clock.advance(900)
    const confirmed = gate()
    group.confirm = confirmed.wait
    const kept = group.keeper.keepAlive([id, 77])
    await group.clock.advance(50)
    confirmed.open()
    expect(await kept).toEqual([{ id, ttl: 1_000, remaining: 950 }, { id: 77, ttl: 0, remaining: 0 }])
    await group.clock.advance(950)
    expect(group.revoked).toEqual([])
    await group.clock.advance(SLACK)
    expect(group.revoked).toEqual([[id]])
  })

  it('has its status told, which makes it no longer', async () => {
    const group = leading()
    const id = group.grant(1_000)
    await group.clock.advance(300)
    expect(await group.keeper.timeToLive([id, 77])).toEqual([{ id, ttl: 1_000, remaining: 700 }, { id: 77, ttl: 0, remaining: 0 }])
    await group.clock.advance(700 + SLACK)
    expect(group.revoked).toEqual([[id]])
  })

  it('is kept alive in time by a ttl that is longer than others', async () => {
    const group = leading()
    const [long, short] = [group.grant(10_000), group.grant(200)]
    await group.clock.advance(200 + SLACK)
    expect(group.revoked).toEqual([[short]])
    await group.clock.advance(9_800)
    expect(group.revoked).toEqual([[short], [long]])
  })

  it('is nobody\'s any more once it was revoked', async () => {
    const group = leading()
    const id = group.grant(1_000)
    group.end(id)
    expect(await group.keeper.keepAlive([id])).toEqual([{ id, ttl: 0, remaining: 0 }])
    await group.clock.advance(5_000)
    expect(group.revoked).toEqual([])
  })

  it('ends with a hundred others in one command, and a few commands at a time', async () => {
    const group = leading()
    for (let i = 0; i < 1_000; i++) group.grant(500)
    const held = gate()
    group.beforePropose = held.wait
    await group.clock.advance(500 + SLACK)
    expect(group.revoked.map(ids => ids.length)).toEqual([100, 100, 100, 100])
    held.open()
    await group.clock.advance(500)
    expect(group.revoked.map(ids => ids.length)).toEqual(Array.from({ length: 10 }, () => 100))
    expect(new Set(group.revoked.flat()).size).toBe(1_000)
  })

  it('is left for another command where one ends only some', async () => {
    const group = leading()
    group.perRevoke = 2
    const ids = [group.grant(500), group.grant(500), group.grant(500)]
    await group.clock.advance(500 + SLACK + 100)
    expect(group.revoked).toEqual([ids, [ids[2]]])
    expect(group.leases.size).toBe(0)
  })
})

describe('while the end of a lease is proposed', () => {
  it('a keep-alive waits, and hears that it is gone', async () => {
    const group = leading()
    const id = group.grant(500)
    const committed = gate()
    group.beforePropose = committed.wait
    await group.clock.advance(500 + SLACK)
    let answered = false
    const kept = group.keeper.keepAlive([id])
    void kept.then(() => { answered = true })
    await group.clock.advance(1_000)
    expect(answered).toBe(false)
    committed.open()
    expect(await kept).toEqual([{ id, ttl: 0, remaining: 0 }])
  })

  it('a keep-alive goes through if the group is too busy for that', async () => {
    const group = leading()
    const id = group.grant(500)
    const refused = gate()
    group.beforePropose = refused.wait
    await group.clock.advance(500 + SLACK)
    const kept = group.keeper.keepAlive([id])
    refused.open(new BusyError('too much'))
    expect(await kept).toEqual([{ id, ttl: 500, remaining: 500 }])
    group.beforePropose = async () => {}
    await group.clock.advance(500)
    expect(group.revoked).toEqual([[id]])
    await group.clock.advance(SLACK)
    expect(group.revoked).toEqual([[id], [id]])
  })

  it('it is tried again while the group is busy', async () => {
    const group = leading()
    const id = group.grant(500)
    let busy = 3
    group.beforePropose = async () => { if (busy-- > 0) throw new BusyError('too much') }
    await group.clock.advance(2_000)
    expect(group.revoked).toEqual([[id], [id], [id], [id]])
    expect(group.leases.size).toBe(0)
  })

  it('nobody is told that it lives until it is known that the command is not to come', async () => {
    const group = leading()
    const id = group.grant(500)
    let tries = 0
    group.beforePropose = async () => { if (++tries === 1) throw new UnknownOutcomeError('lost') }
    await group.clock.advance(500 + SLACK)
    const kept = group.keeper.keepAlive([id])
    await group.clock.advance(1_000)
    expect(await kept).toEqual([{ id, ttl: 0, remaining: 0 }])
    expect(tries).toBe(2)
  })

  it('a leader that is deposed says nothing for certain', async () => {
    const group = leading()
    const id = group.grant(500)
    const outcome = gate()
    group.beforePropose = outcome.wait
    await group.clock.advance(500 + SLACK)
    const kept = group.keeper.keepAlive([id])
    await settle()
    group.lead(undefined)
    outcome.open(new UnknownOutcomeError('leadership was lost'))
    await expect(kept).rejects.toBeInstanceOf(NotLeaderError)
    await group.clock.advance(10_000)
    expect(group.revoked).toEqual([[id]])
    expect(group.clock.pending).toBe(0)
  })
})

describe('leadership', () => {
  it('is needed', async () => {
    const group = new Leasing()
    const id = group.grant(500)
    await expect(group.keeper.keepAlive([id])).rejects.toBeInstanceOf(NotLeaderError)
    await group.clock.advance(10_000)
    expect(group.revoked).toEqual([])
  })

  it('begins with all leases anew', async () => {
    const group = new Leasing()
    const id = group.grant(1_000)
    await group.clock.advance(900)
    group.lead(3)
    await group.clock.advance(1_000)
    expect(group.revoked).toEqual([])
    await group.clock.advance(SLACK)
    expect(group.revoked).toEqual([[id]])
  })

  it('a keep-alive that it was lost during is not confirmed, though the new leader has confirmed the read', async () => {
    const group = leading()
    const id = group.grant(1_000)
    const confirmed = gate()
    group.confirm = confirmed.wait
    const kept = group.keeper.keepAlive([id])
    // The core has stepped down; the event that tells is on its way.
    group.term = undefined
    confirmed.open()
    await expect(kept).rejects.toBeInstanceOf(NotLeaderError)
  })

  it('nor one that was lost and won again meanwhile', async () => {
    const group = leading()
    const id = group.grant(1_000)
    const confirmed = gate()
    group.confirm = confirmed.wait
    const kept = group.keeper.keepAlive([id])
    group.lead(undefined)
    group.lead(3)
    confirmed.open()
    await expect(kept).rejects.toBeInstanceOf(NotLeaderError)
  })

  it('ends with the keeper', async () => {
    const group = leading()
    group.grant(1_000)
    group.keeper.close()
    expect(group.clock.pending).toBe(0)
    expect(group.observers.size).toBe(0)
    await expect(group.keeper.keepAlive([1])).rejects.toBeInstanceOf(NotLeaderError)
  })

  it('a state that was replaced is read again', async () => {
    const group = leading()
    const gone = group.grant(1_000)
    group.leases.clear()
    group.leases.set(50, 1_000)
    for (const { replaced } of group.observers) replaced?.()
    expect((await group.keeper.keepAlive([gone, 50])).map(({ ttl }) => ttl)).toEqual([0, 1_000])
  })
})

describe('a process that stood still', () => {
  it('gives the leases what it missed', async () => {
    const group = leading()
    const id = group.grant(1_000)
    await group.clock.advance(999)
    group.clock.stall(5_000)
    // The timer is first, and what came meanwhile is heard only then.
    await group.clock.advance(1)
    expect(group.revoked).toEqual([])
    expect(await group.keeper.keepAlive([id])).toEqual([{ id, ttl: 1_000, remaining: 1_000 }])
    await group.clock.advance(1_000)
    expect(group.revoked).toEqual([])
    await group.clock.advance(SLACK)
    expect(group.revoked).toEqual([[id]])
  })

  it('until just before a lease is due hears what waits for it first', async () => {
    const group = leading()
    const id = group.grant(1_000)
    // The timer is on time, and yet nothing was heard for long.
    await group.clock.advance(1_000)
    const kept = group.keeper.keepAlive([id])
    expect((await kept)[0].ttl).toBe(1_000)
    await group.clock.advance(SLACK)
    expect(group.revoked).toEqual([])
  })
})

it('looks rarely where holders keep their leases alive', async () => {
  const group = leading()
  const ids = Array.from({ length: 200 }, () => group.grant(3_000))
  let looks = 0
  const { setTimer } = group.clock
  group.clock.setTimer = (ms, fire) => setTimer.call(group.clock, ms, () => { looks++; fire() })
  for (let second = 0; second < 30; second++) {
    await group.keeper.keepAlive(ids)
    await group.clock.advance(1_000)
  }
  expect(group.revoked).toEqual([])
  expect(looks).toBeLessThan(20)
})
