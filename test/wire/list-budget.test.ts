import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MalformedFrameError } from '../../src/errors.js'
import { COMMAND_LISTS } from '../../src/wire/commands.js'
import { checkLists } from '../../src/wire/list-budget.js'
import { CommandFrame } from '../../src/wire/pb/command.js'
import { encodeFrame } from '../../src/wire/writer.js'
import { commandFrame } from '../fuzz/arbitraries.js'

/** Requests and answers, and what is in lists within them, by walking what was encoded. */
function elements (value: unknown, depth = 0): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + 1 + elements(item, depth + 1), 0)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return 0
  return Object.values(value).reduce((sum: number, item) => sum + elements(item, depth + 1), 0)
}

describe('the lists of a command frame', () => {
  it('are all counted, each element once, also those of fields that are to come', () => {
    fc.assert(fc.property(commandFrame, frame => {
      const counted = { requests: frame.requests, responses: frame.responses }
      const bytes = encodeFrame(CommandFrame.codec(), frame)
      const containers = frame.requests.filter(r => r.changeMembers !== undefined || r.exchangePeers !== undefined).length +
        frame.responses.filter(r => r.keyList !== undefined || r.memberList !== undefined || r.peerList !== undefined).length
      const count = elements(counted) + containers
      checkLists(bytes, COMMAND_LISTS, count)
      if (count > 0) expect(() => { checkLists(bytes, COMMAND_LISTS, count - 1) }).toThrow(MalformedFrameError)
    }), { numRuns: 300 })
  })

  it('are counted to the end of what is no protobuf, and no further', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      try {
        checkLists(bytes, COMMAND_LISTS, 3)
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedFrameError)
      }
    }))
  })
})
