import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { table, toJson } from './output.js'
import type { QueueItem } from '../recipes/queue.js'
import type { Recipes } from '../recipes/recipes.js'
import type { Parsed } from './args.js'
import type { Output } from './output.js'

interface Context { readonly signal: AbortSignal, readonly output: Output, readonly json: boolean }

const GRACE_MS = 5_000

export async function pushItem (client: Recipes, { positionals: [, name = '', value = ''], ...parsed }: Parsed, { signal, output, json }: Context): Promise<number> {
  const pushed = await client.queue(name).push(value === '-' ? await text(process.stdin) : value, { id: parsed.text('id'), signal })
  output.out(json ? toJson(pushed) : pushed.fresh ? `item ${pushed.sequence}` : `item ${pushed.sequence}, which was there before`)
  return 0
}

export async function peekItems (client: Recipes, { positionals: [, name = ''], ...parsed }: Parsed, { signal, output, json }: Context): Promise<number> {
  const options = { limit: parsed.number('limit'), signal }
  const queue = client.queue(name)
  const items = (parsed.flag('dead') ? await queue.deadLetters.list(options) : await queue.peek(options)).map(item => ({ ...item, value: Buffer.from(item.value).toString() }))
  if (json) output.out(toJson(items))
  else if (items.length > 0) output.out(table([['ITEM', 'ID', 'ATTEMPTS', 'VALUE'], ...items.map(({ sequence, id, attempts, value }) => [String(sequence), id ?? '', String(attempts), value])]))
  return 0
}

export async function queueLength (client: Recipes, { positionals: [, name = ''] }: Parsed, { signal, output, json }: Context): Promise<number> {
  const length = await client.queue(name).length({ signal })
  output.out(json ? toJson(length) : `${length.ready} ready, ${length.taken} taken, ${length.dead} dead`)
  return 0
}

/** Runs a command for each item, with its value as standard input, until we are told to stop: it is done when the command ends with 0. */
export async function workOn (client: Recipes, { positionals: [, name = ''], rest, ...parsed }: Parsed, { signal, output }: Context): Promise<number> {
  await client.queue(name).consume(async item => {
    const code = await runFor(name, item, rest)
    if (code === 0) return
    output.err(`raftmesh: item ${item.sequence}, attempt ${item.attempts}: the command ended with ${code}`)
    throw new Error(`the command ended with ${code}`)
  }, { concurrency: parsed.number('concurrency'), visibility: parsed.number('visibility'), signal })
  return 0
}

/** The command is ended when the item is lost: somebody else has it. */
async function runFor (queue: string, item: QueueItem, [command = '', ...args]: readonly string[]): Promise<number | string> {
  const env = {
    ...process.env,
    RAFTMESH_QUEUE_NAME: queue,
    RAFTMESH_QUEUE_ITEM: String(item.sequence),
    RAFTMESH_QUEUE_ID: item.id ?? '',
    RAFTMESH_QUEUE_ATTEMPTS: String(item.attempts),
    RAFTMESH_QUEUE_TOKEN: String(item.token)
  }
  const child = spawn(command, args, { stdio: ['pipe', 'inherit', 'inherit'], env })
  let grace: NodeJS.Timeout | undefined
  const end = (): void => {
    child.kill('SIGTERM')
    grace = setTimeout(kill, GRACE_MS)
  }
  const kill = (): void => { child.kill('SIGKILL') }
  item.signal.addEventListener('abort', end, { once: true })
  process.on('exit', kill)
  try {
    return await new Promise<number | string>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code, signal) => { resolve(code ?? String(signal)) })
      // A command that does not read its input may be gone before it is written.
      child.stdin.on('error', () => {})
      child.stdin.end(item.value)
    })
  } finally {
    clearTimeout(grace)
    item.signal.removeEventListener('abort', end)
    process.off('exit', kill)
  }
}
