import { multiaddr } from '@multiformats/multiaddr'
import { InvalidArgumentError } from '../errors.js'
import { checkNamespace } from '../service/validate.js'
import { keyRing } from './keys.js'
import { DEFAULT_DATA_DIR, readNodeFile } from './node-file.js'
import { asText, inLine, table, toJson } from './output.js'
import { runWatch } from './watch.js'
import type { Client, ClusterStats, Consistency, RemoteMembers } from '../service/api.js'
import type { CommandName, Parsed } from './args.js'
import type { Output } from './output.js'
import type { Multiaddr } from '@multiformats/multiaddr'

type ClientCommand = Exclude<CommandName, 'start' | 'keygen'>

/** Runs one command against a running node; returns the exit code. */
export async function runClientCommand (parsed: Parsed, { signal, output }: { signal: AbortSignal, output: Output }): Promise<number> {
  const [namespace] = parsed.positionals
  checkNamespace(namespace)
  // For a lock, it says how long to wait for others.
  const request = (parsed.command === 'lock' ? undefined : parsed.number('timeout')) ?? 10_000
  const encryptionKey = await keyRing(parsed)
  const peers = await targets(parsed)
  const { createNode } = await import('../service/create-node.js')
  // No directory and no listening: a guest that leaves nothing behind.
  await using node = await createNode({ signal })
  await using client = node.client(namespace, { peers, timeouts: { request }, encryptionKey })
  return await handlers[parsed.command as ClientCommand](client, parsed, { signal, output, json: parsed.flag('json') })
}

async function targets (parsed: Parsed): Promise<Multiaddr[]> {
  const named = parsed.list('peer')
  const addresses = named.length > 0 ? named : (await readNodeFile(parsed.text('data') ?? DEFAULT_DATA_DIR)).addresses
  return addresses.map(address => {
    try {
      return multiaddr(address)
    } catch (cause) {
      throw new InvalidArgumentError(`"${address}" is not a multiaddr such as /ip4/127.0.0.1/tcp/4001/p2p/<peer id>`, { cause })
    }
  })
}

interface Context { readonly signal: AbortSignal, readonly output: Output, readonly json: boolean }
type Handler = (client: Client, parsed: Parsed, context: Context) => Promise<number>

const handlers: Readonly<Record<ClientCommand, Handler>> = {
  set: async (client, { positionals: [, key = '', value = ''] }, { signal, output, json }) => {
    const { revision } = await client.set(key, value, { signal })
    output.out(json ? toJson({ key, revision }) : `set ${key} at revision ${revision}`)
    return 0
  },

  get: async (client, parsed, { signal, output, json }) => {
    const key = parsed.positionals[1] ?? ''
    const value = await client.get(key, { signal, consistency: parsed.text('consistency') as Consistency | undefined })
    if (value === undefined) {
      if (json) output.out(toJson({ key, value: null }))
      else output.err(`${key} has no value`)
      return 1
    }
    output.out(json ? toJson({ key, ...asText('value', value) }) : Buffer.from(value).toString())
    return 0
  },

  del: async (client, { positionals: [, key = ''] }, { signal, output, json }) => {
    const { revision, deleted } = await client.delete(key, { signal })
    output.out(json ? toJson({ key, revision, deleted }) : deleted === 0 ? `${inLine(key)} was not there` : `deleted ${inLine(key)} at revision ${revision}`)
    return 0
  },

  watch: runWatch,

  keys: async (client, parsed, { signal, output, json }) => {
    const keys = await client.keys({
      signal,
      prefix: parsed.text('prefix'),
      after: parsed.text('after'),
      limit: parsed.number('limit'),
      consistency: parsed.text('consistency') as Consistency | undefined
    })
    if (json) output.out(toJson(keys))
    else for (const key of keys) output.out(inLine(key))
    return 0
  },

  'cron add': async (client, parsed, context) => await (await import('./cron.js')).addJob(client, parsed, context),
  'cron ls': async (client, parsed, context) => await (await import('./cron.js')).listJobs(client, parsed, context),
  'cron rm': async (client, parsed, context) => await (await import('./cron.js')).removeJob(client, parsed, context),
  'cron pause': async (client, parsed, context) => await (await import('./cron.js')).pauseJob(client, parsed, context),
  'cron resume': async (client, parsed, context) => await (await import('./cron.js')).resumeJob(client, parsed, context),
  'cron history': async (client, parsed, context) => await (await import('./cron.js')).jobHistory(client, parsed, context),
  'cron run': async (client, parsed, context) => await (await import('./cron.js')).runJob(client, parsed, context),
  'queue push': async (client, parsed, context) => await (await import('./queue.js')).pushItem(client, parsed, context),
  'queue work': async (client, parsed, context) => await (await import('./queue.js')).workOn(client, parsed, context),
  'queue redrive': async (client, parsed, context) => await (await import('./queue.js')).redriveItems(client, parsed, context),
  'queue discard': async (client, parsed, context) => await (await import('./queue.js')).discardItem(client, parsed, context),
  'queue peek': async (client, parsed, context) => await (await import('./queue.js')).peekItems(client, parsed, context),
  'queue length': async (client, parsed, context) => await (await import('./queue.js')).queueLength(client, parsed, context),

  lock: async (client, parsed, context) => await (await import('./lock.js')).runLock(client, parsed, context),

  members: async (client, _parsed, { signal, output, json }) => {
    const answer = await client.members({ signal })
    output.out(json ? toJson(plainMembers(answer)) : membersText(client.namespace, answer))
    return 0
  },

  status: async (client, _parsed, { signal, output, json }) => {
    const stats = await client.stats({ signal })
    output.out(json ? toJson(stats) : statusText(stats))
    return 0
  }
}

function plainMembers ({ members, leader, ...rest }: RemoteMembers): object {
  return {
    ...rest,
    leader: leader?.toString() ?? null,
    members: members.map(({ peer, addresses, ...member }) => ({ peer: peer.toString(), ...member, addresses: addresses.map(String) }))
  }
}

function membersText (namespace: string, { members, leader, term, clusterId, provisional }: RemoteMembers): string {
  const rows = members.map(({ peer, voter, incarnation, addresses }) => [
    peer.toString(), voter ? 'voter' : 'learner', leader?.equals(peer) === true ? 'leader' : '', incarnation, addresses.map(String).join(' ')
  ])
  return [
    `${namespace}   cluster ${clusterId.slice(0, 16)}   term ${term}${provisional ? '   provisional' : ''}`,
    table([['PEER', 'ROLE', '', 'INCARNATION', 'ADDRESSES'], ...rows])
  ].join('\n')
}

function statusText (stats: ClusterStats): string {
  const { namespace, clusterId, state, term, leader, commitIndex, appliedIndex, firstIndex, lastIndex, logBytes, progress, provisional } = stats
  const lines = [
    table([
      ['namespace', namespace],
      ['cluster', `${clusterId}${provisional ? ' (provisional)' : ''}`],
      ['state', `${state}, term ${term}`],
      ['leader', leader ?? 'none'],
      ['log', `${firstIndex} to ${lastIndex}, ${logBytes} bytes`],
      ['committed', String(commitIndex)],
      ['applied', String(appliedIndex)]
    ])
  ]
  const followers = progress.filter(({ peer }) => peer !== leader)
  if (followers.length > 0) {
    lines.push('', table([['FOLLOWER', 'HAS', 'STATE', 'ACTIVE'], ...followers.map(p => [p.peer, String(p.match), p.state, p.active ? 'yes' : 'no'])]))
  }
  return lines.join('\n')
}
