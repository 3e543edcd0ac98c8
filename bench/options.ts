import { parseArgs } from 'node:util'

export type Part = 'writes' | 'reads' | 'failover'

export interface BenchOptions {
  readonly seconds: number
  readonly warmupSeconds: number
  readonly rounds: number
  readonly concurrency: readonly number[]
  readonly parts: readonly Part[]
  readonly peers: 'etcd' | 'none'
  readonly profile: boolean
  readonly valueBytes: number
  readonly keys: number
  readonly failovers: number
}

const PARTS: readonly Part[] = ['writes', 'reads', 'failover']

export const help = `npm run bench [-- OPTIONS]

  --seconds N         length of each measurement (default 4)
  --rounds N          measurements of each kind, by turns; the middle one counts (default 3)
  --warmup N          seconds of load before the first measurement of writes, and of reads (default 10)
  --concurrency LIST  requests at a time (default 1,16,64,256,1024)
  --only PART         writes, reads or failover (repeatable; default all)
  --peers NAME        etcd (default: where it is on the PATH), or none
  --failovers N       leaders killed (default 3)
  --value BYTES       size of a value (default 256)
  --profile           CPU profiles of raftmesh's leader, a follower and the load, into bench/results, and what they say`

export class UsageError extends Error {
  constructor (message: string) {
    super(message)
    this.name = 'UsageError'
  }
}

/** Undefined: help was asked for. */
export function parseOptions (argv: readonly string[]): BenchOptions | undefined {
  const { values } = parse(argv)
  if (values.help === true) return undefined
  const number = (text: string | undefined, fallback: number, name: string, max: number): number => {
    const value = text === undefined ? fallback : Number(text)
    if (!(value > 0 && value <= max)) throw new UsageError(`--${name} must be a number above 0 and at most ${max}, got "${text}"`)
    return value
  }
  const parts = values.only === undefined ? PARTS : PARTS.filter(part => values.only?.includes(part))
  const unknown = values.only?.find(part => !PARTS.includes(part as Part))
  if (unknown !== undefined) throw new UsageError(`--only takes ${PARTS.join(', ')}, got "${unknown}"`)
  const peers = values.peers ?? 'etcd'
  if (peers !== 'etcd' && peers !== 'none') throw new UsageError(`--peers takes etcd or none, got "${peers}"`)
  return {
    seconds: number(values.seconds, 4, 'seconds', 3_600),
    warmupSeconds: number(values.warmup, 10, 'warmup', 3_600),
    rounds: Math.trunc(number(values.rounds, 3, 'rounds', 99)),
    concurrency: (values.concurrency ?? '1,16,64,256,1024').split(',').map(text => Math.trunc(number(text, 1, 'concurrency', 8_192))),
    parts,
    peers,
    profile: values.profile === true,
    valueBytes: Math.trunc(number(values.value, 256, 'value', 1 << 20)),
    keys: 10_000,
    failovers: Math.trunc(number(values.failovers, 3, 'failovers', 100))
  }
}

function parse (argv: readonly string[]): { values: { help?: boolean, seconds?: string, rounds?: string, warmup?: string, concurrency?: string, only?: string[], peers?: string, failovers?: string, value?: string, profile?: boolean } } {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        help: { type: 'boolean', short: 'h' },
        seconds: { type: 'string' },
        rounds: { type: 'string' },
        warmup: { type: 'string' },
        concurrency: { type: 'string' },
        only: { type: 'string', multiple: true },
        peers: { type: 'string' },
        failovers: { type: 'string' },
        value: { type: 'string' },
        profile: { type: 'boolean' }
      }
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
