import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCommand } from '../src/cli/args.js'
import { runClientCommand } from '../src/cli/client-commands.js'
import { runStart } from '../src/cli/start.js'
import '../src/index.js'
import type { Parsed } from '../src/cli/args.js'

const NS = '/raft/demo'
const parse = (...argv: string[]): Parsed => {
  const parsed = parseCommand(argv)
  if (!('command' in parsed)) throw new Error('not a command')
  return parsed
}

let directory: string
const stop = new AbortController()
let node: Promise<number>

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'raftmesh-recipes-cli-'))
  await new Promise<void>((resolve, reject) => {
    const output = { out: (line: string) => { if (line.includes('leader')) resolve() }, err: () => {} }
    node = runStart(parse('start', '--namespace', NS, '--data', join(directory, 'node'), '--listen', '/ip4/127.0.0.1/tcp/0', '--preset', 'local', '--bootstrap-mode', 'force'), { signal: stop.signal, output })
    node.catch(reject)
  })
})

afterAll(async () => {
  stop.abort(new Error('done'))
  await node
  await rm(directory, { recursive: true, force: true })
})

/** Runs a command as it is typed; `seen` hears each line as it is printed. */
async function type (argv: readonly string[], { seen = () => {}, signal = AbortSignal.timeout(50_000) }: { seen?: (line: string) => void, signal?: AbortSignal } = {}): Promise<string> {
  const lines: string[] = []
  const dash = argv.indexOf('--')
  const [own, rest] = dash === -1 ? [argv, []] : [argv.slice(0, dash), argv.slice(dash)]
  const output = { out: (line: string) => { lines.push(line); seen(line) }, err: (line: string) => { seen(line) } }
  await runClientCommand(parse(...own, '--data', join(directory, 'node'), ...rest), { signal, output })
  return lines.join('\n')
}

/** Resolves with the first line that matches. */
function heard (pattern: RegExp): { seen: (line: string) => void, line: Promise<string> } {
  let seen = (_: string): void => {}
  const line = new Promise<string>(resolve => { seen = text => { if (pattern.test(text)) resolve(text) } })
  return { seen: text => { seen(text) }, line }
}

describe('raftmesh cron', () => {
  it('adds, lists, pauses, resumes and removes a job', async () => {
    expect(await type(['cron', 'add', NS, 'report', '--schedule', '0 30 3 * * *', '--time-zone', 'Europe/Berlin', '--delivery', 'at-least-once'])).toMatch(/^added report, next at \d{4}-/)
    expect(await type(['cron', 'ls', NS])).toMatch(/report +0 30 3 \* \* \* +Europe\/Berlin +at-least-once +\d{4}-/)
    expect(await type(['cron', 'pause', NS, 'report'])).toBe('paused report')
    expect(await type(['cron', 'ls', NS])).toMatch(/report .* paused/)
    expect(await type(['cron', 'resume', NS, 'report'])).toMatch(/^resumed report, next at \d{4}-/)
    expect(await type(['cron', 'history', NS, 'report'])).toBe('')
    expect(await type(['cron', 'rm', NS, 'report'])).toBe('removed report')
    expect(await type(['cron', 'ls', NS])).toBe('')
    await expect(type(['cron', 'pause', NS, 'report'])).rejects.toThrow('report')
    await expect(type(['cron', 'add', NS, 'report', '--schedule', 'every day', '--delivery', 'at-most-once'])).rejects.toThrow('every day')
  })

  it('runs a command for each run, with the job\'s data, and tells afterwards what became of it', async () => {
    const [leave, ran, file] = [new AbortController(), heard(/attempt 1: ended with 0/), join(directory, 'ran')]
    await type(['cron', 'add', NS, 'tick', '--every', '1000', '--delivery', 'at-most-once', '--input', 'hello', '--paused'])
    const subscribed = heard(/subscribed to tick/)
    const working = type(['cron', 'run', NS, 'tick', '--', 'sh', '-c', `cat >> ${file}; echo " $RAFTMESH_CRON_JOB" >> ${file}`], { signal: leave.signal, seen: line => { ran.seen(line); subscribed.seen(line) } })
    await subscribed.line
    await type(['cron', 'resume', NS, 'tick'])
    await ran.line
    await type(['cron', 'pause', NS, 'tick'])
    leave.abort(new Error('enough'))
    await working
    expect(await readFile(file, 'utf8')).toMatch(/^hello tick\n/)
    expect(await type(['cron', 'history', NS, 'tick'])).toMatch(/done +1/)
  })
})

describe('raftmesh cron run that is told to stop', () => {
  it('lets the command that runs come to its end', async () => {
    const [leave, subscribed, ran, file] = [new AbortController(), heard(/subscribed to slow/), heard(/attempt 1: ended with/), join(directory, 'slow')]
    await type(['cron', 'add', NS, 'slow', '--every', '1000', '--delivery', 'at-most-once', '--paused'])
    const script = `echo begun > ${file}; while [ ! -e ${file}.go ]; do sleep 0.05; done; exit 0`
    const working = type(['cron', 'run', NS, 'slow', '--', 'sh', '-c', script], { signal: leave.signal, seen: line => { subscribed.seen(line); ran.seen(line) } })
    await subscribed.line
    await type(['cron', 'resume', NS, 'slow'])
    while (await readFile(file, 'utf8').catch(() => '') === '') await new Promise(resolve => { setTimeout(resolve, 20) })
    leave.abort(new Error('enough'))
    // That it is told is not seen from here: a command that is ended by it is, at once.
    await type(['cron', 'pause', NS, 'slow'])
    await writeFile(`${file}.go`, '')
    expect(await ran.line).toContain('ended with 0')
    await working
    expect(await type(['cron', 'history', NS, 'slow'])).toMatch(/done +1/)
  })
})

describe('raftmesh watch', () => {
  it('prints what was changed since a revision, and what changes', async () => {
    await type(['set', NS, 'w/a', 'one'])
    const [leave, first, second] = [new AbortController(), heard(/^\d+ set w\/a one$/), heard(/^\d+ del w\/a$/)]
    const watching = type(['watch', NS, '--prefix', 'w/', '--from', '1'], { signal: leave.signal, seen: line => { first.seen(line); second.seen(line) } })
    await first.line
    await type(['del', NS, 'w/a'])
    await second.line
    leave.abort(new Error('enough'))
    expect((await watching).split('\n')).toHaveLength(2)
  })
})
