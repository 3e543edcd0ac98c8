import { describe, expect, it } from 'vitest'
import { checkLinearizable } from './check.js'
import { History } from './history.js'

describe('a history', () => {
  it('keeps what was done or may have been, and leaves out the rest', () => {
    const history = new History()
    const set = history.begin('a', { type: 'set', key: 'x', value: '1' })
    const get = history.begin('b', { type: 'get', key: 'x' })
    set.ok()
    get.ok('1')
    history.begin('a', { type: 'set', key: 'x', value: 'refused' }).refused()
    history.begin('a', { type: 'delete', key: 'x' }).unknown()
    history.begin('b', { type: 'get', key: 'x' }).unknown()
    history.begin('b', { type: 'get', key: 'x' })
    history.begin('c', { type: 'batch', writes: [{ key: 'x', value: undefined }] })
    const at = expect.any(Number)
    expect(history.operations()).toEqual([
      { client: 'a', call: at, return: at, action: { type: 'set', key: 'x', value: '1' } },
      { client: 'b', call: at, return: at, action: { type: 'get', key: 'x', value: '1' } },
      { client: 'a', call: at, return: Infinity, action: { type: 'delete', key: 'x' } },
      { client: 'c', call: at, return: Infinity, action: { type: 'batch', writes: [{ key: 'x', value: undefined }] } }
    ])
  })

  it('is in the order of recording when it has no clock', () => {
    const history = new History()
    history.begin('a', { type: 'set', key: 'x', value: '1' }).ok()
    history.begin('b', { type: 'get', key: 'x' }).ok(undefined)
    expect(checkLinearizable(history.operations()).ok).toBe(false)
  })

  it('takes as concurrent what its clock cannot tell apart, and never goes back', () => {
    const times = [5, 7, 7, 6]
    const history = new History(() => times.shift() ?? 0)
    history.begin('a', { type: 'set', key: 'x', value: '1' }).ok()
    history.begin('b', { type: 'get', key: 'x' }).ok(undefined)
    expect(history.operations().map(({ call, return: end }) => [call, end])).toEqual([[5, 7], [7, 7]])
    expect(checkLinearizable(history.operations()).ok).toBe(true)
  })

  it('ends with reads that come after all that has ended', () => {
    const history = new History(() => 1)
    history.begin('a', { type: 'set', key: 'x', value: '1' }).ok()
    history.finalRead('node 1', 'x', '1')
    expect(checkLinearizable(history.operations()).ok).toBe(true)
    history.finalRead('node 2', 'x', undefined)
    expect(checkLinearizable(history.operations())).toMatchObject({ ok: false, explanation: expect.stringContaining('node 2') })
  })

  it('takes one end for a call', () => {
    const call = new History().begin('a', { type: 'delete', key: 'x' })
    call.unknown()
    expect(() => call.ok()).toThrow('a: a call that was unknown is now ok')
  })
})
