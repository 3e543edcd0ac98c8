import { describe, expect, it } from 'vitest'
import { Departures } from '../../src/service/departures.js'

describe('who has gone', () => {
  it('is told once, when the removal is committed', () => {
    const departures = new Departures()
    expect(departures.note(['a', 'b'], false)).toEqual([])
    expect(departures.note(['a'], true)).toEqual([])
    expect(departures.note(['a'], false)).toEqual(['b'])
    expect(departures.note(['a'], false)).toEqual([])
  })

  it('is told of a member that was seen only before it was committed', () => {
    const departures = new Departures()
    departures.note(['a'], false)
    departures.note(['a', 'b'], true)
    // Its addition was committed, and its removal proposed, before anybody looked again.
    expect(departures.note(['a'], true)).toEqual([])
    expect(departures.note(['a'], false)).toEqual(['b'])
  })

  it('is nobody whose removal was rolled back', () => {
    const departures = new Departures()
    departures.note(['a', 'b'], false)
    departures.note(['a'], true)
    expect(departures.note(['a', 'b'], false)).toEqual([])
    expect(departures.note(['a'], false)).toEqual(['b'])
  })
})
