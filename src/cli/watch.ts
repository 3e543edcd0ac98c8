import { asText, inLine, toJson } from './output.js'
import type { Parsed } from './args.js'
import type { Output } from './output.js'
import type { KeyValue, WatchEvent } from '../recipes/types.js'

interface Context { readonly signal: AbortSignal, readonly output: Output, readonly json: boolean }

/** Prints changes as they happen, until it is interrupted; that is how it ends well. */
export async function runWatch (client: Pick<KeyValue, 'watch'>, parsed: Parsed, { signal, output, json }: Context): Promise<number> {
  const revision = parsed.number('from')
  try {
    await using watch = await client.watch({ prefix: parsed.text('prefix') ?? '', signal, ...(revision === undefined ? {} : { revision }) })
    for await (const event of watch) output.out(json ? toJson(plain(event)) : line(event))
  } catch (error) {
    if (!signal.aborted) throw error
  }
  return 0
}

function line (event: WatchEvent): string {
  const key = inLine(event.key)
  return event.type === 'set' ? `${event.revision} set ${key} ${inLine(event.row.value)}` : `${event.revision} del ${key}`
}

function plain (event: WatchEvent): Record<string, unknown> {
  const told = { revision: event.revision, type: event.type, ...asText('key', event.key) }
  return event.type === 'set' ? { ...told, ...asText('value', event.row.value), version: event.row.version } : told
}
