import fc from 'fast-check'
import { FormationError, StoreCorruptError } from '../../src/errors.js'
import { decodeRecord, encodeRecord } from '../../src/formation/codec.js'
import { decodeKvCommand, encodeKvCommand, KvCommandError } from '../../src/machine/kv-command.js'
import { decodeKvResult, encodeKvResult } from '../../src/machine/kv-result.js'
import { decodeChanges, encodeChanges } from '../../src/machine/kv-change.js'
import { decodeMeta, decodeRow, encodeMeta, encodeRow } from '../../src/machine/kv-rows.js'
import { ConfigurationError } from '../../src/raft/configuration.js'
import { decodeChunk, encodeChunk, sha256 } from '../../src/storage/chunks.js'
import { CodecError, seal } from '../../src/storage/codec.js'
import {
  decodeHardState, decodeIdentity, decodeLogStart, decodeManifest, decodeNamed, encodeHardState, encodeIdentity, encodeLogStart, encodeManifest, encodeNamed, isId
} from '../../src/storage/records.js'
import { decodeEpochs, encodeEpochs } from '../../src/storage/epochs.js'
import { decodeSealed, encodeSealed } from '../../src/storage/sealed-record.js'
import { configuration, count, digits, formationRecord, hash, memberIds } from './arbitraries.js'
import { decoder } from './decoder.js'
import { kvChanges, kvCommand, kvResult } from './kv-arbitraries.js'
import { bytesUpTo } from './support.js'
import type { Decoder } from './decoder.js'
import type { EpochsRecord } from '../../src/storage/epochs.js'
import type { GroupIdentity, SnapshotManifest } from '../../src/storage/types.js'

const NAMESPACE = '/raft/fuzz'
const KEY = Uint8Array.of(1, 2, 3)
const SEAL_BYTES = 5

const manifest: fc.Arbitrary<SnapshotManifest> = fc.record({
  id: digits, chunks: fc.nat(0xffff_ffff), storedBytes: count, bytes: count, digest: hash,
  meta: fc.record({ index: count, term: count, time: count, configurationIndex: count, configuration })
})

const hardState = fc.record({
  hardState: fc.tuple(count, count, fc.option(memberIds(1, 1))).map(([term, commit, vote]) => vote === null ? { term, commit } : { term, commit, vote: vote[0] }), lastIndex: count, lastTerm: count
})

/**
 * The same decoder behind a checksum that fits whatever is below it. A checksum lets nothing through that chance would make, and so hides
 * what lies behind it from chance: a record that another version wrote has a good one.
 */
function resealed<T> (of: Decoder<T>, format: number, context = KEY): Decoder {
  const within = (sealed: Uint8Array): Uint8Array => sealed.subarray(SEAL_BYTES)
  return decoder({
    ...of,
    name: `${of.name}-body`,
    valid: of.valid.map(within),
    decode: body => of.decode(seal(format, context, body)),
    encode: value => within(of.encode(value))
  })
}

const records = {
  hardState: { name: 'hard-state', valid: hardState.map(value => encodeHardState(KEY, value)), decode: (bytes: Uint8Array) => decodeHardState(KEY, bytes), encode: (value: ReturnType<typeof decodeHardState>) => encodeHardState(KEY, value), refuses: [CodecError], canonical: true },
  identity: {
    name: 'identity', valid: fc.record({ clusterId: hash, incarnation: digits }).map(value => encodeIdentity(KEY, value)), sound: ({ clusterId, incarnation }: GroupIdentity) => clusterId.length === 32 && isId(incarnation), decode: (bytes: Uint8Array) => decodeIdentity(KEY, bytes), encode: (value: ReturnType<typeof decodeIdentity>) => encodeIdentity(KEY, value), refuses: [CodecError], canonical: true
  },
  logStart: { name: 'log-start', valid: fc.record({ index: count, term: count, frame: count, before: fc.nat(0xffff_ffff) }).map(value => encodeLogStart(KEY, value)), decode: (bytes: Uint8Array) => decodeLogStart(KEY, bytes), encode: (value: ReturnType<typeof decodeLogStart>) => encodeLogStart(KEY, value), refuses: [CodecError], canonical: true },
  manifest: { name: 'manifest', valid: manifest.map(value => encodeManifest(KEY, value)), sound: ({ id, digest }: SnapshotManifest) => isId(id) && digest.length === 32, decode: (bytes: Uint8Array) => decodeManifest(KEY, bytes), encode: (value: ReturnType<typeof decodeManifest>) => encodeManifest(KEY, value), refuses: [CodecError, ConfigurationError] },
  row: {
    name: 'kv-row',
    valid: fc.record({ key: fc.constant(KEY), value: bytesUpTo(200), createRevision: count, modRevision: count, version: count, lease: count }).map(encodeRow),
    decode: (bytes: Uint8Array) => decodeRow(NAMESPACE, KEY, bytes),
    encode: encodeRow,
    refuses: [StoreCorruptError],
    canonical: true
  },
  meta: {
    name: 'kv-meta',
    valid: fc.record({ generation: count, applied: count, compacted: count }).map(encodeMeta),
    decode: (bytes: Uint8Array) => decodeMeta(NAMESPACE, bytes),
    encode: encodeMeta,
    refuses: [StoreCorruptError],
    canonical: true
  }
} as const

const line = fc.record({ idBytes: fc.uint8Array({ minLength: 8, maxLength: 8 }), salt: hash, check: fc.uint8Array({ minLength: 16, maxLength: 16 }) })

const epochs: Decoder<EpochsRecord> = {
  name: 'epochs',
  valid: fc.tuple(fc.boolean(), fc.array(line, { minLength: 1, maxLength: 4 }), fc.nat(1_000_000), hash)
    .map(([plain, lines, from, tag]) => encodeEpochs(KEY, { plain, lines: lines.map((line, i) => ({ ...line, number: from + i * 3 + 1 })), tag })),
  decode: bytes => decodeEpochs(KEY, bytes),
  encode: value => encodeEpochs(KEY, value),
  refuses: [CodecError],
  canonical: true,
  sound: ({ lines }) => lines.length > 0 && lines.every(({ number }, i) => number > (lines[i - 1]?.number ?? 0))
}

/** Of records that storage and the state machine keep, and of what a state machine reads from the log. */
export const diskDecoders = [
  ...Object.values(records).map(of => decoder(of as unknown as Decoder)),
  resealed(records.hardState, 6),
  resealed(records.identity, 7),
  resealed(records.logStart, 8),
  resealed(records.manifest, 9),
  resealed(records.row as unknown as Decoder, 2),
  resealed(records.meta, 2, new TextEncoder().encode('kv-meta')),
  decoder({ name: 'kv-changes', valid: kvChanges.map(encodeChanges), decode: decodeChanges, encode: encodeChanges, refuses: [CodecError], canonical: true }),
  decoder({
    name: 'named-value', valid: bytesUpTo(200).map(value => encodeNamed(KEY, value)), decode: bytes => decodeNamed(KEY, bytes), encode: value => encodeNamed(KEY, value), refuses: [CodecError], canonical: true
  }),
  decoder({
    name: 'snapshot-chunk', valid: bytesUpTo(300).map(data => encodeChunk({ hash: sha256(data), data })), decode: bytes => decodeChunk(3, bytes), encode: encodeChunk, refuses: [CodecError], canonical: true
  }),
  decoder({
    name: 'sealed-record',
    valid: fc.record({ epoch: fc.nat(0xffff_ffff), counter: count, box: bytesUpTo(200) }).map(encodeSealed),
    decode: decodeSealed,
    encode: encodeSealed,
    refuses: [CodecError],
    canonical: true
  }),
  decoder(epochs),
  resealed(epochs, 10),
  decoder({ name: 'formation-record', protobuf: true, valid: formationRecord.map(encodeRecord), decode: bytes => decodeRecord(bytes, NAMESPACE), encode: encodeRecord, refuses: [StoreCorruptError, FormationError] }),
  decoder({ name: 'kv-command', valid: kvCommand.map(encodeKvCommand), decode: decodeKvCommand, encode: encodeKvCommand, refuses: [KvCommandError], canonical: true }),
  decoder({
    name: 'kv-result',
    valid: kvResult.map(encodeKvResult),
    decode: decodeKvResult,
    encode: encodeKvResult,
    refuses: [CodecError],
    canonical: true
  })
]
