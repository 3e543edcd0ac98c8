import fc from 'fast-check'
import type { Entry, Message } from '../../src/raft/types.js'
import type { SnapshotOffer } from '../../src/wire/index.js'

export const fromPeer = '12D3KooWFrom'
export const toPeer = '12D3KooWTo'
export const from = `${fromPeer}.00112233aabbccdd`
export const to = `${toPeer}.ffeeddccbbaa9988`

const count = fc.oneof(fc.nat(300), fc.maxSafeNat())
const term = count.map(n => Math.max(1, n))

/** Entries that go on from `prev`, of terms up to `last`. */
function entriesAfter (index: number, first: number, last: number): fc.Arbitrary<Entry[]> {
  return fc.array(fc.record({
    step: fc.nat(3), time: fc.nat(2 ** 45), kind: fc.constantFrom('command' as const, 'noop' as const, 'config' as const), data: fc.uint8Array({ maxLength: 200 })
  }), { maxLength: 20 }).map(list => {
    let t = Math.max(1, first)
    return list.map((e, i) => {
      t = Math.min(last, t + e.step)
      return { index: index + 1 + i, term: t, kind: e.kind, time: e.time, data: e.data }
    })
  })
}

const append: fc.Arbitrary<Message> = fc.record({ term, prev: fc.nat(2 ** 40), commit: count }).chain(r => {
  const prevTerm = r.prev === 0 ? 0 : Math.min(r.term, 1 + r.prev % 7)
  return entriesAfter(r.prev, prevTerm, r.term).map((entries): Message => ({ type: 'append', from, to, term: r.term, prevIndex: r.prev, prevTerm, entries, commit: r.commit }))
})

const logEnd = fc.record({ lastIndex: count, lastTerm: count }).map(e => e.lastIndex === 0 ? { lastIndex: 0, lastTerm: 0 } : e)

/** Every kind of message that crosses the wire. */
export const message: fc.Arbitrary<Message> = fc.oneof(
  append,
  fc.record({ term, end: logEnd }).map(({ term, end }): Message => ({ type: 'pre-vote', from, to, term, ...end })),
  fc.record({ term, end: logEnd, transfer: fc.boolean() }).map(({ term, end, transfer }): Message => ({ type: 'vote', from, to, term, ...end, transfer })),
  fc.record({ type: fc.constantFrom('pre-vote-reply' as const, 'vote-reply' as const), term: count, granted: fc.boolean() }).map((m): Message => ({ ...m, from, to })),
  fc.record({ term, index: count, rejected: fc.boolean(), hintIndex: count, hintTerm: count }).map((m): Message => ({ type: 'append-reply', from, to, ...m })),
  fc.record({ term, commit: count, read: count }).map((m): Message => ({ type: 'heartbeat', from, to, ...m })),
  fc.record({ term, read: count }).map((m): Message => ({ type: 'heartbeat-reply', from, to, ...m })),
  fc.record({ term }).map((m): Message => ({ type: 'timeout-now', from, to, ...m })),
  fc.record({ term, context: count }).map((m): Message => ({ type: 'read-index', from, to, ...m })),
  fc.record({ term, context: count, index: count, refused: fc.boolean() }).map((m): Message => ({ type: 'read-index-reply', from, to, ...m })),
  fc.record({ type: fc.constantFrom('quiesce' as const, 'commit' as const), term, commit: count }).map((m): Message => ({ ...m, from, to }))
)

export const offer: fc.Arbitrary<SnapshotOffer> = fc.record({
  clusterId: fc.uint8Array({ minLength: 32, maxLength: 32 }), term, chunks: fc.nat(1 << 24), storedBytes: count, bytes: count,
  digest: fc.uint8Array({ minLength: 32, maxLength: 32 }), index: term, snapshotTerm: term, time: count, configurationIndex: count
}).map(r => ({
  clusterId: r.clusterId, from, to, term: r.term,
  manifest: {
    id: '0123456789abcdef', chunks: r.chunks, storedBytes: r.storedBytes, bytes: r.bytes, digest: r.digest,
    meta: {
      index: r.index, term: r.snapshotTerm, time: r.time, configurationIndex: r.configurationIndex,
      configuration: { voters: [from], outgoing: [], learners: [to], learnersNext: [] }
    }
  }
}))

/** Valid bytes with a piece cut off, bytes flipped, or bytes put in: what a decoder meets when something is wrong. */
export function damaged (valid: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc.tuple(valid, fc.oneof(
    fc.record({ kind: fc.constant('cut' as const), at: fc.nat() }),
    fc.record({ kind: fc.constant('flip' as const), at: fc.nat(), bits: fc.integer({ min: 1, max: 255 }) }),
    fc.record({ kind: fc.constant('put' as const), at: fc.nat(), bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }) })
  )).map(([bytes, how]) => {
    if (how.kind === 'cut') return bytes.slice(0, how.at % (bytes.length + 1))
    const at = how.at % Math.max(1, bytes.length)
    if (how.kind === 'put') return new Uint8Array([...bytes.slice(0, at), ...how.bytes, ...bytes.slice(at)])
    const copy = bytes.slice()
    if (copy.length > 0) copy[at] ^= how.bits
    return copy
  })
}
