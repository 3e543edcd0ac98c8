import { describe, expect, it } from 'vitest'
import { commands, helpText, parseCommand, UsageError } from '../../src/cli/args.js'
import { joinOptions } from '../../src/cli/start.js'
import { resolveJoinOptions } from '../../src/service/options.js'
import type { CommandName, Parsed } from '../../src/cli/args.js'

const parse = (...argv: string[]): Parsed => {
  const parsed = parseCommand(argv)
  if (!('command' in parsed)) throw new Error('not a command')
  return parsed
}

describe('parseCommand', () => {
  it('takes what the commands need', () => {
    const parsed = parse('set', '/raft/demo', 'colour', 'green', '--peer', '/ip4/1.2.3.4/tcp/5', '--peer', '/ip4/1.2.3.5/tcp/5', '--json')
    expect(parsed.command).toBe('set')
    expect(parsed.positionals).toEqual(['/raft/demo', 'colour', 'green'])
    expect(parsed.list('peer')).toEqual(['/ip4/1.2.3.4/tcp/5', '/ip4/1.2.3.5/tcp/5'])
    expect(parsed.flag('json')).toBe(true)
    expect(parsed.text('data')).toBeUndefined()
  })

  it('takes a value that looks like an option after --', () => {
    expect(parse('set', '/raft/demo', 'k', '--', '--v').positionals).toEqual(['/raft/demo', 'k', '--v'])
  })

  it('leaves what is behind -- of a lock to its command', () => {
    const parsed = parse('lock', '/raft/demo', 'backup', '--ttl', '500', '--', 'tar', '--try', '--', '-x')
    expect(parsed.positionals).toEqual(['/raft/demo', 'backup'])
    expect(parsed.rest).toEqual(['tar', '--try', '--', '-x'])
    expect(parsed.flag('try')).toBe(false)
    expect(helpText('lock')).toContain('raftmesh lock NS NAME [options] -- CMD')
  })

  it.each([
    [['lock', '/raft/demo', 'backup'], /lock needs "-- CMD" at its end/],
    [['lock', '/raft/demo', 'backup', '--'], /lock needs "-- CMD" at its end/],
    [['strat'], /no command "strat"/],
    [['set', '/raft/demo', 'k'], /set takes NS KEY VALUE, got 2 arguments/],
    [['get', '/raft/demo', 'k', 'more'], /got 3 arguments/],
    [['start', 'x'], /takes no arguments/],
    [['get', '/raft/demo', 'k', '--colour'], /--colour/],
    [['start', '--data'], /--data/],
    [['help', 'strat'], /no command/],
    [['cron'], /cron is several commands: there are cron add, cron ls/],
    [['cron', '--json'], /cron is several commands/],
    [['cron', 'foo'], /no command "cron foo": there are cron add, cron ls/],
    [['queue', 'pop', '/raft/demo', 'q'], /no command "queue pop": there are queue push, queue work/],
    [['set', '/raft/demo', 'k', '-1'], /^Unknown option '-1': .* goes behind --, such as: raftmesh set NS KEY -- -1$/],
    [['lock', '/raft/demo', 'n', '-1', '--', 'true'], /^Unknown option '-1'$/],
    [['get', '/raft/demo', 'k', '--timeout', '-5'], /^--timeout has a value that begins with a dash: write it as --timeout=VALUE$/]
  ])('refuses %j', (argv, message) => {
    expect(() => parseCommand(argv)).toThrow(UsageError)
    expect(() => parseCommand(argv)).toThrow(message)
  })

  it('refuses a number that is none, and says where', () => {
    const parsed = parse('keys', '/raft/demo', '--limit', 'many')
    expect(() => parsed.number('limit')).toThrow('--limit must be a number, got "many"')
    expect(parse('keys', '/raft/demo', '--limit', '12').number('limit')).toBe(12)
    expect(() => parse('keys', '/raft/demo', '--limit', '0').number('limit')).toThrow('--limit must be at least 1, got 0')
    expect(() => parse('get', '/raft/demo', 'k', '--timeout=-5').number('timeout')).toThrow('--timeout must be at least 1, got -5')
  })

  it('gives help for all, and for each command', () => {
    expect(parseCommand([])).toEqual({ help: undefined })
    expect(parseCommand(['--help'])).toEqual({ help: undefined })
    expect(parseCommand(['help', 'get'])).toEqual({ help: 'get' })
    expect(parseCommand(['get', '-h'])).toEqual({ help: 'get' })
    expect(parseCommand(['--version'])).toEqual({ version: true })
    for (const asked of [['help', 'cron'], ['cron', '--help']]) expect(parseCommand(asked)).toEqual({ help: 'cron' })
    expect(helpText('cron')).toContain('raftmesh cron add')
    expect(helpText('cron')).not.toContain('raftmesh get')
    for (const code of [0, 1, 2, 75, 76, 127]) expect(helpText()).toMatch(new RegExp(`Exit codes: .*\\b${code}\\b`))
    for (const name of Object.keys(commands) as CommandName[]) {
      expect(helpText()).toContain(`raftmesh ${name}`)
      for (const option of Object.keys(commands[name].options)) expect(helpText(name)).toContain(`--${option}`)
    }
  })
})

describe('start', () => {
  it('turns its options into those of join', () => {
    const options = joinOptions(parse('start', '-n', '/raft/a', '--preset', 'local', '--expect', '3', '--bootstrap-timeout', '2000', '--bootstrap-threshold', '0.5'))
    expect(resolveJoinOptions(options)).toMatchObject({ bootstrap: { mode: 'expect', expect: 3, timeout: 2_000, threshold: 0.5 }, role: 'voter', timings: { heartbeatMs: 50 } })
    expect(resolveJoinOptions(joinOptions(parse('start', '-n', '/raft/a'))).bootstrap.mode).toBe('auto')
    expect(resolveJoinOptions(joinOptions(parse('start', '-n', '/raft/a', '--learner', '--bootstrap-mode', 'join')))).toMatchObject({ role: 'learner', bootstrap: { mode: 'join' } })
  })

  it('leaves nonsense to the checks of join', () => {
    expect(() => resolveJoinOptions(joinOptions(parse('start', '-n', '/raft/a', '--preset', 'lunar')))).toThrow(/preset/)
    expect(() => resolveJoinOptions(joinOptions(parse('start', '-n', '/raft/a', '--founder', 'bob')))).toThrow(/not a peer id/)
    expect(() => resolveJoinOptions(joinOptions(parse('start', '-n', '/raft/a', '--bootstrap-mode', 'join', '--expect', '3')))).toThrow(/bootstrap.expect/)
  })
})
