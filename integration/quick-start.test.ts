import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ChildProcess } from 'node:child_process'

const root = fileURLToPath(new URL('..', import.meta.url))

let directory: string
const running: ChildProcess[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'raftmesh-quick-start-'))
  // What `npm install ../raftmesh` makes of it.
  await mkdir(join(directory, 'node_modules'))
  await symlink(root, join(directory, 'node_modules/raftmesh'))
})
afterEach(async () => {
  await Promise.all(running.splice(0).map(async child => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
  }))
  await rm(directory, { recursive: true, force: true })
})

interface Program { readonly child: ChildProcess, readonly exit: Promise<unknown[]>, readonly until: (what: RegExp) => Promise<RegExpExecArray> }

/** A line of a shell, as it stands in the README. */
function start (line: string): Program {
  const [command, ...args] = line.split(/\s+/)
  expect(command).toBe('node')
  const child = spawn(process.execPath, args, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] })
  running.push(child)
  const exit = once(child, 'exit')
  const looks = new Set<() => void>()
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', text => {
      printed += `${text}\n`
      for (const look of [...looks]) look()
    })
  }
  const until: Program['until'] = async what => await new Promise((resolve, reject) => {
    const look = (): void => {
      const found = what.exec(printed)
      if (found === null) return
      looks.delete(look)
      resolve(found)
    }
    looks.add(look)
    look()
    exit.then(() => { reject(new Error(`"${line}" ended before ${what.source}: ${printed}`)) }, reject)
  })
  return { child, exit, until }
}

describe('the quick start of the README', () => {
  it('is one group of three, in whichever order they are started, and goes on after a crash', async () => {
    const section = /^## Quick start$[^]*?^## /m.exec(await readFile(join(root, 'README.md'), 'utf8'))?.[0] ?? ''
    await writeFile(join(directory, 'app.mjs'), /^```js\n([^]*?)^```$/m.exec(section)?.[1] ?? '')
    const lines = section.match(/^node app\.mjs .*$/mg) ?? []
    expect(lines).toHaveLength(3)

    const first = start(lines[0] as string)
    const [, address = ''] = await first.until(/others join with: (\S+)/)
    const others = lines.slice(1).map(line => start(line.replace('ADDRESS', address)))
    // The last to write sees all three: one group, and not two.
    const seen = await Promise.all([first, ...others].map(async ({ until }) => (await until(/\[[^]*?\]/))[0]))
    expect(Math.max(...seen.map(keys => keys.match(/seen\//g)?.length ?? 0))).toBe(3)

    others[1]?.child.kill('SIGKILL')
    await others[1]?.exit
    const [, another = ''] = await (others[0] as Program).until(/others join with: (\S+)/)
    const again = start((lines[2] as string).replace('ADDRESS', another))
    await again.until(/(seen\/[^]*){3}\]/)

    // Those that have printed long ago, and so listen for it.
    const settled = [first, others[0] as Program]
    for (const { child } of settled) child.kill('SIGINT')
    for (const { exit } of settled) expect(await exit).toEqual([0, null])
  })
})
