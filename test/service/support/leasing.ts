import { NotLeaderError } from '../../../src/errors.js'
import { decodeKvCommand } from '../../../src/machine/index.js'
import { encodeKvResult } from '../../../src/machine/kv-result.js'
import { LeaseKeeper } from '../../../src/service/lease-keeper.js'
import { ManualClock } from './manual-clock.js'
import type { KvObserver } from '../../../src/machine/types.js'

/** Time can also pass without any timer firing. */
export class StallingClock extends ManualClock {
  private stalled = 0
  override now (): number { return super.now() + this.stalled }
  stall (ms: number): void { this.stalled += ms }
}

/** A group's leases, and one member's keeper of them; what is proposed and confirmed is as the test says. */
export class Leasing {
  readonly clock = new StallingClock()
  readonly leases = new Map<number, number>()
  readonly observers = new Set<KvObserver>()
  /** Ids of each revoke that was proposed. */
  readonly revoked: number[][] = []
  term: number | undefined
  revision = 0
  /** Before a proposal is applied. */
  beforePropose: (ids: readonly number[]) => Promise<void> = async () => {}
  /** Leases that one revoke ends at most. */
  perRevoke = Infinity
  confirm: () => Promise<void> = async () => {}
  readonly keeper = this.makeKeeper()

  makeKeeper (): LeaseKeeper {
    return new LeaseKeeper({
      namespace: '/raft/t',
      clock: this.clock,
      heartbeatMs: 50,
      log: () => {},
      state: { leases: () => this.leases, observe: observer => { this.observers.add(observer); return () => { this.observers.delete(observer) } } },
      group: {
        leads: () => this.term,
        readIndex: async () => { await this.confirm() },
        propose: async bytes => {
          const command = decodeKvCommand(bytes)
          if (command.type !== 'revoke' || !command.expired) throw new Error(`unexpected ${command.type}`)
          if (this.term === undefined) throw new NotLeaderError('does not lead')
          this.revoked.push([...command.leases])
          await this.beforePropose(command.leases)
          const ended = command.leases.filter(id => this.leases.has(id)).slice(0, this.perRevoke)
          this.end(...ended)
          return { result: encodeKvResult({ ok: true, type: 'counted', revision: ++this.revision, count: ended.length }) }
        }
      }
    })
  }

  grant (ttl: number): number {
    const id = ++this.revision
    this.leases.set(id, ttl)
    for (const { leases } of this.observers) leases?.({ granted: [{ id, ttl }], ended: [] })
    return id
  }

  end (...ids: number[]): void {
    for (const id of ids) this.leases.delete(id)
    for (const { leases } of this.observers) leases?.({ granted: [], ended: ids })
  }

  lead (term: number | undefined): void {
    this.term = term
    this.keeper.update(term !== undefined)
  }
}
