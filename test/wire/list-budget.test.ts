import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MalformedFrameError } from '../../src/errors.js'
import { COMMAND_LISTS } from '../../src/wire/commands.js'
import { checkLists } from '../../src/wire/list-budget.js'
import { CommandFrame } from '../../src/wire/pb/command.js'
import { encodeFrame } from '../../src/wire/writer.js'
import { commandFrame } from '../fuzz/arbitraries.js'

/** What a value holds in lists, and how many messages there are in it, by walking it. */
function held (value: unknown): { elements: number, messages: number } {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return { elements: 0, messages: 0 }
  const inner = Object.values(value).map(held)
  return {
    // Numbers take no more than the bytes that they are read from.
    elements: inner.reduce((sum, { elements }) => sum + elements, Array.isArray(value) ? value.filter(element => typeof element !== 'number').length : 0),
    messages: inner.reduce((sum, { messages }) => sum + messages, Array.isArray(value) ? 0 : 1)
  }
}

const passes = (bytes: Uint8Array, most: number): boolean => {
  try {
    checkLists(bytes, COMMAND_LISTS, most)
    return true
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedFrameError)
    return false
  }
}

describe('the lists of a command frame', () => {
  it('are all counted, also those that are within others; and nothing else but the messages that they are in', () => {
    fc.assert(fc.property(commandFrame, frame => {
      const { elements, messages } = held({ requests: frame.requests, responses: frame.responses })
      const bytes = encodeFrame(CommandFrame.codec(), frame)
      if (elements > 0) expect(passes(bytes, elements - 1)).toBe(false)
      expect(passes(bytes, elements + messages)).toBe(true)
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
