import { expect, it } from 'vitest'
import { runExample } from '../support/run-example.js'

it('event-log: what is appended is kept, what is emitted is told', async () => {
  const output = await runExample('event-log')
  expect(output).toContain('after the first one: paid 10, paid 20')
  expect(output).toContain('appended: closed\nemitted: somebody looks at the account\n')
  expect(output).toContain('kept: opened, paid 10, paid 20, closed')
})
