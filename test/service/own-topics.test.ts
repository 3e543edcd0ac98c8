import { describe, expect, it } from 'vitest'
import { InvalidArgumentError, NotAuthorizedError } from '../../src/errors.js'
import { decodeKvCommand } from '../../src/machine/index.js'
import { ownPrefix } from '../../src/recipes/names.js'
import { Access } from '../../src/service/access.js'
import { KvHandle } from '../../src/service/handle.js'
import { checkAnyTopic, checkTopic } from '../../src/service/kv-limits.js'
import { needsOf, needsOfQuery } from '../../src/service/kv-rights.js'
import { emptyPolicy, encodePolicy, setRole } from '../../src/service/policy.js'
import { ManualClock } from './support/manual-clock.js'
import type { HandleContext, Proposed } from '../../src/service/handle.js'
import type { Need } from '../../src/service/kv-rights.js'
import type { Answer, Query, QueryType } from '../../src/service/queries.js'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Notes what each request takes, and answers none but those of topics. */
class Noting extends KvHandle {
  readonly namespace = '/raft/t'
  readonly needs: Need[] = []
  readonly topics: string[] = []
  protected override readonly pollMs = 1_000
  protected override readonly context: HandleContext = { clock: new ManualClock(), random: () => 0.5, log: () => {}, signal: new AbortController().signal }

  override async propose (_what: string, command: Uint8Array): Promise<Proposed> {
    this.needs.push(...needsOf(decodeKvCommand(command)))
    throw new Error('nobody is here')
  }

  override async ask<K extends QueryType> (query: Query<K>): Promise<Answer<K>> {
    this.needs.push(...needsOfQuery(query as Query))
    if ('topic' in query) this.topics.push(checkAnyTopic(query.topic))
    if (query.type === 'publish') return 1 as Answer<K>
    if (query.type === 'listen') return { sayings: [], position: { epoch: 1, position: 0 }, missed: false } as unknown as Answer<K>
    throw new Error('nobody is here')
  }

  override async barrier (): Promise<number> { return 0 }
}

describe('what an event log tells', () => {
  it('takes the right to what it keeps, and no other', async () => {
    const handle = new Noting()
    const log = handle.eventLog('x')
    await log.emit('e')
    await expect(log.append('e')).rejects.toThrow('nobody is here')
    await expect(log.listen()).rejects.toThrow('nobody is here')
    expect(handle.needs.map(need => 'role' in need ? need.role : '')).toEqual(expect.arrayContaining(['read', 'write']))
    const access = new Access({ namespace: '/raft/t', self: 'self', options: { admission: 'open' }, clock: new ManualClock(), log: () => {} })
    const none = setRole(emptyPolicy, '*', new Uint8Array(0), 'none')
    const rule = (prefix: string): void => { access.update({ voters: [], outgoing: [], learners: [], learnersNext: [], policy: encodePolicy(setRole(none, 'guest', utf8(prefix), 'write')) }) }
    rule('\0log/x')
    access.check('guest', handle.needs)
    for (const other of ['log/x', '\0log/y', '\0queue/x']) {
      rule(other)
      for (const need of handle.needs) expect(() => { access.check('guest', [need]) }, other).toThrow(NotAuthorizedError)
    }
  })

  it('is not told on a topic that a program can name', async () => {
    const handle = new Noting()
    await handle.eventLog('x').emit('e')
    await handle.publish('log/x', 'e')
    const [own, programs] = handle.topics
    expect(utf8(own)).toEqual(ownPrefix('log', 'x'))
    expect(programs).toBe('log/x')
    await expect(handle.publish(own, 'e')).rejects.toThrow(InvalidArgumentError)
    await expect(handle.subscribe(own)).rejects.toThrow(InvalidArgumentError)
  })

  it('is told whatever the log is called', async () => {
    const handle = new Noting()
    for (const name of ['x', 'a/b', 'ü', '\ufeff', 'n'.repeat(255)]) await handle.eventLog(name).emit('e')
    expect(new Set(handle.topics).size).toBe(5)
  })
})

describe('a topic', () => {
  it('is a name, or what a recipe makes of one', () => {
    for (const topic of ['t', 'log/x', '\0log/x\0', `\0log/${'n'.repeat(255)}\0`]) expect(checkAnyTopic(topic)).toBe(topic)
    for (const topic of ['', '\0', '\0\0', '\0log/\0', '\0log/x', 'log/x\0', '\0log/x\0y', '\0log/a\0b\0', '\0LOG/x\0', `\0${'k'.repeat(17)}/x\0`, `\0log/${'n'.repeat(256)}\0`, 'n'.repeat(256)]) {
      expect(() => checkAnyTopic(topic), JSON.stringify(topic)).toThrow(InvalidArgumentError)
      expect(() => checkTopic(topic), JSON.stringify(topic)).toThrow(InvalidArgumentError)
    }
    expect(() => checkTopic('\0log/x\0')).toThrow(InvalidArgumentError)
  })
})
