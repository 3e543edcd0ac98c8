import { peerIdFromString } from '@libp2p/peer-id'
import { toString as bytesToString } from 'uint8arrays/to-string'
import { incarnationOf, peerOf } from '../wire/index.js'
import type { ClusterState, ClusterStats, Member } from './api.js'
import type { GroupHandle } from '../engine/types.js'
import type { Configuration, MemberId } from '../raft/types.js'
import type { MemberList } from '../wire/index.js'
import type { Multiaddr } from '@multiformats/multiaddr'

export function hex (bytes: Uint8Array): string {
  return bytesToString(bytes, 'base16')
}

/** Every member once, sorted. While a configuration is joint, whoever votes in either half is a voter. */
export function allMembers (configuration: Configuration): MemberId[] {
  return [...new Set([...configuration.voters, ...configuration.outgoing, ...configuration.learners, ...configuration.learnersNext])].sort()
}

export function isMember (configuration: Configuration, member: MemberId): boolean {
  return configuration.voters.includes(member) || configuration.learners.includes(member) || configuration.outgoing.includes(member)
}

export function isVoter (configuration: Configuration, member: MemberId): boolean {
  return configuration.voters.includes(member) || configuration.outgoing.includes(member)
}

/** The peer part of a member id, and of a bare peer id that part itself. */
export function peerPart (memberOrPeer: string): string {
  return memberOrPeer.includes('.') ? peerOf(memberOrPeer) : memberOrPeer
}

export function viewMembers (group: GroupHandle, addressesOf: (peer: string) => Multiaddr[]): Member[] {
  const { configuration, leader } = group.status()
  return allMembers(configuration).map(member => {
    const peer = peerOf(member)
    return {
      peer: peerIdFromString(peer),
      incarnation: incarnationOf(member),
      voter: isVoter(configuration, member),
      leader: member === leader,
      self: member === group.self,
      addresses: addressesOf(peer)
    }
  })
}

/** What this node says of the members, to a peer. */
export function memberList (host: { readonly provisional: boolean, readonly addressesOf: (peer: string) => Multiaddr[] }, group: GroupHandle): MemberList {
  const { configurationIndex, configurationPending, term, leader } = group.status()
  return {
    clusterId: group.clusterId,
    configurationIndex,
    pending: configurationPending,
    term,
    provisional: host.provisional,
    ...(leader === undefined ? {} : { leader: peerPart(leader) }),
    members: viewMembers(group, host.addressesOf).map(({ peer, incarnation, voter, addresses }) => ({ peer: peer.toString(), incarnation, voter, addresses: addresses.map(String) }))
  }
}

export function viewStats (group: GroupHandle, { state, provisional, refused }: { state: ClusterState, provisional: boolean, refused: number }): ClusterStats {
  const status = group.status()
  const stats = group.stats()
  // Whoever may read need not know who else may.
  const { voters, outgoing, learners, learnersNext } = status.configuration
  return {
    namespace: group.namespace,
    clusterId: hex(group.clusterId),
    state,
    term: status.term,
    ...(status.leader === undefined ? {} : { leader: peerOf(status.leader) }),
    commitIndex: status.commit,
    appliedIndex: status.applied,
    lastIndex: status.lastIndex,
    firstIndex: status.firstIndex,
    storedIndex: status.storedIndex,
    configuration: { voters, outgoing, learners, learnersNext },
    configurationIndex: status.configurationIndex,
    provisional,
    quiesced: status.quiesced,
    logBytes: stats.logBytes,
    proposals: stats.proposals,
    reads: stats.reads,
    elections: stats.elections,
    leaderChanges: stats.leaderChanges,
    snapshotsTaken: stats.snapshotsTaken,
    snapshotsInstalled: stats.snapshotsInstalled,
    refused,
    strangers: stats.strangers,
    progress: status.progress.map(({ member, match, state, recentlyActive }) => ({ peer: peerOf(member), match, state, active: recentlyActive }))
  }
}

/** Before there is a group: all that can be said is that there is none. */
export function emptyStats (namespace: string, state: ClusterState): ClusterStats {
  return {
    namespace,
    clusterId: '',
    state,
    term: 0,
    commitIndex: 0,
    appliedIndex: 0,
    lastIndex: 0,
    firstIndex: 0,
    storedIndex: 0,
    configuration: { voters: [], outgoing: [], learners: [], learnersNext: [] },
    configurationIndex: 0,
    provisional: false,
    quiesced: false,
    logBytes: 0,
    proposals: 0,
    reads: 0,
    elections: 0,
    leaderChanges: 0,
    snapshotsTaken: 0,
    snapshotsInstalled: 0,
    refused: 0,
    strangers: 0,
    progress: []
  }
}
