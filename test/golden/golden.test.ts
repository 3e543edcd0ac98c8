import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runBlock } from './commands.js'
import { GoldenGroup } from './group.js'
import { parseScript, printScript } from './script.js'

/**
 * `UPDATE_GOLDEN=1 npx vitest run test/golden` writes what the scripts print now into them. Read every line of the difference against
 * the paper before keeping it: expected output that shows a wrong behaviour is worse than none.
 */
const directory = join(import.meta.dirname, 'testdata')
const update = process.env.UPDATE_GOLDEN === '1'

describe('golden scripts', () => {
  for (const file of readdirSync(directory).filter(name => name.endsWith('.txt')).sort()) {
    it(file, () => {
      const path = join(directory, file)
      const { blocks, trailer } = parseScript(readFileSync(path, 'utf8'))
      expect(blocks.length).toBeGreaterThan(0)
      const group = new GoldenGroup()
      const outputs: string[] = []
      for (const block of blocks) {
        const output = runBlock(group, block.commands)
        if (!update) expect(output, `${file}:${block.line}: ${block.commands.join('; ')}`).toBe(block.expected)
        outputs.push(output)
      }
      if (update) writeFileSync(path, printScript(blocks, outputs, trailer))
    })
  }
})
