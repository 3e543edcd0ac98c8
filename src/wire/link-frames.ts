import { MalformedFrameError } from '../errors.js'
import { decodeConfiguration, encodeConfiguration } from '../raft/configuration.js'
import { checkedIncarnation, incarnationOf, memberId } from './member-id.js'
import { checkedInteger, decoding } from './checks.js'
import { checkSalt, keyName } from './stream-seal.js'
import { LinkFrame } from './pb/transport.js'
import { encodeFrame } from './writer.js'
import type { Offer, SealedBox } from './pb/transport.js'
import type { SnapshotOffer } from './types.js'
import type { SnapshotChunk } from '../storage/types.js'

/** Another major version is refused; another minor one may add fields and kinds, which are ignored. */
export const MAJOR = 1
export const MINOR = 0

export const TRANSPORT_PROTOCOL = '/raft/v1/transport'

export type Lane = 'control' | 'log' | 'snapshot'
const lanes: readonly Lane[] = ['control', 'log', 'snapshot']

export const CLUSTER_ID_BYTES = 32
/** Groups in one frame. */
export const MAX_BATCHES = 16_384
/** What a frame adds to the bodies in it, for each, at most: tags, lengths and the cluster id. */
export const BATCH_OVERHEAD = 64
/** What sealing adds to that: cluster id, key id, sequence, tag, and the tags and lengths of a box. */
export const BOX_OVERHEAD = 128
/** Chunks of one snapshot. */
export const MAX_CHUNKS = 1 << 24

export interface Batch { readonly clusterId: Uint8Array, readonly body: Uint8Array }

export function encodeHello (lane: Lane, major = MAJOR, minor = MINOR, salt?: Uint8Array): Uint8Array {
  return encodeFrame(LinkFrame.codec(), { batches: [], hello: { major, minor, lane: lanes.indexOf(lane) + 1, salt } })
}

export function encodeBatches (batches: readonly Batch[], boxes: readonly SealedBox[] = []): Uint8Array {
  return encodeFrame(LinkFrame.codec(), { batches: batches as Batch[], ...(boxes.length > 0 ? { sealed: { boxes: boxes as SealedBox[] } } : {}) })
}

export function encodePing (holding: boolean): Uint8Array {
  return encodeFrame(LinkFrame.codec(), { batches: [], ping: { holding } })
}

export function encodeRefusal (code: string, message: string): Uint8Array {
  return encodeFrame(LinkFrame.codec(), { batches: [], refusal: { code, message: message.slice(0, 512) } })
}

export function encodeOffer (offer: SnapshotOffer): Uint8Array {
  const { manifest } = offer
  const { meta } = manifest
  return encodeFrame(LinkFrame.codec(), {
    batches: [],
    offer: {
      clusterId: offer.clusterId, fromIncarnation: incarnationOf(offer.from), toIncarnation: incarnationOf(offer.to), term: offer.term,
      id: manifest.id, index: meta.index, snapshotTerm: meta.term, time: meta.time,
      configuration: encodeConfiguration(meta.configuration), configurationIndex: meta.configurationIndex,
      chunks: manifest.chunks, storedBytes: manifest.storedBytes, bytes: manifest.bytes, digest: manifest.digest
    }
  })
}

export function encodeAccept (next: number): Uint8Array { return encodeFrame(LinkFrame.codec(), { batches: [], accept: { next } }) }
export function encodeChunk (chunk: SnapshotChunk): Uint8Array { return encodeFrame(LinkFrame.codec(), { batches: [], chunk }) }
export function encodeAck (next: number): Uint8Array { return encodeFrame(LinkFrame.codec(), { batches: [], ack: { next } }) }
export function encodeDone (): Uint8Array { return encodeFrame(LinkFrame.codec(), { batches: [], done: {} }) }

/** Throws MalformedFrameError. Bodies and chunks are views of `bytes`. */
export function decodeLinkFrame (bytes: Uint8Array): LinkFrame {
  const frame = decoding('a link frame', () => LinkFrame.decode(bytes, { limits: { batches: MAX_BATCHES, sealed$: { boxes: MAX_BATCHES } } }))
  for (const b of frame.batches) checkClusterId(b.clusterId)
  if (frame.sealed !== undefined) for (const b of frame.sealed.boxes) checkBox(b)
  return frame
}

/** The first frame of a stream. `lane` is undefined for one that this version doesn't know; `salt` where the sender seals nothing. */
export function helloOf (frame: LinkFrame): { major: number, minor: number, lane: Lane | undefined, salt: Uint8Array | undefined } {
  if (frame.hello === undefined) throw new MalformedFrameError('a stream that does not begin with a hello')
  const { major, minor, lane, salt } = frame.hello
  return { major, minor, lane: lanes[lane - 1], salt: salt === undefined ? undefined : checkSalt(salt) }
}

/** The offer of `fromPeer` (the connection's) to this node. Owns its bytes. */
export function decodeOffer (offer: Offer, fromPeer: string, toPeer: string): SnapshotOffer {
  checkClusterId(offer.clusterId)
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(offer.id)) throw new MalformedFrameError('a snapshot id that is not 1-64 of [A-Za-z0-9_-]')
  if (offer.digest.byteLength !== 32) throw new MalformedFrameError(`a snapshot digest of ${offer.digest.byteLength} bytes, expected 32`)
  if (offer.chunks > MAX_CHUNKS) throw new MalformedFrameError(`a snapshot of ${offer.chunks} chunks, the limit is ${MAX_CHUNKS}`)
  return {
    clusterId: offer.clusterId.slice(),
    from: memberId(fromPeer, checkedIncarnation(offer.fromIncarnation)),
    to: memberId(toPeer, checkedIncarnation(offer.toIncarnation)),
    term: checkedInteger(offer.term, 'term of a snapshot offer', 1),
    manifest: {
      id: offer.id,
      chunks: offer.chunks,
      storedBytes: checkedInteger(offer.storedBytes, 'stored bytes of a snapshot'),
      bytes: checkedInteger(offer.bytes, 'bytes of a snapshot'),
      digest: offer.digest.slice(),
      meta: {
        index: checkedInteger(offer.index, 'index of a snapshot', 1),
        term: checkedInteger(offer.snapshotTerm, 'term of a snapshot', 1),
        time: checkedInteger(offer.time, 'time of a snapshot'),
        configuration: decoding('the configuration of a snapshot', () => decodeConfiguration(offer.configuration.slice())),
        configurationIndex: checkedInteger(offer.configurationIndex, 'configuration index of a snapshot')
      }
    }
  }
}

function checkBox ({ clusterId, keyId, sequence }: SealedBox): void {
  checkClusterId(clusterId)
  keyName(keyId)
  checkedInteger(sequence, 'sequence of a sealed box')
}

function checkClusterId (id: Uint8Array): void {
  if (id.byteLength !== CLUSTER_ID_BYTES) throw new MalformedFrameError(`a cluster id of ${id.byteLength} bytes, expected ${CLUSTER_ID_BYTES}`)
}
