import { fromString as bytes } from 'uint8arrays/from-string'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeKvCommand } from '../../src/machine/index.js'
import { openSession } from '../../src/service/session.js'
import { SimClient } from '../recipes/support/client.js'
import { World } from '../recipes/support/world.js'
import type { Session } from '../../src/recipes/types.js'

let world: World
let client: SessionClient
beforeEach(() => {
  world = new World()
  client = new SessionClient({ clock: world.clock, group: world.group, random: () => world.random.next(), delay: () => 5 })
})
afterEach(() => {
  client.close()
  world.close()
})

class SessionClient extends SimClient {
  async session (): Promise<Session> {
    let id = 0
    return await openSession({
      handle: this, context: this.context, newId: () => String(++id).padStart(16, '0'), pollMs: 5_000, requestMs: 10_000, attemptMs: 3_000, send: async (what, command, options) => await this.propose(what, command, options)
    })
  }
}

describe('a session that the group knows nothing of any more', () => {
  it('refuses what it has not sent, also where an earlier write is in doubt', async () => {
    const session = await world.run(client.session())
    client.fate = what => what === 'set' ? 'unanswered' : 'done'
    const doubtful = session.set('k', '1').catch((error: unknown) => error)
    await world.until(() => client.sent.has('set'))
    await world.run(world.client().leases.revoke(session.id))
    client.fate = () => 'done'
    expect(await world.run(doubtful)).toMatchObject({ name: 'SessionExpiredError', outcome: 'unknown' })
    const sent = client.sent.get('set')
    await expect(session.set('k', '2')).rejects.toMatchObject({ name: 'SessionExpiredError', outcome: 'refused' })
    expect(session.signal.reason).toMatchObject({ outcome: 'refused' })
    expect(client.sent.get('set')).toBe(sent)
  })
})

describe('a session that somebody else was first to write in', () => {
  it('is over, and leaves no lease behind that is kept alive for nobody', async () => {
    const session = await world.run(client.session())
    world.group.apply(encodeKvCommand({ type: 'session', lease: session.id, sequence: 1, acknowledged: 1, secret: bytes('theirs'), command: encodeKvCommand({ type: 'delete', key: bytes('x') }) }))
    await expect(world.run(session.set('k', 'v'))).rejects.toMatchObject({ name: 'SessionExpiredError', outcome: 'refused' })
    expect(session.signal.aborted).toBe(true)
    await world.advance(1_000)
    expect(world.group.kv.leases().size).toBe(0)
    await world.run(session.close())
  })
})
