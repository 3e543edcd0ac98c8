import type { Entry } from '../../src/raft/types.js'

/** The one log that all nodes must agree on, as it becomes known: the first to hand an entry out decides what everyone must have there. */
export class CommittedLog {
  private readonly entries: Entry[] = []
  private readonly digests: number[] = [0]

  get last (): number {
    return this.entries.length
  }

  entry (index: number): Entry | undefined {
    return this.entries[index - 1]
  }

  /** Of everything up to `index`. */
  digest (index: number): number | undefined {
    return this.digests[index]
  }

  add (entry: Entry): void {
    if (entry.index !== this.last + 1) throw new Error(`committed entry ${entry.index} leaves a gap after ${this.last}`)
    this.entries.push(entry)
    this.digests.push(extend(this.digests[entry.index - 1], entry))
  }
}

/** Digest of a prefix and the entry after it. */
export function extend (digest: number, entry: Entry): number {
  let h = Math.imul(digest ^ entry.index, 0x85ebca6b) ^ Math.imul(entry.term + entry.kind.length * 65537, 0xc2b2ae35)
  const { data } = entry
  for (let i = 0; i < data.length; i++) h = Math.imul(h ^ data[i], 0x01000193)
  return (h ^ (h >>> 15)) >>> 0
}

export function sameEntry (a: Entry, b: Entry): boolean {
  return a === b || (a.index === b.index && a.term === b.term && a.kind === b.kind && a.time === b.time && sameBytes(a.data, b.data))
}

function sameBytes (a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
