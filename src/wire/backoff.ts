export interface BackoffOptions { readonly minMs: number, readonly maxMs: number }

/** Doubles from `minMs` to `maxMs`; jittered to 50-100 % of that, or the nodes that lost one peer would all dial it at the same time. */
export class Backoff {
  private attempt = 0
  constructor (private readonly options: BackoffOptions, private readonly random: () => number) {}

  next (): number {
    const ceiling = Math.min(this.options.maxMs, this.options.minMs * 2 ** Math.min(this.attempt, 30))
    this.attempt++
    return ceiling * (0.5 + 0.5 * this.random())
  }

  reset (): void { this.attempt = 0 }
}
