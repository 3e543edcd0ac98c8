import { UnavailableError } from '../errors.js'
import { keyOf } from '../machine/kv-change.js'
import { isWithin } from './spans.js'
import type { Query, WatchPosition } from './queries.js'
import type { KvChange, KvRow } from '../machine/kv-types.js'

/**
 * What a peer's answer must be like for the next question to go on from it: in order, within the span, and never back. Throws what sends
 * the caller to another peer.
 *
 * @throws UnavailableError
 */
export function checkRows (rows: readonly KvRow[], more: boolean, { span, reverse, limit }: Query<'rows'>): void {
  if (rows.length > limit) throw wrong('more rows than it was asked for')
  // Or it would be asked again and again for what comes behind nothing.
  if (more && rows.length === 0) throw wrong('no rows, and that there are more')
  rows.forEach(({ key }, i) => {
    const order = i === 0 ? 1 : Buffer.compare(key, rows[i - 1].key)
    if (!isWithin(key, span) || (reverse && i > 0 ? order >= 0 : order <= 0)) throw wrong('rows that do not go on from those before')
  })
}

/** @throws UnavailableError */
export function checkChanges (changes: readonly KvChange[], next: WatchPosition, { span, position }: Query<'changes'>): void {
  // Up to where it has told: so many changes of that revision.
  let at = position
  for (const [i, { revision, events }] of changes.entries()) {
    if (revision < at.revision || (i > 0 && revision === at.revision)) throw wrong('changes that are known already, or out of order')
    at = { revision, skip: (revision === at.revision ? at.skip : 0) + events.length }
    for (const event of events) if (!isWithin(keyOf(event), span)) throw wrong('changes that it was not asked for')
  }
  const isThere = next.revision === at.revision && next.skip === at.skip
  const isBeyond = next.revision > at.revision && next.skip === 0
  if (!isThere && !isBeyond) throw wrong('changes that do not go on from those before')
}

function wrong (what: string): UnavailableError { return new UnavailableError(`A peer answered with ${what}: it may run an incompatible version`) }
