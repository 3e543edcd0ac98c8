import type { Clock, Timer } from '../clock.js'

/**
 * Runs a task again and again, one at a time, each time after the pause that the task asked for, or at once when kicked. A kick during
 * a run makes one more run after it: what the kick was about may have come too late for this one.
 */
export class Repeater {
  readonly #stopping = new AbortController()
  #running: Promise<void> | undefined
  #again = false
  #timer: Timer | undefined

  /** `task` resolves with the ms until the next run; a rejection is told to `onError` and counts as `retryMs`. */
  constructor (
    private readonly clock: Clock,
    private readonly task: (options: { signal: AbortSignal }) => Promise<number>,
    private readonly onError: (error: unknown) => void,
    private readonly retryMs = 1_000
  ) {}

  get signal (): AbortSignal { return this.#stopping.signal }

  /** Run now. */
  kick (): void {
    if (this.#stopping.signal.aborted) return
    if (this.#running !== undefined) {
      this.#again = true
      return
    }
    this.#timer?.cancel()
    this.#timer = undefined
    this.#running = this.#run()
  }

  /** Ends the task by its signal, and resolves once it has ended. */
  async stop (reason?: unknown): Promise<void> {
    this.#stopping.abort(reason)
    this.#timer?.cancel()
    await this.#running
  }

  async #run (): Promise<void> {
    let pause = this.retryMs
    try {
      pause = await this.task({ signal: this.#stopping.signal })
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.onError(error)
    }
    this.#running = undefined
    if (this.#stopping.signal.aborted) return
    if (this.#again) {
      this.#again = false
      this.kick()
    } else this.#timer = this.clock.setTimer(pause, () => { this.kick() })
  }
}
