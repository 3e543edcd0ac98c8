import type { Entry, Message, Ready } from '../../src/raft/types.js'
import type { NodeView } from './oracle.js'

const short = (entries: readonly Entry[]): string => `[${entries.map(e => `${e.index}/${e.term}${e.kind[0]}`).join(' ')}]`

/** One line for a ready. */
export function describe (node: NodeView, ready: Ready): string {
  const { soft, write, committed, messages, reads, configuration, fetches, snapshots } = ready
  const parts: string[] = []
  if (soft !== undefined) parts.push(`${soft.role} term ${soft.term} leader ${soft.leader ?? 'none'}`)
  if (configuration !== undefined) parts.push(`configuration ${configuration.index}${configuration.committed ? ' committed' : ''} ${JSON.stringify(configuration.configuration)}`)
  if (write !== undefined) {
    const { snapshot, entries, hardState, ack, mustSync } = write
    parts.push([
      mustSync ? 'write' : 'write lazily',
      snapshot !== undefined && `snapshot ${snapshot.index}`,
      entries.length > 0 && short(entries),
      hardState !== undefined && `term ${hardState.term} vote ${hardState.vote ?? 'none'} commit ${hardState.commit}`,
      `ack ${ack.term}/${ack.lastIndex}/${ack.generation}`,
      write.messages.length > 0 && `then ${write.messages.map(show).join(', ')}`
    ].filter(part => part !== false).join(' '))
  }
  if (messages.length > 0) parts.push(`send ${messages.map(show).join(', ')}`)
  if (committed.length > 0) parts.push(`committed ${committed[0].index}..${committed[committed.length - 1].index}`)
  if (reads.length > 0) parts.push(`reads ${JSON.stringify(reads)}`)
  if (fetches.length > 0) parts.push(`fetches ${JSON.stringify(fetches)}`)
  if (snapshots.length > 0) parts.push(`snapshots for ${snapshots.join(',')}`)
  return `${node.id} (term ${node.raft.term} commit ${node.raft.commit}) ${parts.join('; ')}`
}

export function show (message: Message): string {
  const { type, from, to, term, ...rest } = message
  const fields = Object.entries(rest).map(([name, value]: [string, unknown]) =>
    `${name}=${Array.isArray(value) ? short(value as Entry[]) : typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
  return [type, `${from}->${to}`, `T${term}`, ...fields].join(' ')
}
