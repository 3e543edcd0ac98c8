import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { table, withTable } from './gate/table.js'
import { areas, mutants } from './index.js'
import { PatchError, patched } from './mutant.js'
import type { Mutant } from './mutant.js'

const mutant: Mutant = { name: 'less', bug: 'less is taken for more', file: 'a.ts', find: 'a > b', replace: 'a < b', caughtBy: 'core', seeds: 1 }

describe('the list of bugs that are put back', () => {
  it.each(mutants.map(m => [m.name, m] as const))('%s fits the sources', (_name, m) => {
    const source = readFileSync(m.file, 'utf8')
    expect(patched(source, m)).not.toBe(source)
    // A suite needs a budget; a test has none, and must exist.
    if (m.caughtBy.endsWith('.test.ts')) expect([m.seeds, existsSync(m.caughtBy)]).toEqual([undefined, true])
    else expect(m.seeds).toBeGreaterThan(0)
  })

  it('names each once', () => {
    expect(new Set(mutants.map(m => m.name)).size).toBe(mutants.length)
    expect(new Set(mutants.map(m => m.bug)).size).toBe(mutants.length)
  })
})

describe('a patch', () => {
  it('replaces one place, literally', () => {
    expect(patched('if (a > b) c()', mutant)).toBe('if (a < b) c()')
    expect(patched('if (a > b) c()', { ...mutant, replace: "$& $'" })).toBe("if ($& $') c()")
  })

  it('is refused where its place is gone, or is not the only one', () => {
    expect(() => patched('if (a >= b) c()', mutant)).toThrow(PatchError)
    expect(() => patched('a > b || a > b', mutant)).toThrow(/'less' does not fit a.ts .* 2 times/)
  })
})

describe('the table', () => {
  const caught = new Map(mutants.map(m => [m, { result: 'caught', by: 'election safety', seeds: m.seeds === undefined ? undefined : 7, detail: '' } as const]))

  it('has a line for each bug, by area, and takes the place of the one before', () => {
    const text = `before\n<!-- mutants: written by npm run test:mutants -- --write -->\nTHE LAST ONE\n<!-- /mutants -->\nafter`
    const once = withTable(text, caught)
    expect(withTable(once, caught)).toBe(once)
    expect(once).not.toContain('THE LAST ONE')
    expect(once).toMatch(/^before\n[^]*\nafter$/)
    expect(table(caught).split('\n')).toHaveLength(2 + areas.length + mutants.length)
  })

  it('is not written where a bug got away, or where there is no place for it', () => {
    expect(() => table(new Map())).toThrow(/was not caught/)
    expect(() => withTable('no markers', caught)).toThrow(/no place/)
  })
})
