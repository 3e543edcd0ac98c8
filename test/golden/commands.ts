import type { Configuration, MemberChange, Message, Proposed, RaftOptions } from '../../src/raft/types.js'
import { formatConfiguration, formatEntry, formatMessage, formatProgress } from './format.js'
import type { GoldenGroup} from './group.js';
import { GoldenNode } from './group.js'
import { expectOptions, parseCommand, ScriptError } from './script.js'
import type { Command } from './script.js'

/** A safeguard against two members that answer each other for ever. */
const MAX_ROUNDS = 200

type Handler = (group: GoldenGroup, command: Command, print: (line: string) => void) => void

/**
 * The language. Members are named 1, 2, 3, …
 *
 *   add-nodes 1 2 3 [voters=(1,2,3)] [learners=(4)] [terms=(1,1,2)] [term=2] [vote=1] [commit=1] [election=10] [heartbeat=2] [lease=yes] [max-append=…] …
 *   campaign 1 [force]              tick 1 [times]                    timeout 1 ticks
 *   propose 1 a b                   change 1 v4 l5 r2 [expect=1]      transfer 1 [2]          read 1 context [lease]
 *   process-ready [1 2]             stabilize [1 2] [quiet]           messages
 *   deliver / drop [from=1] [to=2] [type=append]                      replay: deliver, and keep a copy under way
 *   hold 1                          land 1 [writes]                   release 1               restart 1
 *   compact 1 index [trailing]      send-snapshot 1 2                 snapshot-failed 1 2     fetch 1
 *   unreachable 1 2                 reachable 1 2                     quiesce 1               wake 1          step-down 1
 *   status [1 2]                    progress 1                        log [1 2]
 */
const handlers: Record<string, Handler> = {
  'add-nodes': (group, command) => {
    expectOptions(command, 'voters', 'learners', 'terms', 'term', 'vote', 'commit', ...Object.keys(coreOptions))
    const setup = {
      configuration: configurationOf(command),
      terms: (command.options.get('terms') ?? []).map(Number),
      term: number(command, 'term', Math.max(1, ...(command.options.get('terms') ?? []).map(Number))),
      vote: command.options.get('vote')?.[0],
      commit: number(command, 'commit', 1),
      options: optionsOf(command)
    }
    for (const id of command.args) group.nodes.set(id, new GoldenNode(id, setup))
  },
  'campaign': (group, { args }) => group.node(args[0]).raft.campaign(args[1] !== 'force'),
  'tick': (group, { args }) => {
    const node = group.node(args[0])
    for (let i = 0; i < Number(args[1] ?? 1); i++) node.raft.tick(node.now += 10)
  },
  'timeout': (group, { args }) => { group.node(args[0]).timeout = Number(args[1]) },
  'propose': (group, { args }, print) => {
    const [id, ...values] = args
    print(formatProposed(group.node(id).raft.propose(values.map(v => new TextEncoder().encode(v)), 0)))
  },
  'change': (group, command, print) => {
    expectOptions(command, 'expect')
    const [id, ...changes] = command.args
    const expected = command.options.has('expect') ? number(command, 'expect', 0) : undefined
    print(formatProposed(group.node(id).raft.changeMembers(changes.map(parseChange), 0, expected)))
  },
  'transfer': (group, { args }, print) => {
    const result = group.node(args[0]).raft.transfer(args[1])
    print(result.ok ? 'ok' : `refused: ${result.reason}: ${result.detail}`)
  },
  'read': (group, { args }) => {
    const node = group.node(args[0])
    node.raft.readIndex(Number(args[1]), node.now, args[2] === 'lease')
  },
  'process-ready': (group, { args }, print) => {
    for (const node of named(group, args)) processReady(group, node, print)
  },
  'stabilize': (group, { args }, print) => {
    const quiet = args.at(-1) === 'quiet'
    stabilize(group, named(group, quiet ? args.slice(0, -1) : args), quiet ? () => {} : print)
  },
  'messages': (group, _command, print) => {
    for (const message of group.messages) print(formatMessage(message))
  },
  'deliver': (group, command, print) => {
    for (const message of group.take(matcher(command))) deliver(group, message, print)
  },
  'replay': (group, command, print) => {
    for (const message of group.messages.filter(matcher(command))) deliver(group, message, print)
  },
  'drop': (group, command, print) => {
    for (const message of group.take(matcher(command))) print(`dropped ${formatMessage(message)}`)
  },
  'hold': (group, { args }) => { group.node(args[0]).hold = true },
  'land': (group, { args }, print) => {
    const node = group.node(args[0])
    const messages = node.land(Number(args[1] ?? node.writes.length))
    for (const message of messages) print(`send ${formatMessage(message)}`)
    group.send(messages)
  },
  'release': (group, { args }) => {
    const node = group.node(args[0])
    node.hold = false
    group.send(node.land(node.writes.length))
  },
  'restart': (group, { args }) => group.node(args[0]).start(),
  'compact': (group, { args }, print) => print(`the log now starts after ${group.node(args[0]).compact(Number(args[1]), Number(args[2] ?? 0))}`),
  'send-snapshot': (group, { args }) => {
    const [from, to] = [group.node(args[0]), group.node(args[1])]
    const meta = from.disk.snapshot
    if (meta === undefined) throw new ScriptError(`${from.id} has no snapshot: compact first`)
    to.raft.step({ type: 'install-snapshot', from: from.id, to: to.id, term: from.raft.term, meta })
    from.raft.snapshotSent(to.id, meta.index)
  },
  'snapshot-failed': (group, { args }) => group.node(args[0]).raft.snapshotFailed(args[1]),
  'fetch': (group, { args }, print) => {
    const node = group.node(args[0])
    for (const { to, from } of node.fetches.splice(0)) {
      const entries = from > node.disk.prevIndex ? node.disk.entries.slice(from - node.disk.prevIndex - 1) : []
      print(`read ${entries.length} entries from ${from} for ${to}`)
      node.raft.fetched(to, from, entries)
    }
  },
  'unreachable': (group, { args }) => group.node(args[0]).raft.unreachable(args[1]),
  'reachable': (group, { args }) => group.node(args[0]).raft.reachable(args[1]),
  'quiesce': (group, { args }, print) => {
    const { raft } = group.node(args[0])
    if (raft.canQuiesce()) raft.quiesce()
    else print('cannot')
  },
  'wake': (group, { args }) => group.node(args[0]).raft.wake(),
  'step-down': (group, { args }) => group.node(args[0]).raft.stepDown(),
  'status': (group, { args }, print) => {
    for (const { id, raft } of named(group, args)) {
      const s = raft.status()
      print(`${id}: ${s.role} term ${s.term} vote ${s.vote ?? 'none'} leader ${s.leader ?? 'none'} log ${s.firstIndex}..${s.lastIndex} stored ${s.storedIndex} commit ${s.commit} applied ${s.applied} ` +
        formatConfiguration(s.configuration) + (s.configurationPending ? ' pending' : '') + (s.transferTarget === undefined ? '' : ` transferring to ${s.transferTarget}`) + (s.quiesced ? ' quiesced' : ''))
    }
  },
  'progress': (group, { args }, print) => {
    for (const progress of group.node(args[0]).raft.status().progress) print(formatProgress(progress))
  },
  'log': (group, { args }, print) => {
    for (const { id, image } of named(group, args)) {
      print(`${id}: ${image.prevIndex > 0 ? `after ${image.prevIndex}/${image.prevTerm}: ` : ''}${image.entries.map(formatEntry).join(', ')}`.trimEnd())
    }
  }
}

/** Runs the commands of one block and returns what they print. */
export function runBlock (group: GoldenGroup, commands: readonly string[]): string {
  const lines: string[] = []
  for (const line of commands) {
    const command = parseCommand(line)
    const handler = handlers[command.name]
    if (handler === undefined) throw new ScriptError(`there is no command "${command.name}"`)
    try {
      handler(group, command, text => lines.push(text))
    } catch (error) {
      throw new ScriptError(`"${line}": ${(error as Error).message}`, { cause: error })
    }
  }
  return lines.length === 0 ? 'ok' : lines.join('\n')
}

function processReady (group: GoldenGroup, node: GoldenNode, print: (line: string) => void): void {
  while (node.raft.hasReady()) {
    const { lines, messages } = node.processReady()
    if (lines.length > 0) print(`> ${node.id} ready`)
    for (const line of lines) print(`  ${line}`)
    group.send(messages)
  }
}

function deliver (group: GoldenGroup, message: Message, print: (line: string) => void): void {
  print(`< ${formatMessage(message)}`)
  group.node(message.to).raft.step(message)
}

/** Readies and deliveries among these nodes, in turn, until nothing moves. */
function stabilize (group: GoldenGroup, nodes: readonly GoldenNode[], print: (line: string) => void): void {
  const among = new Set(nodes.map(n => n.id))
  for (let round = 0; round < MAX_ROUNDS; round++) {
    for (const node of nodes) processReady(group, node, print)
    const messages = group.take(m => among.has(m.to) && among.has(m.from))
    for (const message of messages) deliver(group, message, print)
    if (messages.length === 0 && !nodes.some(n => n.raft.hasReady())) return
  }
  throw new ScriptError(`no rest after ${MAX_ROUNDS} rounds`)
}

function named (group: GoldenGroup, ids: readonly string[]): GoldenNode[] {
  return ids.length === 0 ? group.sorted() : ids.map(id => group.node(id))
}

function matcher (command: Command): (message: Message) => boolean {
  expectOptions(command, 'from', 'to', 'type')
  const { options } = command
  return m => (['from', 'to', 'type'] as const).every(field => options.get(field)?.includes(m[field]) ?? true)
}

function number (command: Command, name: string, otherwise: number): number {
  const value = command.options.get(name)
  if (value === undefined) return otherwise
  if (!/^\d+$/.test(value[0])) throw new ScriptError(`${name}=${value[0]} is no number`)
  return Number(value[0])
}

function formatProposed (result: Proposed): string {
  return result.ok ? `ok at ${result.index}/${result.term}` : `refused: ${result.reason}: ${result.detail}`
}

/** `v4`: add or promote a voter; `l4`: add a learner or demote; `r4`: remove. */
function parseChange (text: string): MemberChange {
  const member = text.slice(1)
  switch (text[0]) {
    case 'v': return { op: 'add-voter', member }
    case 'l': return { op: 'add-learner', member }
    case 'r': return { op: 'remove', member }
    default: throw new ScriptError(`"${text}" is no change: v, l or r and a member`)
  }
}

function configurationOf (command: Command): Configuration | undefined {
  const voters = command.options.get('voters')
  return voters === undefined ? undefined : { voters, outgoing: [], learners: command.options.get('learners') ?? [], learnersNext: [] }
}

const coreOptions: Record<string, keyof RaftOptions> = {
  'election': 'electionTicks',
  'heartbeat': 'heartbeatTicks',
  'max-append': 'maxAppendBytes',
  'max-inflight': 'maxInflight',
  'max-inflight-bytes': 'maxInflightBytes',
  'max-uncommitted': 'maxUncommittedBytes',
  'max-committed': 'maxCommittedBytes',
  'max-cached': 'maxCachedBytes',
  'lease-ms': 'leaseMs',
  'lease': 'leaseReads'
}

function optionsOf (command: Command): Partial<RaftOptions> {
  const out: Record<string, number | boolean> = {}
  for (const [name, option] of Object.entries(coreOptions)) {
    if (command.options.has(name)) out[option] = option === 'leaseReads' ? command.options.get(name)?.[0] === 'yes' : number(command, name, 0)
  }
  return out
}
