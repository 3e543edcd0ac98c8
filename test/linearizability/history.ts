/** One call of a client. Times are any monotonic numbers of one clock; what begins at the same time as another ends is concurrent with it. */
export interface Operation {
  readonly client: string
  readonly call: number
  /** Infinity: the outcome is not known (time-out, lost connection, crash of the caller). */
  readonly return: number
  readonly action: Action
}

export type Write = { readonly key: string, readonly value: string | undefined }

export type Action =
  /** What it returned; undefined: no such key. */
  | { readonly type: 'get', readonly key: string, readonly value: string | undefined }
  | { readonly type: 'set', readonly key: string, readonly value: string }
  | { readonly type: 'delete', readonly key: string }
  /** All at once; undefined: delete. Of several writes to one key the last counts. */
  | { readonly type: 'batch', readonly writes: readonly Write[] }

type Mutation = Exclude<Action, { readonly type: 'get' }>

/** What is asked for, before there is an answer. */
export type Call = { readonly type: 'get', readonly key: string } | Mutation

/** The end of a call: exactly one of these, once. A call that is never ended has an unknown outcome. */
export interface OpenCall {
  /** Done; with what a get returned. */
  ok (value?: string): void
  /** It did not happen and never will. */
  refused (): void
  /** It may have happened, or may happen later. */
  unknown (): void
}

interface Recorded {
  readonly client: string
  readonly call: Call
  readonly began: number
  ended: number
  outcome: 'open' | 'ok' | 'refused' | 'unknown'
  value: string | undefined
}

/** Records what clients called and what they were told. */
export class History {
  readonly #recorded: Recorded[] = []
  #latest = 0

  /** Without a clock, time is the order of recording, which is the finest there is when all is recorded in one process. */
  constructor (private readonly now?: () => number) {}

  /** Called before the request leaves. */
  begin (client: string, call: Call): OpenCall {
    const recorded: Recorded = { client, call, began: this.#tick(), ended: Infinity, outcome: 'open', value: undefined }
    this.#recorded.push(recorded)
    const end = (outcome: Recorded['outcome'], value?: string): void => {
      if (recorded.outcome !== 'open') throw new Error(`${client}: a call that was ${recorded.outcome} is now ${outcome}`)
      recorded.outcome = outcome
      recorded.value = value
      if (outcome === 'ok') recorded.ended = this.#tick()
    }
    return { ok: value => end('ok', value), refused: () => end('refused'), unknown: () => end('unknown') }
  }

  /** What was found once the load was over, on any node: a read that begins after all that has ended. */
  finalRead (reader: string, key: string, value: string | undefined): void {
    const at = ++this.#latest
    this.#recorded.push({ client: reader, call: { type: 'get', key }, began: at, ended: at, outcome: 'ok', value })
  }

  /** Without what was refused and without reads that got no answer: they say nothing. */
  operations (): Operation[] {
    return this.#recorded.flatMap(({ client, call, began, ended, outcome, value }) => {
      if (outcome === 'refused' || (call.type === 'get' && outcome !== 'ok')) return []
      return [{ client, call: began, return: ended, action: call.type === 'get' ? { ...call, value } : call }]
    })
  }

  #tick (): number {
    // A clock that went back would put a read before the write that it saw.
    this.#latest = this.now === undefined ? this.#latest + 1 : Math.max(this.#latest, this.now())
    return this.#latest
  }
}

/** undefined stands for absence, as in actions. */
export function writesOf (action: Action): readonly Write[] {
  switch (action.type) {
    case 'get': return []
    case 'set': return [action]
    case 'delete': return [{ key: action.key, value: undefined }]
    case 'batch': return [...new Map(action.writes.map(write => [write.key, write])).values()]
  }
}
