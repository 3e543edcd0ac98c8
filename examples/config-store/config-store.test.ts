import { expect, it } from 'vitest'
import { runExample } from '../support/run-example.js'

it('config-store: an edit of what somebody else changed is refused, and nothing is forgotten', async () => {
  const output = await runExample('config-store')
  expect(output).toContain('refused: color of project web-shop is at version 2, and not 1: read it again')
  expect(output).toContain('made anew, it is version 4')
  expect(output).toContain('  version 4: black\n  version 3: (deleted)\n  version 2: green\n  version 1: red\n')
  expect(output).toContain('the watch saw: red, green, deleted, black')
})
