import { describe, expect, it } from 'vitest'
import { after, isWithin } from '../../src/service/spans.js'
import { Waiters } from '../../src/service/waiters.js'
import { bytes, random } from '../storage/support.js'
import type { KvChange } from '../../src/machine/kv-types.js'
import type { KeySpan } from '../../src/machine/types.js'
import type { Waiter } from '../../src/service/waiters.js'

interface Woken extends Waiter { readonly span: KeySpan, woken: number, end: () => void }

function waiting (waiters: Waiters, span: KeySpan): Woken {
  const one: Woken = { span, first: undefined, woken: 0, wake: () => { one.woken++ }, end: () => {} }
  one.end = waiters.add(one, span)
  return one
}

const deleted = (revision: number, ...keys: string[]): KvChange => ({ revision, events: keys.map(key => ({ type: 'delete', key: bytes(key) })) })
const only = (key: string): KeySpan => ({ from: bytes(key), to: after(bytes(key)) })

describe('waiters', () => {
  it('are told of the first change in their span, as if each were compared with all of them', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const next = random(seed)
      const pick = (n: number): number => Math.floor(next() * n)
      // Few keys, of bytes at both ends, some a part of another.
      const key = (): Uint8Array => Uint8Array.from({ length: 1 + pick(3) }, () => [0, 1, 0x7f, 0x80, 0xff][pick(5)])
      const waiters = new Waiters()
      const all = Array.from({ length: 40 }, () => {
        const from = key()
        return waiting(waiters, next() < 0.4 ? { from, to: after(from) } : next() < 0.2 ? { from } : { from, to: key() })
      })
      const changes = Array.from({ length: 1 + pick(5) }, (_, i): KvChange => ({ revision: 7 + 3 * i, events: Array.from({ length: 1 + pick(3) }, () => ({ type: 'delete', key: key() })) }))
      waiters.changed(changes)
      for (const { span, first, woken } of all) {
        const expected = changes.find(({ events }) => events.some(event => event.type === 'delete' && isWithin(event.key, span)))
        expect(first).toBe(expected?.revision)
        expect(woken > 0).toBe(expected !== undefined)
      }
    }
  })

  it('remember the first change, whatever comes later, and are told nothing once they have ended', () => {
    const waiters = new Waiters()
    const [one, same, range] = [waiting(waiters, only('a')), waiting(waiters, only('a')), waiting(waiters, { from: bytes('a') })]
    waiters.changed([deleted(3, 'b')])
    expect([one.first, range.first]).toEqual([undefined, 3])
    same.end()
    same.end()
    expect(waiters.size).toBe(2)
    waiters.changed([deleted(5, 'a')])
    waiters.changed([deleted(6, 'a')])
    expect([one.first, same.first, range.first]).toEqual([5, undefined, 3])
    for (const { end } of [one, range]) end()
    const again = waiting(waiters, only('a'))
    one.end()
    waiters.changed([deleted(7, 'a')])
    expect([waiters.size, again.first]).toEqual([1, 7])
  })

  it('are all told where everything was replaced', () => {
    const waiters = new Waiters()
    const all = [waiting(waiters, only('a')), waiting(waiters, { from: bytes('b') })]
    waiters.changed([deleted(3, 'a')])
    waiters.replaced()
    expect(all.map(({ first, woken }) => [first, woken])).toEqual([[0, 2], [0, 1]])
  })

  it('cost no look at each change for each of them', () => {
    const looks = (count: number): number => {
      const waiters = new Waiters()
      for (let i = 0; i < count; i++) waiting(waiters, i % 2 === 0 ? only(`w${i}`) : { from: bytes(`w${i}`), to: bytes(`w${i}x`) })
      let looked = 0
      const changes = Array.from({ length: 100 }, (_, i): KvChange => ({
        revision: i + 1,
        events: [{ type: 'delete', get key () { looked++; return bytes(`other/${i}`) } }]
      }))
      waiters.changed(changes)
      return looked
    }
    expect(looks(2_000)).toBe(looks(2))
    expect(looks(0)).toBe(0)
  })
})
