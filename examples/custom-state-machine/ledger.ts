import type { Command, StateMachine } from '../../src/index.js'

export type LedgerCommand =
  | { type: 'deposit', account: string, amount: number }
  | { type: 'transfer', from: string, to: string, amount: number }

export type LedgerResult = { ok: true, balance: number } | { ok: false, reason: string }

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
const decode = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes))

export const encodeCommand = (command: LedgerCommand): Uint8Array => encode(command)
export const decodeResult = (bytes: Uint8Array): LedgerResult => decode(bytes) as LedgerResult

/**
 * Accounts with balances, all in memory: what a restart needs is in the snapshots and the log behind them.
 *
 * `apply` must do the same on every member, so it looks at nothing but the ledger and the command: no clock (but `command.time`), no
 * randomness, no I/O. A refusal is a result like any other; a throw would stop the group on this node.
 */
export class Ledger implements StateMachine {
  readonly #balances = new Map<string, number>()

  balance (account: string): number { return this.#balances.get(account) ?? 0 }
  total (): number { return [...this.#balances.values()].reduce((sum, balance) => sum + balance, 0) }

  apply (commands: readonly Command[]): Uint8Array[] {
    return commands.map(({ data }) => encode(this.#execute(decode(data) as LedgerCommand)))
  }

  #execute (command: LedgerCommand): LedgerResult {
    if (!(command.amount > 0)) return { ok: false, reason: 'the amount must be positive' }
    if (command.type === 'deposit') return { ok: true, balance: this.#add(command.account, command.amount) }
    if (this.balance(command.from) < command.amount) return { ok: false, reason: `${command.from} has only ${this.balance(command.from)}` }
    this.#add(command.to, command.amount)
    return { ok: true, balance: this.#add(command.from, -command.amount) }
  }

  #add (account: string, amount: number): number {
    const balance = this.balance(account) + amount
    this.#balances.set(account, balance)
    return balance
  }

  // A plain function, not a generator: a generator's first line would run at the first read, and by then later commands have been
  // applied. The state is copied at the call.
  snapshot (): AsyncIterable<Uint8Array> {
    const state = encode([...this.#balances].sort(([a], [b]) => a < b ? -1 : 1))
    return (async function * () { yield state })()
  }

  async restore (source: AsyncIterable<Uint8Array>): Promise<void> {
    const chunks: Uint8Array[] = []
    for await (const chunk of source) chunks.push(chunk)
    this.#balances.clear()
    for (const [account, balance] of decode(Buffer.concat(chunks)) as Array<[string, number]>) this.#balances.set(account, balance)
  }
}
