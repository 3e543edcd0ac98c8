import { parseArgs } from 'node:util'

/** Wrong use of the command line: exit code 2, with a word on how to use it. */
export class UsageError extends Error {
  static override readonly name = 'UsageError'
  constructor (message: string, readonly command?: string) {
    super(message)
    this.name = 'UsageError'
  }
}

/** `least`: of a number. */
export interface OptionSpec { type: 'string' | 'boolean', multiple?: boolean, short?: string, value?: string, least?: number, help: string }

export interface CommandSpec {
  /** After the command's name: `NS KEY VALUE`. */
  readonly positionals: readonly string[]
  /** What comes behind `--`, and is not ours to read: `CMD`. */
  readonly rest?: string
  readonly summary: string
  readonly options: Readonly<Record<string, OptionSpec>>
}

const keyFile = {
  'key-file': { type: 'string', value: 'FILE', help: 'the encryption key of the namespaces, a line of base64; further lines are other keys that are still in use' }
} as const satisfies Record<string, OptionSpec>

const reach = {
  ...keyFile,
  peer: { type: 'string', multiple: true, value: 'MULTIADDR', help: 'a running node to ask, with its /p2p/<peer id> (repeatable)' },
  data: { type: 'string', value: 'DIR', help: 'find the node that runs on this data directory (default ./raftmesh-data)' },
  timeout: { type: 'string', value: 'MS', least: 1, help: 'give up after so many ms (default 10000)' },
  json: { type: 'boolean', help: 'print JSON' }
} as const satisfies Record<string, OptionSpec>

const consistency = {
  consistency: { type: 'string', value: 'HOW', help: 'linearizable (default), lease, bounded or stale' }
} as const satisfies Record<string, OptionSpec>

export const commands = {
  start: {
    positionals: [],
    summary: 'run a node that takes part in one or more namespaces',
    options: {
      namespace: { type: 'string', multiple: true, short: 'n', value: 'NS', help: 'take part in this namespace, such as /raft/demo (repeatable)' },
      listen: { type: 'string', multiple: true, short: 'l', value: 'MULTIADDR', help: 'listen here (repeatable; default /ip4/0.0.0.0/tcp/0)' },
      join: { type: 'string', multiple: true, short: 'j', value: 'MULTIADDR', help: 'a node of the mesh to connect to (repeatable; the first node of a mesh needs none)' },
      data: { type: 'string', short: 'd', value: 'DIR', help: 'keep everything here (default ./raftmesh-data)' },
      preset: { type: 'string', value: 'NAME', help: 'timeouts: local, regional (default) or global' },
      'bootstrap-mode': { type: 'string', value: 'MODE', help: 'auto (default), expect, join, force or founders' },
      expect: { type: 'string', value: 'N', help: 'form with exactly N founders, 9 at most (implies --bootstrap-mode expect)' },
      founder: { type: 'string', multiple: true, value: 'PEER', help: 'a founder\'s peer id (repeatable; implies --bootstrap-mode founders)' },
      'bootstrap-timeout': { type: 'string', value: 'MS', help: 'length of the formation phase (default 10000)' },
      'bootstrap-threshold': { type: 'string', value: '0..1', help: 'part of it in which a peer that is seen is a founder (default 0.8)' },
      learner: { type: 'boolean', help: 'stay a learner: follow and read, but never vote' },
      ...keyFile,
      mdns: { type: 'boolean', help: 'look for other nodes on the local network too' },
      json: { type: 'boolean', help: 'print events as JSON lines' }
    }
  },
  set: { positionals: ['NS', 'KEY', 'VALUE'], summary: 'set a key', options: reach },
  get: { positionals: ['NS', 'KEY'], summary: 'print the value of a key (exit code 1 if it has none)', options: { ...consistency, ...reach } },
  del: { positionals: ['NS', 'KEY'], summary: 'delete a key', options: reach },
  keys: {
    positionals: ['NS'],
    summary: 'list keys in order',
    options: {
      prefix: { type: 'string', value: 'PREFIX', help: 'only keys that start with this' },
      after: { type: 'string', value: 'KEY', help: 'only keys after this one' },
      limit: { type: 'string', value: 'N', least: 1, help: 'at most N keys' },
      ...consistency,
      ...reach
    }
  },
  lock: {
    positionals: ['NS', 'NAME'],
    rest: 'CMD',
    summary: 'hold a lock while a command runs, and pass on its exit code',
    options: {
      ...reach,
      ttl: { type: 'string', value: 'MS', help: 'how long the lock outlives us if we are gone without a word (default 10000)' },
      try: { type: 'boolean', help: 'do not wait: exit with 75 if others have the lock' },
      timeout: { type: 'string', value: 'MS', help: 'wait for so long, then exit with 75 (default: for as long as it takes)' },
      grace: { type: 'string', value: 'MS', help: 'if the lock is lost (exit code 76): from SIGTERM for the command to SIGKILL (default 5000)' }
    }
  },
  'cron add': {
    positionals: ['NS', 'NAME'],
    summary: 'add a job, which is run by whoever does "cron run"',
    options: {
      schedule: { type: 'string', short: 's', value: 'CRON', help: 'a cron expression of five fields, or six with seconds in front' },
      every: { type: 'string', value: 'MS', help: 'or so often' },
      at: { type: 'string', value: 'TIME', help: 'or once, such as 2030-01-01T00:00:00Z or 2030-01-01T09:30:00+02:00' },
      'time-zone': { type: 'string', value: 'ZONE', help: 'of the expression, such as Europe/Berlin (default UTC)' },
      delivery: { type: 'string', value: 'HOW', help: 'at-most-once or at-least-once; it must be named' },
      missed: { type: 'string', value: 'HOW', help: 'ticks that nobody was there for: skip (default), once or all' },
      overlap: { type: 'string', value: 'HOW', help: 'a tick while an earlier one runs: skip (default), queue or allow' },
      retries: { type: 'string', value: 'N', help: 'tries after the first, of an at-least-once job (default 5)' },
      backoff: { type: 'string', value: 'MS', help: 'before the first of them, then doubled (default 1000)' },
      'timeout-run': { type: 'string', value: 'MS', help: 'a run that takes longer is told to end, and has failed' },
      history: { type: 'string', value: 'N', help: 'ended runs that are kept (default 20)' },
      input: { type: 'string', value: 'TEXT', help: 'standard input of the command that is run' },
      paused: { type: 'boolean', help: 'do not begin yet' },
      ...reach
    }
  },
  'cron ls': { positionals: ['NS'], summary: 'list jobs', options: reach },
  'cron rm': { positionals: ['NS', 'NAME'], summary: 'remove a job', options: reach },
  'cron pause': { positionals: ['NS', 'NAME'], summary: 'no more runs of a job', options: reach },
  'cron resume': { positionals: ['NS', 'NAME'], summary: 'runs of a job again, from now on', options: reach },
  'cron history': { positionals: ['NS', 'NAME'], summary: 'what became of the runs of a job', options: { limit: { type: 'string', value: 'N', least: 1, help: 'at most N runs (default 100)' }, ...reach } },
  'cron run': {
    positionals: ['NS', 'NAME'],
    rest: 'CMD',
    summary: 'run a command whenever a job is due and given to us; exit code 0 says that it is done',
    options: {
      concurrency: { type: 'string', value: 'N', help: 'commands at once (default 1)' },
      ttl: { type: 'string', value: 'MS', help: 'others take over when we are gone for so long (default 10000)' },
      ...reach
    }
  },
  'queue push': {
    positionals: ['NS', 'NAME', 'VALUE'],
    summary: 'add an item to a queue (- for VALUE: standard input)',
    options: { id: { type: 'string', value: 'ID', help: 'the same id again is the same item' }, ...reach }
  },
  'queue work': {
    positionals: ['NS', 'NAME'],
    rest: 'CMD',
    summary: 'run a command for each item, with its value as standard input; exit code 0 says that it is done',
    options: {
      concurrency: { type: 'string', value: 'N', help: 'commands at once (default 1)' },
      visibility: { type: 'string', value: 'MS', help: 'another worker gets an item when we are gone for so long (default 30000)' },
      backoff: { type: 'string', value: 'MS', help: 'before an item that failed is tried again, twice as many after each attempt (default 1000)' },
      ...reach
    }
  },
  'queue redrive': {
    positionals: ['NS', 'NAME'],
    summary: 'dead letters of a queue back to their places, with no attempts behind them',
    options: { limit: { type: 'string', value: 'N', help: 'the first N of them (default all)' }, ...reach }
  },
  'queue discard': { positionals: ['NS', 'NAME', 'ITEM'], summary: 'remove a dead letter, by its number', options: reach },
  'queue peek': {
    positionals: ['NS', 'NAME'],
    summary: 'list what is next in a queue, without taking it',
    options: { limit: { type: 'string', value: 'N', least: 1, help: 'at most N items (default 10)' }, dead: { type: 'boolean', help: 'its dead letters instead' }, ...reach }
  },
  'queue length': { positionals: ['NS', 'NAME'], summary: 'how many items of a queue are ready, taken and dead', options: reach },
  watch: {
    positionals: ['NS'],
    summary: 'print what changes, as it changes',
    options: {
      prefix: { type: 'string', value: 'PREFIX', help: 'only keys that start with this' },
      from: { type: 'string', value: 'REVISION', help: 'begin with this revision (default: what changes from now on)' },
      ...reach
    }
  },
  members: { positionals: ['NS'], summary: 'list the members of a namespace', options: reach },
  keygen: {
    positionals: [],
    summary: 'make an encryption key for a namespace',
    options: { out: { type: 'string', short: 'o', value: 'FILE', help: 'write it to a new file that only its owner can read (default: print it)' } }
  },
  status: { positionals: ['NS'], summary: 'how one member of a namespace stands', options: reach }
} as const satisfies Record<string, CommandSpec>

export type CommandName = keyof typeof commands

export interface Parsed {
  readonly command: CommandName
  readonly positionals: readonly string[]
  /** Behind `--`. */
  readonly rest: readonly string[]
  readonly text: (name: string) => string | undefined
  readonly list: (name: string) => string[]
  readonly flag: (name: string) => boolean
  /** Throws UsageError unless the option is absent or a number, and no less than its least. */
  readonly number: (name: string) => number | undefined
}

/** `help`: on a command, on a group of them such as `cron`, or on all. */
export function parseCommand (argv: readonly string[]): Parsed | { help: string | undefined } | { version: true } {
  const [name, rest] = takeName(argv)
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const [topic] = takeName(rest)
    if (topic !== undefined && !isCommand(topic) && subcommands(topic).length === 0) throw unknown(topic)
    return { help: topic }
  }
  if (name === '--version' || name === '-v') return { version: true }
  if (!isCommand(name)) {
    if (['--help', '-h'].includes(rest[0] ?? '') && subcommands(name).length > 0) return { help: name }
    throw unknown(name, rest[0])
  }

  const spec: CommandSpec = commands[name]
  const [own, behind] = spec.rest === undefined ? [rest, []] : splitAt(rest, '--')
  const { values, positionals } = parse(name, spec, own)
  if (values.help === true) return { help: name }
  if (spec.rest !== undefined && behind.length === 0) throw new UsageError(`${name} needs "-- ${spec.rest}" at its end`, name)
  if (positionals.length !== spec.positionals.length) {
    throw new UsageError(`${name} takes ${spec.positionals.length === 0 ? 'no arguments' : spec.positionals.join(' ')}, got ${positionals.length} argument${positionals.length === 1 ? '' : 's'}`, name)
  }
  return {
    command: name,
    positionals,
    rest: behind,
    text: option => values[option] as string | undefined,
    list: option => (values[option] as string[] | undefined) ?? [],
    flag: option => values[option] === true,
    number: option => toNumber(values[option] as string | undefined, option, name, spec.options[option]?.least)
  }
}

function parse (name: CommandName, spec: CommandSpec, argv: string[]): { values: Record<string, unknown>, positionals: string[] } {
  const options = Object.fromEntries(Object.entries({ ...spec.options, help: { type: 'boolean', short: 'h', help: '' } satisfies OptionSpec })
    .map(([key, { type, multiple, short }]: [string, OptionSpec]) => [key, { type, ...(multiple === true ? { multiple } : {}), ...(short === undefined ? {} : { short }) }]))
  try {
    return parseArgs({ args: argv, options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new UsageError(inOneLine((error as Error).message, spec), name)
  }
}

/** parseArgs' own messages run on, over several lines, with advice that is not all true here. */
function inOneLine (message: string, { rest, positionals }: CommandSpec): string {
  const [told = ''] = message.split(/[.\n]/)
  const ambiguous = /^Option '(?:-\w, )?(--[\w-]+)[^']*' argument is ambiguous/.exec(told)
  if (ambiguous !== null) return `${ambiguous[1]} has a value that begins with a dash: write it as ${ambiguous[1]}=VALUE`
  // Behind a --, of a command that has no other use for it.
  return rest === undefined && positionals.length > 1 && told.startsWith('Unknown option') ? `${told}: ${DASHES}` : told
}

function toNumber (value: string | undefined, option: string, command: CommandName, least = -Infinity): number | undefined {
  if (value === undefined) return undefined
  const number = Number(value)
  if (value.trim() === '' || !Number.isFinite(number)) throw new UsageError(`--${option} must be a number, got "${value}"`, command)
  if (number < least) throw new UsageError(`--${option} must be at least ${least}, got ${value}`, command)
  return number
}

/** Of one word, or of two. */
function takeName (argv: readonly string[]): [string | undefined, string[]] {
  const two = argv.slice(0, 2).join(' ')
  return isCommand(two) ? [two, argv.slice(2)] : [argv[0], argv.slice(1)]
}

/** Of a group of commands. */
function subcommands (group: string): CommandName[] {
  return (Object.keys(commands) as CommandName[]).filter(name => name.startsWith(`${group} `))
}

function unknown (name: string, sub?: string): UsageError {
  const all = subcommands(name)
  if (all.length === 0) return new UsageError(`There is no command "${name}"`)
  const what = sub === undefined || sub.startsWith('-') ? `${name} is several commands` : `There is no command "${name} ${sub}"`
  return new UsageError(`${what}: there are ${all.join(', ')}`, name)
}

function isCommand (name: string): name is CommandName {
  return Object.hasOwn(commands, name)
}

export function helpText (topic?: string): string {
  return topic !== undefined && isCommand(topic) ? helpOn(topic) : overview(topic)
}

const DASHES = 'an argument that begins with a dash goes behind --, such as: raftmesh set NS KEY -- -1'

/** Of all commands, or of a group. */
function overview (group: string | undefined): string {
  const names = group === undefined ? Object.keys(commands) as CommandName[] : subcommands(group)
  const width = Math.max(...names.map(name => usage(name, commands[name]).length))
  return [
    'raftmesh: peer-to-peer, namespaced consensus', '',
    'Usage:',
    ...names.map(name => `  raftmesh ${usage(name, commands[name]).padEnd(width)}   ${commands[name].summary}`), '',
    'raftmesh help COMMAND (or COMMAND --help) lists its options.',
    `${DASHES[0]?.toUpperCase()}${DASHES.slice(1)}`,
    'Exit codes: 0 done, 1 failed (get: or there is no value), 2 wrong use. lock: that of its command; 75 not free, 76 lost, 127 no such command.',
    'With --json, an error is a line of JSON on standard error.'
  ].join('\n')
}

function helpOn (command: CommandName): string {
  const spec: CommandSpec = commands[command]
  const rows = Object.entries(spec.options).map(([name, option]) => [`${option.short === undefined ? '    ' : `-${option.short}, `}--${name}${option.value === undefined ? '' : ` ${option.value}`}`, option.help])
  const width = Math.max(...rows.map(([left]) => left?.length ?? 0))
  return [
    `raftmesh ${usage(command, spec, ['[options]'])}: ${spec.summary}`, '',
    'Options:',
    ...rows.map(([left = '', right]) => `  ${left.padEnd(width)}   ${right}`)
  ].join('\n')
}

function usage (name: string, spec: CommandSpec, options: readonly string[] = []): string {
  return [name, ...spec.positionals, ...options, ...(spec.rest === undefined ? [] : ['--', spec.rest])].join(' ')
}

function splitAt (argv: readonly string[], mark: string): [string[], string[]] {
  const at = argv.indexOf(mark)
  return at === -1 ? [[...argv], []] : [argv.slice(0, at), argv.slice(at + 1)]
}
