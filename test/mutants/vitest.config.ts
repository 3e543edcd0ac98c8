import { readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

const { MUTANT_FILE, MUTANT_SOURCE } = process.env

/** For the mutation gate only: one test file, with one source file taken from elsewhere. */
export default defineConfig({
  plugins: [{
    name: 'mutant',
    enforce: 'pre',
    load: id => id === MUTANT_FILE && MUTANT_SOURCE !== undefined ? readFileSync(MUTANT_SOURCE, 'utf8') : undefined
  }],
  test: { include: ['test/**/*.test.ts'], pool: 'threads', maxWorkers: 1, testTimeout: 30_000 }
})
