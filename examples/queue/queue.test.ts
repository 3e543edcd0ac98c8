import { expect, it } from 'vitest'
import { runExample } from '../support/run-example.js'

it('queue: work is shared, what is left unfinished comes back, and who is late is refused', async () => {
  const output = await runExample('queue')
  expect(output).toContain('pushed again: item 2, the one that was there')
  expect(output).toMatch(/done: pears, attempt 1\ndone: plums, attempt 1\ndone: apples, attempt 2\n/)
  expect(output).toContain('an ack that comes too late is refused (LockLostError)')
  expect(output).toContain('left: 0 ready, 0 taken, 0 dead')
})
