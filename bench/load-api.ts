import type { Target } from './driver.js'
import type { ProfilerMethods } from '../examples/support/profiler.js'
import type { MeasureOptions, Measurement } from './measure.js'

export interface LoadOptions extends MeasureOptions {
  readonly operation: 'write' | 'read'
  /** Keys that the load goes round. */
  readonly keys: number
  readonly valueBytes: number
}

/** What the load process does for the benchmark. */
export interface LoadMethods extends ProfilerMethods {
  open: (target: Target) => Promise<void>
  /** Writes every key once, so that reads find them. */
  fill: (options: { keys: number, valueBytes: number }) => Promise<void>
  measure: (options: LoadOptions) => Promise<Measurement>
  /** Begins a write every few ms; each acknowledgement is told as an event `acknowledged` { began, at }. */
  probe: (options: { everyMs: number, valueBytes: number }) => Promise<void>
  endProbe: (args: null) => Promise<{ errors: Record<string, number> }>
  close: (args: null) => Promise<void>
}
