/** A run broke a promise; the message tells the seed, how to replay it, and the end of its trace. */
export class SimulationError extends Error {
  override readonly name = 'SimulationError'
}

const LONGEST_LINE = 2_000

/** The last `count` lines of a trace, for a person. */
export function tailOf (lines: readonly string[], count: number): string {
  return lines.slice(-count).map(line => line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line).join('\n')
}

/** The whole trace of a run as one number. */
export function digestOf (run: (trace: (line: string) => void) => void): number {
  let hash = 0
  run(line => { for (let i = 0; i < line.length; i++) hash = Math.imul(hash ^ line.charCodeAt(i), 0x01000193) })
  return hash >>> 0
}
