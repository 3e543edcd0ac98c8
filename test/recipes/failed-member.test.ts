import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { errorFromWire, GroupFailedError, StorePoisonedError, UnknownOutcomeError } from '../../src/errors.js'
import { World } from './support/world.js'
import type { SimClient } from './support/client.js'
import type { RaftMeshError } from '../../src/errors.js'

let world: World
beforeEach(() => { world = new World() })
afterEach(() => { world.close() })

/** Every call is answered at once as by a member whose group has failed for good. */
function fail (client: SimClient, failure: RaftMeshError): void {
  const failed = async (): Promise<never> => { throw failure }
  client.propose = failed
  client.ask = failed
  client.barrier = failed
}

/** What a wait that is under way rejects with once its member has failed, within a minute. */
async function outcome (client: SimClient, wait: Promise<unknown>, failure: RaftMeshError): Promise<unknown> {
  let ended: unknown = 'it still waits'
  wait.then(() => { ended = 'it has what it waited for' }, (error: unknown) => { ended = error })
  await world.advance(1_000)
  fail(client, failure)
  await world.advance(60_000)
  return ended
}

describe.each([new GroupFailedError('stopped on this node'), new StorePoisonedError('writing failed')])('on a member with %o', failure => {
  it('a wait at a named barrier ends', async () => {
    await world.run(world.client().namedBarrier('b').hold())
    const client = world.client()
    expect(await outcome(client, client.namedBarrier('b').wait(), failure)).toBe(failure)
  })

  it('a wait for a lock ends, long before its lease would', async () => {
    await world.run(world.client().lock('x'))
    const client = world.client()
    expect(await outcome(client, client.lock('x', { ttl: 24 * 60 * 60_000 }), failure)).toBe(failure)
  })

  it('observers of an election end', async () => {
    const client = world.client()
    const observer = client.election('e').observe()
    await world.run(observer.next())
    expect(await outcome(client, observer.next(), failure)).toBe(failure)
  })

  it('whoever leaves a double barrier is not kept', async () => {
    const [client, other] = [world.client(), world.client()]
    const [mine, theirs] = [client, other].map(one => one.doubleBarrier('d', 2))
    await world.run(Promise.all([mine?.enter(), theirs?.enter()]))
    expect(await outcome(client, mine?.leave() ?? Promise.resolve(), failure)).toBe(failure)
  })

  it('who follows an event log is told', async () => {
    const client = world.client()
    expect(await outcome(client, client.eventLog('l').follow().next(), failure)).toBe(failure)
  })

  it('who only asked it goes on: others may serve what it does not', () => {
    const told = errorFromWire(failure.name, failure.message)
    expect(told).toBeInstanceOf(UnknownOutcomeError)
    expect(told.message).toContain(failure.message)
  })
})
