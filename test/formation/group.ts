import type { MemberChange, ProgressView, RaftStatus } from '../../src/raft/types.js'
import type { StewardGroup } from '../../src/formation/types.js'

/** A group as the steward sees it. The first voter leads. */
export interface GroupShape {
  voters: string[]
  learners?: string[]
  outgoing?: string[]
  silent?: string[]
  commit?: number
  match?: Record<string, number>
  state?: Record<string, ProgressView['state']>
  pending?: boolean
  role?: RaftStatus['role']
  termCommitted?: boolean
  quiesced?: boolean
  transferTarget?: string
  configurationIndex?: number
  /** Where the configuration is pending. */
  committedConfigurationIndex?: number
  leader?: string
}

export function statusOf (shape: GroupShape): RaftStatus {
  const commit = shape.commit ?? 10
  const { voters, learners = [], outgoing = [] } = shape
  const id = voters[0]
  const members = [...new Set([...voters, ...outgoing, ...learners])]
  return {
    id,
    role: shape.role ?? 'leader',
    term: 2,
    leader: 'leader' in shape ? shape.leader : id,
    commit,
    handedOut: commit,
    applied: commit,
    firstIndex: 1,
    lastIndex: commit,
    storedIndex: commit,
    configuration: { voters, outgoing, learners, learnersNext: [] },
    configurationIndex: shape.configurationIndex ?? 1,
    configurationPending: shape.pending ?? false,
    committedConfigurationIndex: shape.pending === true ? shape.committedConfigurationIndex ?? 0 : shape.configurationIndex ?? 1,
    lastTerm: 2,
    transferTarget: shape.transferTarget,
    quiesced: shape.quiesced ?? false,
    uncommittedBytes: 0,
    progress: members.map(member => ({
      member, state: shape.state?.[member] ?? 'replicate', match: shape.match?.[member] ?? commit, next: commit + 1,
      recentlyActive: shape.silent?.includes(member) !== true, inflight: 0, learner: learners.includes(member)
    })),
    termCommitted: shape.termCommitted ?? true
  }
}

/** A group whose changes commit when told to. */
export class FakeGroup implements StewardGroup {
  readonly changes: string[][] = []
  readonly expected: Array<number | undefined> = []
  readonly calls: Array<{ apply: () => void, fail: (error: Error) => void }> = []
  /** Changes commit at once. */
  instant = true

  constructor (public shape: GroupShape) {}

  get self (): string { return this.shape.voters[0] }
  status (): RaftStatus { return statusOf(this.shape) }

  async changeMembers (changes: readonly MemberChange[], options: { signal?: AbortSignal, expectedIndex?: number } = {}): Promise<number> {
    this.expected.push(options.expectedIndex)
    this.changes.push(changes.map(({ op, member }) => `${op} ${member}`))
    await new Promise<void>((resolve, reject) => {
      const call = { apply: () => { this.#apply(changes); resolve() }, fail: reject }
      options.signal?.addEventListener('abort', () => { reject(options.signal!.reason as Error) })
      this.calls.push(call)
      if (this.instant) call.apply()
    })
    return this.shape.configurationIndex ?? 1
  }

  #apply (changes: readonly MemberChange[]): void {
    let { voters, learners = [] } = this.shape
    for (const { op, member } of changes) {
      voters = voters.filter(other => other !== member)
      learners = learners.filter(other => other !== member)
      if (op === 'add-voter') voters.push(member)
      if (op === 'add-learner') learners.push(member)
    }
    this.shape = { ...this.shape, voters, learners, configurationIndex: (this.shape.configurationIndex ?? 1) + 1 }
  }
}
