import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NOT_FOUND, runCommand } from '../src/cli/child.js'
import type { Output } from '../src/cli/output.js'

let directory: string
let pidFile: string
let stop: AbortController
const errors: string[] = []
const output: Output = { out: () => {}, err: line => { errors.push(line) } }

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'raftmesh-child-'))
  pidFile = join(directory, 'pid')
  await writeFile(pidFile, '')
  stop = new AbortController()
  errors.length = 0
})
afterEach(async () => {
  const pid = Number(await readFile(pidFile, 'utf8'))
  try {
    if (pid > 0) process.kill(pid, 'SIGKILL')
  } catch { /* as it should be */ }
  await rm(directory, { recursive: true, force: true })
})

const run = async (script: string, { graceMs = 5_000, input }: { graceMs?: number, input?: Uint8Array } = {}): Promise<number> =>
  await runCommand(['sh', '-c', script], { env: { PID_FILE: pidFile, FILE: join(directory, 'file') }, until: [new AbortController().signal, stop.signal], output, graceMs, input })

/** What is written there once somebody has. */
async function written (file: string): Promise<string> {
  for (;;) {
    const text = await readFile(file, 'utf8')
    if (text.endsWith('\n')) return text.trim()
    await new Promise(resolve => { setTimeout(resolve, 10) })
  }
}

/** One that nobody has asked about yet has ended, too. */
async function isAlive (pid: string): Promise<boolean> {
  return await promisify(execFile)('ps', ['-o', 'stat=', '-p', pid]).then(({ stdout }) => !stdout.trim().startsWith('Z'), () => false)
}

describe('a command that is run', () => {
  it('gets its input, byte by byte, and its exit code is passed on', async () => {
    const bytes = Uint8Array.of(0xff, 0, 0xef, 0xbb, 0xbf, 0x0a)
    expect(await run('cat > "$FILE"; exit 7', { input: bytes })).toBe(7)
    expect(new Uint8Array(await readFile(join(directory, 'file')))).toEqual(bytes)
    expect(await run('kill -KILL $$')).toBe(128 + 9)
    // It does not read what it is given.
    expect(await run('exit 0', { input: new Uint8Array(1_000_000) })).toBe(0)
  })

  it('is no command: that is told, and has a code of its own', async () => {
    expect(await runCommand([join(directory, 'nothing')], { env: {}, until: [], output, input: bytesOf('x') })).toBe(NOT_FOUND)
    expect(errors.join()).toContain('cannot be run')
  })

  it('does not begin once a signal has aborted', async () => {
    stop.abort(new Error('lost before'))
    await expect(run('echo here > "$FILE"')).rejects.toThrow('lost before')
    await expect(readFile(join(directory, 'file'))).rejects.toThrow('ENOENT')
  })

  it.each([5_000, 30 * 24 * 3_600_000])('is asked to end, and with it what it has started, which is waited for (at most %d ms)', async graceMs => {
    const ran = run('(trap "sleep 0.2; echo ended > \\"$FILE\\"; exit" TERM; sh -c \'echo $PPID > "$PID_FILE"\'; while :; do sleep 0.05; done); true', { graceMs })
    await written(pidFile)
    stop.abort(new Error('enough'))
    expect(await ran).toBe(128 + 15)
    expect(await readFile(join(directory, 'file'), 'utf8')).toBe('ended\n')
  })

  it('is made to end after its grace, and with it what it has started', async () => {
    const ran = run('(trap "" TERM; sh -c \'echo $PPID > "$PID_FILE"\'; while :; do sleep 0.05; done); true', { graceMs: 300 })
    const grandchild = await written(pidFile)
    stop.abort(new Error('enough'))
    expect(await ran).toBe(128 + 15)
    while (await isAlive(grandchild));
  })

  it('leaves to themselves those that it has left behind', async () => {
    expect(await run('sleep 60 > /dev/null & echo $! > "$PID_FILE"; exit 3')).toBe(3)
    expect(await isAlive(await written(pidFile))).toBe(true)
  })
})

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
