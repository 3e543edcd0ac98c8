import { UnknownOutcomeError } from '../errors.js'
import { encodeKvCommand } from '../machine/index.js'
import { ChangeFeed } from './change-feed.js'
import { HistoryKeeper } from './history-keeper.js'
import { LeaseKeeper } from './lease-keeper.js'
import { LiveTopics } from './live.js'
import type { ResolvedJoinOptions } from './options.js'
import type { Clock } from '../clock.js'
import type { GroupHandle } from '../engine/types.js'
import type { KvState } from '../machine/types.js'

export interface KvServicesInit {
  readonly namespace: string
  readonly group: GroupHandle
  readonly state: KvState
  readonly clock: Clock
  readonly options: Pick<ResolvedJoinOptions, 'timings' | 'history'>
  readonly log: (format: string, ...args: unknown[]) => void
}

/** What goes by the built-in state machine of a group on this member: watches here, and where it leads, leases, topics and history. */
export class KvServices {
  readonly feed: ChangeFeed
  readonly leases: LeaseKeeper
  readonly live: LiveTopics
  private readonly history: HistoryKeeper

  constructor ({ namespace, group, state, clock, options, log }: KvServicesInit) {
    const propose = async (command: Uint8Array): Promise<{ result: Uint8Array }> => {
      const [done] = await group.propose([command])
      if (done === undefined) throw new UnknownOutcomeError('The engine answered a proposal with nothing')
      return done
    }
    const leads = (): number | undefined => {
      if (group.failure !== undefined) return undefined
      const { role, term } = group.status()
      return role === 'leader' ? term : undefined
    }
    this.feed = new ChangeFeed(state)
    this.live = new LiveTopics(namespace, clock)
    this.leases = new LeaseKeeper({ namespace, state, clock, log, heartbeatMs: options.timings.heartbeatMs, group: { leads, propose, readIndex: async () => await group.readIndex() } })
    this.history = new HistoryKeeper({ state, clock, log, policy: options.history, compact: async revision => { await propose(encodeKvCommand({ type: 'compact', revision })) } })
  }

  /** Of the term that this member leads in; undefined: it does not. */
  lead (term: number | undefined): void {
    this.leases.update(term !== undefined)
    this.live.lead(term)
    this.history.update(term !== undefined)
  }

  close (): void {
    this.leases.close()
    this.live.close()
    this.history.close()
    this.feed.close()
  }
}
