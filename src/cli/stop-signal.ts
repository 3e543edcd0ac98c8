import type { Clock } from '../clock.js'

/** GNU timeout tells its child, and then the whole group that the child is in: that is one word, said twice. */
const ECHO_MS = 300

interface Process { readonly on: (signal: NodeJS.Signals, listener: () => void) => unknown, readonly exit: (code: number) => void }

/** Aborts at the first Ctrl-C or SIGTERM, or when the terminal is gone, for a clean end; the second exits at once. */
export function stopSignal (process: Process, { now }: Pick<Clock, 'now'>): AbortSignal {
  const controller = new AbortController()
  let first = 0
  const stop = (): void => {
    if (controller.signal.aborted) {
      if (now() - first >= ECHO_MS) process.exit(1)
      return
    }
    first = now()
    controller.abort(new Error('stopped by a signal'))
  }
  // SIGHUP: commands run in groups of their own, which a terminal that is gone does not tell.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  return controller.signal
}
