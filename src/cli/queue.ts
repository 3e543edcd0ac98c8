import { buffer } from 'node:stream/consumers'
import { runCommand } from './child.js'
import { asText, table, toJson } from './output.js'
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
  else if (items.length > 0) output.out(table([['ITEM', 'ID', 'ATTEMPTS', 'VALUE'], ...items.map(({ sequence, id, attempts, value }) => [String(sequence), id ?? '', String(attempts), Buffer.from(value).toString()])]))
  return 0
}

export async function queueLength (client: Recipes, { positionals: [, name = ''] }: Parsed, { signal, output, json }: Context): Promise<number> {
  const length = await client.queue(name).length({ signal })
  output.out(json ? toJson(length) : `${length.ready} ready, ${length.taken} taken, ${length.dead} dead`)
  return 0
}

/**
 * Runs a command for each item, with its value as standard input: the item is done when it ends with 0. Once we are told to stop, no more are taken, and what
 * runs goes on to its end.
 */
export async function workOn (client: Recipes, { positionals: [, name = ''], rest, ...parsed }: Parsed, { signal, output }: Context): Promise<number> {
  await client.queue(name).consume(async item => {
    const code = await runFor(name, item, rest, output)
    if (code === 0) return
    output.err(`raftmesh: item ${item.sequence}, attempt ${item.attempts}: the command ended with ${code}`)
    throw new Error(`the command ended with ${code}`)
  }, { concurrency: parsed.number('concurrency'), visibility: parsed.number('visibility'), signal })
  return 0
}

/** The command is ended when the item is lost: somebody else has it. That we are told to stop is no reason. */
async function runFor (queue: string, item: QueueItem, command: readonly string[], output: Output): Promise<number> {
  const env = {
    RAFTMESH_QUEUE_NAME: queue,
    RAFTMESH_QUEUE_ITEM: String(item.sequence),
    RAFTMESH_QUEUE_ID: item.id ?? '',
    RAFTMESH_QUEUE_ATTEMPTS: String(item.attempts),
    RAFTMESH_QUEUE_TOKEN: String(item.token)
  }
  return await runCommand(command, { env, input: item.value, until: [item.signal], output })
}
