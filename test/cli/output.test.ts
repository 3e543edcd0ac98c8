import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/cli/args.js'
import { exitCode, told } from '../../src/cli/output.js'
import { InvalidArgumentError, InvalidNamespaceError, TooLargeError, UnavailableError, UnknownOutcomeError } from '../../src/errors.js'

describe('a command that fails', () => {
  it.each<[unknown, number]>([
    [new UsageError('no'), 2], [new InvalidArgumentError('no'), 2], [new InvalidNamespaceError('no'), 2], [new TooLargeError('no'), 1], [new UnavailableError('no'), 1], [new Error('no'), 1], [undefined, 1]
  ])('by %o ends with %i', (error, code) => {
    expect(exitCode(error)).toBe(code)
  })

  it('says why, and where to look', () => {
    expect(told(new UsageError('There is no such thing', 'get'), false)).toEqual(['raftmesh: There is no such thing', 'Try: raftmesh help get'])
    expect(told(new UnavailableError('Nobody there', { cause: new Error('dialled in vain') }), false)).toEqual(['raftmesh: Nobody there (dialled in vain)'])
  })

  it('says it in a line of JSON to who wants JSON', () => {
    const plain = (error: unknown): unknown => told(error, true).map(line => JSON.parse(line) as unknown)
    expect(plain(new UnknownOutcomeError('Lost'))).toEqual([{ error: { name: 'UnknownOutcomeError', message: 'Lost', outcome: 'unknown' } }])
    expect(plain(new UsageError('What?'))).toEqual([{ error: { name: 'UsageError', message: 'What?' } }])
    expect(plain(7)).toEqual([{ error: { name: 'Error', message: '7' } }])
  })
})
