import { Image } from './image.js'
import { byteString } from '../../../src/storage/bytes.js'
import type { GroupPlaces } from './image.js'
import type { RecordedBatch } from '../../../src/storage/index.js'
import type { Random } from '../random.js'

/** Batches that a block of 32 KiB may hold, and that may lie behind it, in runs that write little. */
const LOST = 8
const BEHIND = 12
const TRIES = 8

export interface Loss {
  readonly kept: readonly RecordedBatch[]
  /** Namespaces whose vote or log is not what it was: storage must refuse them. */
  readonly forgets: readonly string[]
  /** Namespaces whose snapshots are not what they were: storage may refuse them. */
  readonly lacks: readonly string[]
}

/**
 * What LevelDB does with a damaged record of its log: it drops the rest of that block, synced batches and all, goes on with the next, and says
 * nothing. Here are only losses that a group can know of, by its checksums, its hard state or its terms. What no group can know of is left
 * out: a loss of all the newest batches (the store as it was once is a good store), or of rows of a state machine.
 */
export function loseBlock (written: readonly RecordedBatch[], groups: ReadonlyMap<string, GroupPlaces>, random: Random): Loss | undefined {
  const all = rowsOf(written)
  for (let tries = 0; tries < TRIES && written.length > 2; tries++) {
    const behind = random.int(1, Math.min(BEHIND, written.length - 2))
    const lost = random.int(1, Math.min(LOST, written.length - 1 - behind))
    const from = written.length - behind - lost
    const kept = [...written.slice(0, from), ...written.slice(from + lost)]
    const changed = differing(all, rowsOf(kept))
    if (changed.length === 0) continue
    const touched = [...groups].filter(([, places]) => changed.some(key => key.startsWith(places.all)))
    if (!changed.every(key => touched.some(([, places]) => isCheckable(places, key)))) continue
    const verdicts = touched.map(([namespace, places]) => ({ namespace, places, memory: compare(places, written, kept, written.slice(from + lost)) }))
    if (verdicts.some(({ memory }) => memory === 'unseen')) continue
    return {
      kept,
      forgets: verdicts.filter(({ memory }) => memory === 'seen').map(({ namespace }) => namespace),
      lacks: verdicts.filter(({ places }) => changed.some(key => key.startsWith(places.snapshots) || key.startsWith(places.staged))).map(({ namespace }) => namespace)
    }
  }
  return undefined
}

const isCheckable = ({ log, logStart, hardState, snapshots, staged }: GroupPlaces, key: string): boolean =>
  key.startsWith(log) || key === logStart || key === hardState || key.startsWith(snapshots) || key.startsWith(staged)

/** Whether vote and log are as they were; where not, whether what is left shows it. */
function compare (places: GroupPlaces, written: readonly RecordedBatch[], kept: readonly RecordedBatch[], behind: readonly RecordedBatch[]): 'same' | 'seen' | 'unseen' {
  const [before, after] = [imageOf(places, written), imageOf(places, kept)]
  if (before.hard === undefined || after.hard === undefined) return before.hard === after.hard ? 'same' : 'unseen'
  const { term, vote } = before.hard
  const forgetsLog = [...before.entries].some(([index, { term, sum }]) => {
    const known = after.entries.get(index)
    return index > after.start && (known?.term !== term || known.sum !== sum)
  })
  // Each frame carries the checksum of the one before, each hard state where the log ended: whichever comes behind the loss tells of it.
  if (forgetsLog) return behind.some(({ ops }) => ops.some(({ type, key }) => type === 'put' && isLogOrVote(places, byteString(key)))) ? 'seen' : 'unseen'
  if (after.hard.term === term && after.hard.vote === vote) return 'same'
  const { term: remembered } = after.hard
  return [...after.entries.values()].some(({ term }) => term > remembered) ? 'seen' : 'unseen'
}

const isLogOrVote = ({ log, hardState }: GroupPlaces, key: string): boolean => key.startsWith(log) || key === hardState

function imageOf (places: GroupPlaces, batches: readonly RecordedBatch[]): Image {
  const image = new Image(places)
  for (const { ops } of batches) image.apply(ops)
  return image
}

function rowsOf (batches: readonly RecordedBatch[]): Map<string, Uint8Array> {
  const rows = new Map<string, Uint8Array>()
  for (const { ops } of batches) {
    for (const op of ops) {
      if (op.type === 'put') rows.set(byteString(op.key), op.value)
      else rows.delete(byteString(op.key))
    }
  }
  return rows
}

function differing (a: ReadonlyMap<string, Uint8Array>, b: ReadonlyMap<string, Uint8Array>): string[] {
  const differs = (key: string): boolean => {
    const [one, other] = [a.get(key), b.get(key)]
    return one === undefined || other === undefined || Buffer.compare(one, other) !== 0
  }
  return [...new Set([...a.keys(), ...b.keys()])].filter(differs)
}
