import type { MemberId, Message } from '../../src/raft/types.js'
import type { NodeView } from './oracle.js'

/**
 * Classic one-line bugs that the harness can put in from outside of the core, to prove that the oracles would catch them. Each is a
 * lie about what the node's surroundings promise: disk, network, or the order of the engine's steps.
 */
export interface Sabotage {
  /** What must wait for the disk leaves at once. */
  readonly sendBeforeDurable?: boolean
  /** A crash loses writes that were reported durable (an acknowledgement before the fsync). */
  readonly loseSynced?: boolean
  /** The vote is not part of what is persisted. */
  readonly forgetVote?: boolean
  /** A completed write is reported as if it were the newest one: an acknowledgement that is not checked against its generation. */
  readonly ackNewest?: boolean
  /** Voters do not compare logs. */
  readonly voteForStaleLogs?: boolean
  /** Followers do not check the entry before those appended. */
  readonly appendWithoutCheck?: boolean
  /** An answer to an old heartbeat confirms the latest round of reads. */
  readonly confirmAnyRound?: boolean
  /** A snapshot carries the configuration in effect, committed or not. */
  readonly snapshotOfUncommitted?: boolean
  /** An acknowledgement is taken for one of a longer prefix. */
  readonly inflateMatch?: boolean
  /** A heartbeat tells the commit index to followers that may hold something else there. */
  readonly commitPastMatch?: boolean
}

/** Distorts what a member makes of a message, as if it did not do its checks. */
export class Saboteur {
  /** Latest round of reads of each leadership. */
  private readonly rounds = new Map<string, number>()

  constructor (private readonly sabotage: Sabotage, private readonly nodes: ReadonlyMap<MemberId, NodeView>) {}

  sent (message: Message): void {
    if (message.type === 'heartbeat') this.rounds.set(`${message.from} ${message.term}`, message.read)
  }

  distort (message: Message, receiver: NodeView): Message {
    const { sabotage } = this
    const { image, raft } = receiver
    switch (message.type) {
      case 'vote':
      case 'pre-vote':
        return sabotage.voteForStaleLogs === true ? { ...message, lastIndex: message.lastIndex + 1000, lastTerm: message.term } : message
      case 'append': {
        const mine = image.term(message.prevIndex)
        if (sabotage.appendWithoutCheck === true && mine !== undefined && message.prevIndex >= raft.commit) return { ...message, prevTerm: mine }
        return message
      }
      case 'append-reply':
        return sabotage.inflateMatch === true && !message.rejected && message.index < raft.lastIndex ? { ...message, index: raft.lastIndex } : message
      case 'commit':
      case 'heartbeat':
        return sabotage.commitPastMatch === true ? { ...message, commit: Math.min(this.nodes.get(message.from)?.raft.commit ?? 0, raft.lastIndex) } : message
      case 'heartbeat-reply':
        return sabotage.confirmAnyRound === true ? { ...message, read: this.rounds.get(`${message.to} ${message.term}`) ?? message.read } : message
      default:
        return message
    }
  }
}
