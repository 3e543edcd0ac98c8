import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const dist = fileURLToPath(new URL('../dist/examples/', import.meta.url))

/** Runs a compiled example as a user would. It has to end by itself: an example that something keeps alive fails by the timeout. */
async function run (example: string, ...args: string[]): Promise<string> {
  const script = `${dist}${example}/main.js`
  if (!existsSync(script)) throw new Error(`${script} is missing: run "npm run build" first`)
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args], { timeout: 60_000, killSignal: 'SIGKILL' })
  return stdout
}

describe('examples', () => {
  it('kv: two namespaces, each with a state of its own', async () => {
    const output = await run('kv')
    expect(output).toContain('inventory has apples: 12')
    expect(output).toContain('prices, read at another node, has apples: nothing')
    expect(output).toContain("prices has keys: [ 'pears' ]")
    expect(output).toContain('members of prices: 3 and a leader')
  })

  it('client: writes, a barrier, reads, and a refusal', async () => {
    const output = await run('client')
    expect(output).toMatch(/written at revision \d+\nbarrier at index \d+\nmotto: any node will do\n/)
    expect(output).toContain('TooLargeError, refused')
    expect(output).toMatch(/leader +\S+/)
  })

  it('custom-state-machine: every member has the same ledger, a restarted one too', async () => {
    const output = await run('custom-state-machine')
    expect(output).toContain('deposit at north: { ok: true, balance: 100 }')
    expect(output).toContain('transfer at south: { ok: true, balance: 70 }')
    expect(output).toContain("too much, at east: { ok: false, reason: 'grace has only 30' }")
    for (const name of ['north', 'south', 'east']) expect(output).toContain(`${name}: ada 20, grace 80, total 107`)
  })

  it('demo --stay: every promise holds, what it prints to type works as printed, Ctrl-C ends it in good order', async () => {
    const demo = spawn(process.execPath, [`${dist}demo/main.js`, '--stay'], { stdio: ['ignore', 'pipe', 'pipe'] })
    const exit = once(demo, 'exit')
    let output = ''
    demo.stderr.setEncoding('utf8').on('data', (text: string) => { output += text })
    try {
      for await (const line of createInterface({ input: demo.stdout })) {
        output += `${line}\n`
        if (line.startsWith('Add a node')) break
      }
      expect(output).toContain('Every promise held')
      const commands = /Talk to it from another terminal:\n\n([^]*)\n\nAdd a node/.exec(output)?.[1] ?? ''
      const { stdout } = await promisify(execFile)('sh', ['-e', '-c', commands], { timeout: 60_000 })
      expect(stdout).toContain('green')
      demo.stdout.resume()
      demo.kill('SIGINT')
      expect(await exit).toEqual([0, null])
      expect(existsSync(/data in (\S+?),/.exec(output)?.[1] ?? '')).toBe(false)
    } catch (error) {
      throw new Error(`The demo printed:\n${output}`, { cause: error })
    } finally {
      demo.kill('SIGKILL')
    }
  })
})
