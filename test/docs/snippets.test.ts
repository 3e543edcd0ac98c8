import { readdir, readFile } from 'node:fs/promises'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { program, root } from './program.js'

/** What a page says once, or the README: each snippet may go on from there. */
const given = `
import type { Client, Cluster, RaftNode } from 'raftmesh'
declare global {
  const node: RaftNode
  const cluster: Cluster
  const cron: Cluster
  const client: Client
  const after: number
  const signal: AbortSignal
  const command: Uint8Array
  const bill: string
  // The reader's own.
  const apply: Own, handle: Own, makeReport: Own, ship: Own, show: Own, startBackup: Own, stopWorking: Own
  type Own = (...given: unknown[]) => void
}
`

/** TS2355: a body that is left out returns nothing. */
const LEFT_OUT = 2355

interface Snippet { readonly where: string, readonly path: string, readonly text: string }

async function snippets (): Promise<Snippet[]> {
  const guide = (await readdir(`${root}docs/guide`)).map(name => `docs/guide/${name}`)
  const found: Snippet[] = []
  for (const page of ['README.md', 'docs/security.md', ...guide]) {
    const text = await readFile(root + page, 'utf8')
    for (const { index, 1: code = '' } of text.matchAll(/^```ts\n([^]*?)^```$/mg)) {
      const line = text.slice(0, index).split('\n').length
      found.push({ where: `${page}:${line}`, path: `${root}test/docs/snippet-${found.length}.ts`, text: `${code}\nexport {}\n` })
    }
  }
  return found
}

describe('the TypeScript in the README and the guide', () => {
  it('is what the package takes', async () => {
    const all = await snippets()
    expect(all.length).toBeGreaterThan(10)
    const whole = program({ [`${root}test/docs/given.ts`]: given, ...Object.fromEntries(all.map(({ path, text }) => [path, text])) })
    const wrong = all.flatMap(({ where, path }) => {
      const file = whole.getSourceFile(path)
      return [...whole.getSyntacticDiagnostics(file), ...whole.getSemanticDiagnostics(file)].filter(({ code }) => code !== LEFT_OUT).map(({ messageText, start = 0 }) => {
        const line = file?.text.slice(0, start).split('\n').length ?? 0
        return `${where} + ${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
      })
    })
    expect(wrong).toEqual([])
  })
})
