import { buffer } from 'node:stream/consumers'
import { Tied } from '../recipes/waiting.js'
import { NOT_FOUND, runCommand } from './child.js'
import { asText, inLine, table, toJson } from './output.js'
import type { QueueItem } from '../recipes/queue.js'
import type { Recipes } from '../recipes/recipes.js'
import type { Parsed } from './args.js'
import type { Output } from './output.js'

interface Context { readonly signal: AbortSignal, readonly output: Output, readonly json: boolean }

export async function pushItem (client: Recipes, { positionals: [, name = '', value = ''], ...parsed }: Parsed, { signal, output, json }: Context): Promise<number> {
  const pushed = await client.queue(name).push(value === '-' ? await buffer(process.stdin) : value, { id: parsed.text('id'), signal })
  output.out(json ? toJson(pushed) : pushed.fresh ? `item ${pushed.sequence}` : `item ${pushed.sequence}, which was there before`)
  return 0
}

export async function peekItems (client: Recipes, { positionals: [, name = ''], ...parsed }: Parsed, { signal, output, json }: Context): Promise<number> {
  const options = { limit: parsed.number('limit'), signal }
  const queue = client.queue(name)
  const items = parsed.flag('dead') ? await queue.deadLetters.list(options) : await queue.peek(options)
  if (json) output.out(toJson(items.map(({ value, ...item }) => ({ ...item, ...asText('value', value) }))))
  else if (items.length > 0) output.out(table([['ITEM', 'ID', 'ATTEMPTS', 'VALUE'], ...items.map(({ sequence, id, attempts, value }) => [String(sequence), inLine(id ?? ''), String(attempts), inLine(value)])]))
  return 0
}

export async function queueLength (client: Recipes, { positionals: [, name = ''] }: Parsed, { signal, output, json }: Context): Promise<number> {
  const length = await client.queue(name).length({ signal })
  output.out(json ? toJson(length) : `${length.ready} ready, ${length.taken} taken, ${length.dead} dead`)
  return 0
}

/** Dead letters, back to their places. */
export async function redriveItems (client: Recipes, { positionals: [, name = ''], ...parsed }: Parsed, { signal, output, json }: Context): Promise<number> {
  const redriven = await client.queue(name).deadLetters.redrive({ limit: parsed.number('limit'), signal })
  output.out(json ? toJson({ redriven }) : `${redriven} dead letter${redriven === 1 ? '' : 's'} redriven`)
  return 0
}

export async function discardItem (client: Recipes, { positionals: [, name = '', item = ''] }: Parsed, { signal, output, json }: Context): Promise<number> {
  const removed = await client.queue(name).deadLetters.remove([item.trim() === '' ? NaN : Number(item)], { signal })
  if (json) output.out(toJson({ removed }))
  else if (removed === 1) output.out(`item ${item} removed`)
  else output.err(`item ${item} is no dead letter of ${name}`)
  return removed === 1 ? 0 : 1
}

/**
 * Runs a command for each item, with its value as standard input: the item is done when it ends with 0. Once we are told to stop, no more are taken, and what
 * runs goes on to its end.
 */
export async function workOn (client: Recipes, { positionals: [, name = ''], rest, ...parsed }: Parsed, { signal, output }: Context): Promise<number> {
  const missing = new AbortController()
  using stopped = new Tied([signal, missing.signal])
  output.err(`raftmesh: working on queue ${name}`)
  await client.queue(name).consume(async item => {
    let there = true
    const code = await runFor(name, item, { command: rest, output, onMissing: () => { there = false } })
    if (code === 0) return
    // No item is at fault: all would become dead letters by a misspelt word.
    if (!there) {
      missing.abort()
      await item.release({ untried: true })
    } else output.err(`raftmesh: item ${item.sequence}, attempt ${item.attempts}: the command ended with ${code}`)
    throw new Error(`the command ended with ${code}`)
  }, { concurrency: parsed.number('concurrency'), visibility: parsed.number('visibility'), backoff: parsed.number('backoff'), signal: stopped.signal })
  return missing.signal.aborted ? NOT_FOUND : 0
}

interface Run { readonly command: readonly string[], readonly output: Output, readonly onMissing: () => void }

/** The command is ended when the item is lost: somebody else has it. That we are told to stop is no reason. */
async function runFor (queue: string, item: QueueItem, { command, output, onMissing }: Run): Promise<number> {
  const env = {
    RAFTMESH_QUEUE_NAME: queue,
    RAFTMESH_QUEUE_ITEM: String(item.sequence),
    // No variable can hold a zero byte; nor must it be that of a worker that runs us.
    RAFTMESH_QUEUE_ID: item.id?.includes('\0') === true ? undefined : item.id ?? '',
    RAFTMESH_QUEUE_ATTEMPTS: String(item.attempts),
    RAFTMESH_QUEUE_TOKEN: String(item.token)
  }
  return await runCommand(command, { env, input: item.value, until: [item.signal], output, onMissing })
}
