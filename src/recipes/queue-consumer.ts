import { setMaxListeners } from 'node:events'
import { InvalidArgumentError, LockLostError, messageOf } from '../errors.js'
import { numberIn } from './queue-input.js'
import { checkOptions } from './names.js'
import { isPassing, pause, persist, Tied } from './waiting.js'
import type { QueueItem } from './queue-item.js'
import type { PopOptions } from './queue.js'
import type { RecipeContext } from './types.js'
import type { AbortOptions } from '@libp2p/interface'

export interface ConsumeOptions extends AbortOptions {
  /** Handlers at once. Default 1, at most 100. */
  concurrency?: number
  /** ms after which another consumer gets what this one has, if this process stops or cannot reach the group. Default 30,000. */
  visibility?: number
  /**
   * ms before an item whose handler has failed is given up for the next attempt; twice as many after each attempt, at most 60,000. Default 1,000; 0: at
   * once. It is held meanwhile, and counts as one of `concurrency`.
   */
  backoff?: number
}

const MAX_BACKOFF_MS = 60_000

type Handler = (item: QueueItem) => unknown
interface Source { readonly name: string, readonly pop: (options: PopOptions) => Promise<QueueItem[]> }

export async function consume (queue: Source, context: RecipeContext, handler: Handler, options: ConsumeOptions): Promise<void> {
  // Without one, everything would be acked as it comes.
  if (typeof handler !== 'function') throw new InvalidArgumentError(`The handler of consume must be a function, got ${typeof handler}`)
  checkOptions(options, ['concurrency', 'visibility', 'backoff', 'signal'], 'consume')
  const concurrency = numberIn(options.concurrency ?? 1, 1, 100, 'concurrency')
  const visibility = options.visibility ?? 30_000
  const backoff = numberIn(options.backoff ?? 1_000, 0, MAX_BACKOFF_MS, 'backoff')
  const running = new Set<Promise<void>>()
  const ending = new AbortController()
  using tied = new Tied([options.signal, context.signal, ending.signal])
  // One for each item that waits for its next attempt.
  setMaxListeners(0, tied.signal)
  try {
    while (!tied.signal.aborted) {
      if (running.size >= concurrency) {
        await Promise.race(running)
        continue
      }
      const limit = concurrency - running.size
      for (const item of await persist(context, tied.signal, async () => await queue.pop({ limit, visibility, wait: Infinity, signal: tied.signal }))) {
        const handling = handle({ queue, context, visibility, backoff, ending: tied.signal, handler }, item).finally(() => { running.delete(handling) })
        running.add(handling)
      }
    }
  } catch (error) {
    if (!tied.signal.aborted) throw error
  } finally {
    ending.abort()
    await Promise.all(running)
  }
  if (options.signal?.aborted !== true) throw context.signal.reason
}

interface Work {
  readonly queue: Source
  readonly context: RecipeContext
  readonly visibility: number
  readonly backoff: number
  /** No more is taken. */
  readonly ending: AbortSignal
  readonly handler: Handler
}

/** Never rejects: nobody would hear of it before the last handler is done. */
async function handle (work: Work, item: QueueItem): Promise<void> {
  const { queue, context, visibility, handler } = work
  const what = `item ${item.sequence} of queue ${queue.name}`
  // This process stood still since it asked: somebody else may be at work on it.
  if (item.signal.aborted) {
    context.log('%s was lost before it was handled', what)
    return
  }
  const done = new AbortController()
  const kept = keep(context, item, visibility, done.signal)
  try {
    const failed = await Promise.resolve(item).then(handler).then(() => undefined, (error: unknown) => ({ error }))
    if (failed !== undefined) context.log('%s failed on attempt %d: %s', what, item.attempts, messageOf(failed.error))
    if (failed !== undefined) await backOff(work, item)
    // Held until this is settled: an ack may wait for a new leader.
    await (failed === undefined ? item.ack() : item.release())
  } catch (error) {
    context.log('%s: %s', what, messageOf(error))
  } finally {
    // Whatever happens: an item that is kept by nobody's handler would never come to anybody again.
    done.abort()
    await kept
  }
}

/**
 * While whatever the handlers need is down, those that are held use up their attempts, slowly, and all the others keep theirs: were the next one
 * taken meanwhile, a minute would make dead letters of them all.
 */
async function backOff ({ context, backoff, ending }: Work, item: QueueItem): Promise<void> {
  using tied = new Tied([ending, item.signal])
  const ms = Math.min(MAX_BACKOFF_MS, backoff * 2 ** Math.min(item.attempts - 1, 16))
  await pause(context.clock, ms, tied.signal).catch(() => { /* told to stop, or lost: for whoever comes next, there is nothing to wait for */ })
}

/** Three times in each visibility, so that one that fails does not lose the item. */
async function keep (context: RecipeContext, item: QueueItem, visibility: number, done: AbortSignal): Promise<void> {
  using tied = new Tied([done, item.signal])
  try {
    for (;;) {
      await pause(context.clock, visibility / 3, tied.signal)
      await item.extend({ signal: tied.signal }).catch((error: unknown) => {
        if (error instanceof LockLostError || !isPassing(error)) throw error
      })
    }
  } catch (error) {
    if (!tied.signal.aborted) context.log('item %d of queue is not held any longer: %s', item.sequence, messageOf(error))
  }
}
