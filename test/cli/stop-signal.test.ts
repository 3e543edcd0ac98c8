import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { stopSignal } from '../../src/cli/stop-signal.js'

it('the first signal asks for a clean end, the second exits, but not when it is the first said twice', () => {
  let now = 1_000
  const exits: number[] = []
  const process = Object.assign(new EventEmitter(), { exit: (code: number) => { exits.push(code) } })
  const signal = stopSignal(process, { now: () => now })
  expect(signal.aborted).toBe(false)
  process.emit('SIGTERM')
  expect(signal.aborted).toBe(true)
  now += 299
  process.emit('SIGTERM')
  expect(exits).toEqual([])
  now++
  process.emit('SIGINT')
  expect(exits).toEqual([1])
})
