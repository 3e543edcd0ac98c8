import type { Core, Entry, Proposed } from '../../../src/raft/types.js'

/** A core of which only proposals are asked: it appends in `term`, unless told to refuse. */
export class FakeCore {
  term = 1
  last = 0
  leader = 'b.1'
  readonly proposals: number[] = []
  refuse: (commands: number) => Extract<Proposed, { ok: false }> | undefined = () => undefined

  propose (data: readonly Uint8Array[]): Proposed {
    const refusal = this.refuse(data.length)
    if (refusal !== undefined) return refusal
    this.proposals.push(data.length)
    this.last += data.length
    return { ok: true, index: this.last, term: this.term }
  }

  get core (): Core { return this as unknown as Core }
}

export const entry = (index: number, term: number): Entry => ({ index, term, kind: 'command', time: 0, data: new Uint8Array(0) })
export const result = (index: number): Uint8Array => Uint8Array.of(index)
