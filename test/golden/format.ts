import { decodeConfiguration } from '../../src/raft/configuration.js'
import type { Configuration, Entry, Message, ProgressView, Ready, SoftState, StorageWrite } from '../../src/raft/types.js'

export function formatConfiguration ({ voters, outgoing, learners, learnersNext }: Configuration): string {
  const halves = outgoing.length > 0 ? `voters=(${voters.join(',')})&(${outgoing.join(',')})` : `voters=(${voters.join(',')})`
  return halves + (learners.length > 0 ? ` learners=(${learners.join(',')})` : '') + (learnersNext.length > 0 ? ` learners-next=(${learnersNext.join(',')})` : '')
}

/** `index/term what`. */
export function formatEntry ({ index, term, kind, data }: Entry): string {
  const what = kind === 'command' ? JSON.stringify(new TextDecoder().decode(data)) : kind === 'config' ? formatConfiguration(decodeConfiguration(data)) : kind
  return `${index}/${term} ${what}`
}

export function formatEntries (entries: readonly Entry[]): string {
  return `[${entries.map(formatEntry).join(', ')}]`
}

export function formatMessage (m: Message): string {
  const head = `${m.from}->${m.to} ${m.type} T${m.term}`
  switch (m.type) {
    case 'pre-vote': return `${head} log ${m.lastIndex}/${m.lastTerm}`
    case 'vote': return `${head} log ${m.lastIndex}/${m.lastTerm}${m.transfer ? ' transfer' : ''}`
    case 'pre-vote-reply':
    case 'vote-reply': return `${head} ${m.granted ? 'granted' : 'refused'}`
    case 'append': return `${head} prev ${m.prevIndex}/${m.prevTerm} commit ${m.commit}${m.entries.length > 0 ? ` ${formatEntries(m.entries)}` : ''}`
    case 'append-reply': return m.rejected ? `${head} rejected ${m.index} hint ${m.hintIndex}/${m.hintTerm}` : `${head} index ${m.index}`
    case 'heartbeat': return `${head} commit ${m.commit} read ${m.read}`
    case 'heartbeat-reply': return `${head} read ${m.read}`
    case 'install-snapshot': return `${head} ${m.meta.index}/${m.meta.term} ${formatConfiguration(m.meta.configuration)} of ${m.meta.configurationIndex}`
    case 'timeout-now': return head
    case 'read-index': return `${head} context ${m.context}`
    case 'read-index-reply': return `${head} context ${m.context} ${m.refused ? 'refused' : `index ${m.index}`}`
    case 'commit':
    case 'quiesce': return `${head} commit ${m.commit}`
    default: throw new Error('a message of a type that the scripts do not know')
  }
}

function formatSoft ({ role, term, leader }: SoftState): string {
  return `${role} of term ${term}, leader ${leader ?? 'none'}`
}

function formatWrite ({ snapshot, entries, hardState, mustSync }: StorageWrite): string {
  const parts: string[] = []
  if (snapshot !== undefined) parts.push(`snapshot ${snapshot.index}/${snapshot.term} ${formatConfiguration(snapshot.configuration)} of ${snapshot.configurationIndex}`)
  if (entries.length > 0) parts.push(formatEntries(entries))
  if (hardState !== undefined) parts.push(`term ${hardState.term} vote ${hardState.vote ?? 'none'} commit ${hardState.commit}`)
  return `${mustSync ? 'save' : 'save later'} ${parts.length === 0 ? 'nothing' : parts.join('; ')}`
}

/** What one ready asks for, a line for each thing. */
export function formatReady (ready: Ready): string[] {
  const { soft, configuration, write, messages, committed, reads, fetches, snapshots } = ready
  const lines: string[] = []
  if (soft !== undefined) lines.push(formatSoft(soft))
  if (configuration !== undefined) lines.push(`configuration ${formatConfiguration(configuration.configuration)} of ${configuration.index}${configuration.committed ? ', committed' : ''}`)
  if (write !== undefined) {
    lines.push(formatWrite(write))
    for (const message of write.messages) lines.push(`then ${formatMessage(message)}`)
  }
  for (const message of messages) lines.push(`send ${formatMessage(message)}`)
  if (committed.length > 0) lines.push(`apply ${formatEntries(committed)}`)
  for (const read of reads) lines.push('refused' in read ? `read ${read.context} refused: ${read.refused}` : `read ${read.context} at ${read.index}`)
  for (const fetch of fetches) lines.push(`fetch from ${fetch.from} for ${fetch.to}`)
  for (const member of snapshots) lines.push(`snapshot for ${member}`)
  return lines
}

export function formatProgress (p: ProgressView): string {
  return `${p.member}: ${p.state} match ${p.match} next ${p.next}${p.inflight > 0 ? ` inflight ${p.inflight}` : ''}${p.recentlyActive ? '' : ' inactive'}${p.learner ? ' learner' : ''}`
}
