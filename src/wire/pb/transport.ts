// @ts-nocheck
/* eslint-disable require-yield */

import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

const noBytes = new Uint8Array(0)

export interface LinkFrame {
  hello?: LinkHello
  batches: GroupBatch[]
  refusal?: LinkRefusal
  ping?: Ping
  sealed?: SealedBoxes
  offer?: Offer
  accept?: Accept
  chunk?: Chunk
  ack?: Ack
  done?: Done
}

export namespace LinkFrame {
  let _codec: Codec<LinkFrame>

  export const codec = (): Codec<LinkFrame> => {
    if (_codec == null) {
      _codec = message<LinkFrame>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.hello != null) {
          w.uint32(10)
          LinkHello.codec().encode(obj.hello, w)
        }

        if (obj.batches != null && obj.batches.length > 0) {
          for (const value of obj.batches) {
            w.uint32(18)
            GroupBatch.codec().encode(value, w)
          }
        }

        if (obj.refusal != null) {
          w.uint32(26)
          LinkRefusal.codec().encode(obj.refusal, w)
        }

        if (obj.ping != null) {
          w.uint32(34)
          Ping.codec().encode(obj.ping, w)
        }

        if (obj.sealed != null) {
          w.uint32(42)
          SealedBoxes.codec().encode(obj.sealed, w)
        }

        if (obj.offer != null) {
          w.uint32(82)
          Offer.codec().encode(obj.offer, w)
        }

        if (obj.accept != null) {
          w.uint32(90)
          Accept.codec().encode(obj.accept, w)
        }

        if (obj.chunk != null) {
          w.uint32(98)
          Chunk.codec().encode(obj.chunk, w)
        }

        if (obj.ack != null) {
          w.uint32(106)
          Ack.codec().encode(obj.ack, w)
        }

        if (obj.done != null) {
          w.uint32(114)
          Done.codec().encode(obj.done, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          batches: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.hello = LinkHello.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.hello
              })
              break
            }
            case 2: {
              if (opts.limits?.batches != null && obj.batches.length === opts.limits.batches) {
                throw new MaxLengthError('Decode error - repeated field "batches" had too many elements')
              }

              obj.batches.push(GroupBatch.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.batches$
              }))
              break
            }
            case 3: {
              obj.refusal = LinkRefusal.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.refusal
              })
              break
            }
            case 4: {
              obj.ping = Ping.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.ping
              })
              break
            }
            case 5: {
              obj.sealed = SealedBoxes.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.sealed
              })
              break
            }
            case 10: {
              obj.offer = Offer.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.offer
              })
              break
            }
            case 11: {
              obj.accept = Accept.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.accept
              })
              break
            }
            case 12: {
              obj.chunk = Chunk.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.chunk
              })
              break
            }
            case 13: {
              obj.ack = Ack.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.ack
              })
              break
            }
            case 14: {
              obj.done = Done.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.done
              })
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          batches: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield * LinkHello.codec().stream(reader, reader.uint32(), `${prefix}.hello`, {
                limits: opts.limits?.hello
              })

              break
            }
            case 2: {
              if (opts.limits?.batches != null && obj.batches === opts.limits.batches) {
                throw new MaxLengthError('Streaming decode error - repeated field "batches" had too many elements')
              }

              for (const evt of GroupBatch.codec().stream(reader, reader.uint32(), `${prefix}.batches[]`, {
                limits: opts.limits?.batches$
              })) {
                yield {
                  ...evt,
                  index: obj.batches
                }
              }

              obj.batches++

              break
            }
            case 3: {
              yield * LinkRefusal.codec().stream(reader, reader.uint32(), `${prefix}.refusal`, {
                limits: opts.limits?.refusal
              })

              break
            }
            case 4: {
              yield * Ping.codec().stream(reader, reader.uint32(), `${prefix}.ping`, {
                limits: opts.limits?.ping
              })

              break
            }
            case 5: {
              yield * SealedBoxes.codec().stream(reader, reader.uint32(), `${prefix}.sealed`, {
                limits: opts.limits?.sealed
              })

              break
            }
            case 10: {
              yield * Offer.codec().stream(reader, reader.uint32(), `${prefix}.offer`, {
                limits: opts.limits?.offer
              })

              break
            }
            case 11: {
              yield * Accept.codec().stream(reader, reader.uint32(), `${prefix}.accept`, {
                limits: opts.limits?.accept
              })

              break
            }
            case 12: {
              yield * Chunk.codec().stream(reader, reader.uint32(), `${prefix}.chunk`, {
                limits: opts.limits?.chunk
              })

              break
            }
            case 13: {
              yield * Ack.codec().stream(reader, reader.uint32(), `${prefix}.ack`, {
                limits: opts.limits?.ack
              })

              break
            }
            case 14: {
              yield * Done.codec().stream(reader, reader.uint32(), `${prefix}.done`, {
                limits: opts.limits?.done
              })

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface LinkFrameHelloMajorFieldEvent {
    field: '$.hello.major'
    value: number
  }

  export interface LinkFrameHelloMinorFieldEvent {
    field: '$.hello.minor'
    value: number
  }

  export interface LinkFrameHelloLaneFieldEvent {
    field: '$.hello.lane'
    value: number
  }

  export interface LinkFrameHelloSaltFieldEvent {
    field: '$.hello.salt'
    value: Uint8Array
  }

  export interface LinkFrameBatchesClusterIdFieldEvent {
    field: '$.batches[].clusterId'
    value: Uint8Array
    index: number
  }

  export interface LinkFrameBatchesBodyFieldEvent {
    field: '$.batches[].body'
    value: Uint8Array
    index: number
  }

  export interface LinkFrameRefusalCodeFieldEvent {
    field: '$.refusal.code'
    value: string
  }

  export interface LinkFrameRefusalMessageFieldEvent {
    field: '$.refusal.message'
    value: string
  }

  export interface LinkFramePingHoldingFieldEvent {
    field: '$.ping.holding'
    value: boolean
  }

  export interface LinkFrameSealedBoxesClusterIdFieldEvent {
    field: '$.sealed.boxes[].clusterId'
    value: Uint8Array
    index: number
  }

  export interface LinkFrameSealedBoxesKeyIdFieldEvent {
    field: '$.sealed.boxes[].keyId'
    value: Uint8Array
    index: number
  }

  export interface LinkFrameSealedBoxesSequenceFieldEvent {
    field: '$.sealed.boxes[].sequence'
    value: number
    index: number
  }

  export interface LinkFrameSealedBoxesSealedFieldEvent {
    field: '$.sealed.boxes[].sealed'
    value: Uint8Array
    index: number
  }

  export interface LinkFrameOfferClusterIdFieldEvent {
    field: '$.offer.clusterId'
    value: Uint8Array
  }

  export interface LinkFrameOfferFromIncarnationFieldEvent {
    field: '$.offer.fromIncarnation'
    value: string
  }

  export interface LinkFrameOfferToIncarnationFieldEvent {
    field: '$.offer.toIncarnation'
    value: string
  }

  export interface LinkFrameOfferTermFieldEvent {
    field: '$.offer.term'
    value: number
  }

  export interface LinkFrameOfferIdFieldEvent {
    field: '$.offer.id'
    value: string
  }

  export interface LinkFrameOfferIndexFieldEvent {
    field: '$.offer.index'
    value: number
  }

  export interface LinkFrameOfferSnapshotTermFieldEvent {
    field: '$.offer.snapshotTerm'
    value: number
  }

  export interface LinkFrameOfferTimeFieldEvent {
    field: '$.offer.time'
    value: number
  }

  export interface LinkFrameOfferConfigurationFieldEvent {
    field: '$.offer.configuration'
    value: Uint8Array
  }

  export interface LinkFrameOfferConfigurationIndexFieldEvent {
    field: '$.offer.configurationIndex'
    value: number
  }

  export interface LinkFrameOfferChunksFieldEvent {
    field: '$.offer.chunks'
    value: number
  }

  export interface LinkFrameOfferStoredBytesFieldEvent {
    field: '$.offer.storedBytes'
    value: number
  }

  export interface LinkFrameOfferBytesFieldEvent {
    field: '$.offer.bytes'
    value: number
  }

  export interface LinkFrameOfferDigestFieldEvent {
    field: '$.offer.digest'
    value: Uint8Array
  }

  export interface LinkFrameAcceptNextFieldEvent {
    field: '$.accept.next'
    value: number
  }

  export interface LinkFrameChunkSeqFieldEvent {
    field: '$.chunk.seq'
    value: number
  }

  export interface LinkFrameChunkHashFieldEvent {
    field: '$.chunk.hash'
    value: Uint8Array
  }

  export interface LinkFrameChunkDataFieldEvent {
    field: '$.chunk.data'
    value: Uint8Array
  }

  export interface LinkFrameAckNextFieldEvent {
    field: '$.ack.next'
    value: number
  }

  export function encode (obj: Partial<LinkFrame>): Uint8Array {
    return encodeMessage(obj, LinkFrame.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LinkFrame>): LinkFrame {
    return decodeMessage(buf, LinkFrame.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LinkFrame>): Generator<LinkFrameHelloMajorFieldEvent | LinkFrameHelloMinorFieldEvent | LinkFrameHelloLaneFieldEvent | LinkFrameHelloSaltFieldEvent | LinkFrameBatchesClusterIdFieldEvent | LinkFrameBatchesBodyFieldEvent | LinkFrameRefusalCodeFieldEvent | LinkFrameRefusalMessageFieldEvent | LinkFramePingHoldingFieldEvent | LinkFrameSealedBoxesClusterIdFieldEvent | LinkFrameSealedBoxesKeyIdFieldEvent | LinkFrameSealedBoxesSequenceFieldEvent | LinkFrameSealedBoxesSealedFieldEvent | LinkFrameOfferClusterIdFieldEvent | LinkFrameOfferFromIncarnationFieldEvent | LinkFrameOfferToIncarnationFieldEvent | LinkFrameOfferTermFieldEvent | LinkFrameOfferIdFieldEvent | LinkFrameOfferIndexFieldEvent | LinkFrameOfferSnapshotTermFieldEvent | LinkFrameOfferTimeFieldEvent | LinkFrameOfferConfigurationFieldEvent | LinkFrameOfferConfigurationIndexFieldEvent | LinkFrameOfferChunksFieldEvent | LinkFrameOfferStoredBytesFieldEvent | LinkFrameOfferBytesFieldEvent | LinkFrameOfferDigestFieldEvent | LinkFrameAcceptNextFieldEvent | LinkFrameChunkSeqFieldEvent | LinkFrameChunkHashFieldEvent | LinkFrameChunkDataFieldEvent | LinkFrameAckNextFieldEvent> {
    return streamMessage(buf, LinkFrame.codec(), opts)
  }
}

export interface LinkHello {
  major: number
  minor: number
  lane: number
  salt?: Uint8Array
}

export namespace LinkHello {
  let _codec: Codec<LinkHello>

  export const codec = (): Codec<LinkHello> => {
    if (_codec == null) {
      _codec = message<LinkHello>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.major != null && obj.major !== 0)) {
          w.uint32(8)
          w.uint32(obj.major)
        }

        if ((obj.minor != null && obj.minor !== 0)) {
          w.uint32(16)
          w.uint32(obj.minor)
        }

        if ((obj.lane != null && obj.lane !== 0)) {
          w.uint32(24)
          w.uint32(obj.lane)
        }

        if (obj.salt != null) {
          w.uint32(34)
          w.bytes(obj.salt)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          major: 0,
          minor: 0,
          lane: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.major = reader.uint32()
              break
            }
            case 2: {
              obj.minor = reader.uint32()
              break
            }
            case 3: {
              obj.lane = reader.uint32()
              break
            }
            case 4: {
              obj.salt = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.major`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.minor`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.lane`,
                value: reader.uint32()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.salt`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface LinkHelloMajorFieldEvent {
    field: '$.major'
    value: number
  }

  export interface LinkHelloMinorFieldEvent {
    field: '$.minor'
    value: number
  }

  export interface LinkHelloLaneFieldEvent {
    field: '$.lane'
    value: number
  }

  export interface LinkHelloSaltFieldEvent {
    field: '$.salt'
    value: Uint8Array
  }

  export function encode (obj: Partial<LinkHello>): Uint8Array {
    return encodeMessage(obj, LinkHello.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LinkHello>): LinkHello {
    return decodeMessage(buf, LinkHello.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LinkHello>): Generator<LinkHelloMajorFieldEvent | LinkHelloMinorFieldEvent | LinkHelloLaneFieldEvent | LinkHelloSaltFieldEvent> {
    return streamMessage(buf, LinkHello.codec(), opts)
  }
}

export interface SealedBoxes {
  boxes: SealedBox[]
}

export namespace SealedBoxes {
  let _codec: Codec<SealedBoxes>

  export const codec = (): Codec<SealedBoxes> => {
    if (_codec == null) {
      _codec = message<SealedBoxes>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.boxes != null && obj.boxes.length > 0) {
          for (const value of obj.boxes) {
            w.uint32(10)
            SealedBox.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          boxes: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.boxes != null && obj.boxes.length === opts.limits.boxes) {
                throw new MaxLengthError('Decode error - repeated field "boxes" had too many elements')
              }

              obj.boxes.push(SealedBox.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.boxes$
              }))
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          boxes: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.boxes != null && obj.boxes === opts.limits.boxes) {
                throw new MaxLengthError('Streaming decode error - repeated field "boxes" had too many elements')
              }

              for (const evt of SealedBox.codec().stream(reader, reader.uint32(), `${prefix}.boxes[]`, {
                limits: opts.limits?.boxes$
              })) {
                yield {
                  ...evt,
                  index: obj.boxes
                }
              }

              obj.boxes++

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface SealedBoxesBoxesClusterIdFieldEvent {
    field: '$.boxes[].clusterId'
    value: Uint8Array
    index: number
  }

  export interface SealedBoxesBoxesKeyIdFieldEvent {
    field: '$.boxes[].keyId'
    value: Uint8Array
    index: number
  }

  export interface SealedBoxesBoxesSequenceFieldEvent {
    field: '$.boxes[].sequence'
    value: number
    index: number
  }

  export interface SealedBoxesBoxesSealedFieldEvent {
    field: '$.boxes[].sealed'
    value: Uint8Array
    index: number
  }

  export function encode (obj: Partial<SealedBoxes>): Uint8Array {
    return encodeMessage(obj, SealedBoxes.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SealedBoxes>): SealedBoxes {
    return decodeMessage(buf, SealedBoxes.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SealedBoxes>): Generator<SealedBoxesBoxesClusterIdFieldEvent | SealedBoxesBoxesKeyIdFieldEvent | SealedBoxesBoxesSequenceFieldEvent | SealedBoxesBoxesSealedFieldEvent> {
    return streamMessage(buf, SealedBoxes.codec(), opts)
  }
}

export interface SealedBox {
  clusterId: Uint8Array
  keyId: Uint8Array
  sequence: number
  sealed: Uint8Array
}

export namespace SealedBox {
  let _codec: Codec<SealedBox>

  export const codec = (): Codec<SealedBox> => {
    if (_codec == null) {
      _codec = message<SealedBox>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.clusterId != null && obj.clusterId.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.clusterId)
        }

        if ((obj.keyId != null && obj.keyId.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.keyId)
        }

        if ((obj.sequence != null && obj.sequence !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.sequence)
        }

        if ((obj.sealed != null && obj.sealed.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.sealed)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          clusterId: noBytes,
          keyId: noBytes,
          sequence: 0,
          sealed: noBytes
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.clusterId = reader.bytes()
              break
            }
            case 2: {
              obj.keyId = reader.bytes()
              break
            }
            case 3: {
              obj.sequence = reader.uint64Number()
              break
            }
            case 4: {
              obj.sealed = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.clusterId`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.keyId`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.sequence`,
                value: reader.uint64Number()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.sealed`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface SealedBoxClusterIdFieldEvent {
    field: '$.clusterId'
    value: Uint8Array
  }

  export interface SealedBoxKeyIdFieldEvent {
    field: '$.keyId'
    value: Uint8Array
  }

  export interface SealedBoxSequenceFieldEvent {
    field: '$.sequence'
    value: number
  }

  export interface SealedBoxSealedFieldEvent {
    field: '$.sealed'
    value: Uint8Array
  }

  export function encode (obj: Partial<SealedBox>): Uint8Array {
    return encodeMessage(obj, SealedBox.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SealedBox>): SealedBox {
    return decodeMessage(buf, SealedBox.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SealedBox>): Generator<SealedBoxClusterIdFieldEvent | SealedBoxKeyIdFieldEvent | SealedBoxSequenceFieldEvent | SealedBoxSealedFieldEvent> {
    return streamMessage(buf, SealedBox.codec(), opts)
  }
}

export interface GroupBatch {
  clusterId: Uint8Array
  body: Uint8Array
}

export namespace GroupBatch {
  let _codec: Codec<GroupBatch>

  export const codec = (): Codec<GroupBatch> => {
    if (_codec == null) {
      _codec = message<GroupBatch>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.clusterId != null && obj.clusterId.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.clusterId)
        }

        if ((obj.body != null && obj.body.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.body)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          clusterId: noBytes,
          body: noBytes
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.clusterId = reader.bytes()
              break
            }
            case 2: {
              obj.body = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.clusterId`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.body`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface GroupBatchClusterIdFieldEvent {
    field: '$.clusterId'
    value: Uint8Array
  }

  export interface GroupBatchBodyFieldEvent {
    field: '$.body'
    value: Uint8Array
  }

  export function encode (obj: Partial<GroupBatch>): Uint8Array {
    return encodeMessage(obj, GroupBatch.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<GroupBatch>): GroupBatch {
    return decodeMessage(buf, GroupBatch.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<GroupBatch>): Generator<GroupBatchClusterIdFieldEvent | GroupBatchBodyFieldEvent> {
    return streamMessage(buf, GroupBatch.codec(), opts)
  }
}

export interface GroupMessages {
  fromIncarnation: string
  toIncarnation: string
  messages: RaftMessage[]
}

export namespace GroupMessages {
  let _codec: Codec<GroupMessages>

  export const codec = (): Codec<GroupMessages> => {
    if (_codec == null) {
      _codec = message<GroupMessages>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.fromIncarnation != null && obj.fromIncarnation !== '')) {
          w.uint32(10)
          w.string(obj.fromIncarnation)
        }

        if ((obj.toIncarnation != null && obj.toIncarnation !== '')) {
          w.uint32(18)
          w.string(obj.toIncarnation)
        }

        if (obj.messages != null && obj.messages.length > 0) {
          for (const value of obj.messages) {
            w.uint32(26)
            RaftMessage.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          fromIncarnation: '',
          toIncarnation: '',
          messages: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.fromIncarnation = reader.string()
              break
            }
            case 2: {
              obj.toIncarnation = reader.string()
              break
            }
            case 3: {
              if (opts.limits?.messages != null && obj.messages.length === opts.limits.messages) {
                throw new MaxLengthError('Decode error - repeated field "messages" had too many elements')
              }

              obj.messages.push(RaftMessage.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.messages$
              }))
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          messages: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.fromIncarnation`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.toIncarnation`,
                value: reader.string()
              }
              break
            }
            case 3: {
              if (opts.limits?.messages != null && obj.messages === opts.limits.messages) {
                throw new MaxLengthError('Streaming decode error - repeated field "messages" had too many elements')
              }

              for (const evt of RaftMessage.codec().stream(reader, reader.uint32(), `${prefix}.messages[]`, {
                limits: opts.limits?.messages$
              })) {
                yield {
                  ...evt,
                  index: obj.messages
                }
              }

              obj.messages++

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface GroupMessagesFromIncarnationFieldEvent {
    field: '$.fromIncarnation'
    value: string
  }

  export interface GroupMessagesToIncarnationFieldEvent {
    field: '$.toIncarnation'
    value: string
  }

  export interface GroupMessagesMessagesKindFieldEvent {
    field: '$.messages[].kind'
    value: number
    index: number
  }

  export interface GroupMessagesMessagesTermFieldEvent {
    field: '$.messages[].term'
    value: number
    index: number
  }

  export interface GroupMessagesMessagesIndexFieldEvent {
    field: '$.messages[].index'
    value: number
    index: number
  }

  export interface GroupMessagesMessagesLogTermFieldEvent {
    field: '$.messages[].logTerm'
    value: number
    index: number
  }

  export interface GroupMessagesMessagesCommitFieldEvent {
    field: '$.messages[].commit'
    value: number
    index: number
  }

  export interface GroupMessagesMessagesGrantedFieldEvent {
    field: '$.messages[].granted'
    value: boolean
    index: number
  }

  export interface GroupMessagesMessagesRejectedFieldEvent {
    field: '$.messages[].rejected'
    value: boolean
    index: number
  }

  export interface GroupMessagesMessagesTransferFieldEvent {
    field: '$.messages[].transfer'
    value: boolean
    index: number
  }

  export interface GroupMessagesMessagesHintIndexFieldEvent {
    field: '$.messages[].hintIndex'
    value: number
    index: number
  }

  export interface GroupMessagesMessagesContextFieldEvent {
    field: '$.messages[].context'
    value: number
    index: number
  }

  export interface GroupMessagesMessagesBlockFieldEvent {
    field: '$.messages[].block'
    value: Uint8Array
    index: number
  }

  export function encode (obj: Partial<GroupMessages>): Uint8Array {
    return encodeMessage(obj, GroupMessages.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<GroupMessages>): GroupMessages {
    return decodeMessage(buf, GroupMessages.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<GroupMessages>): Generator<GroupMessagesFromIncarnationFieldEvent | GroupMessagesToIncarnationFieldEvent | GroupMessagesMessagesKindFieldEvent | GroupMessagesMessagesTermFieldEvent | GroupMessagesMessagesIndexFieldEvent | GroupMessagesMessagesLogTermFieldEvent | GroupMessagesMessagesCommitFieldEvent | GroupMessagesMessagesGrantedFieldEvent | GroupMessagesMessagesRejectedFieldEvent | GroupMessagesMessagesTransferFieldEvent | GroupMessagesMessagesHintIndexFieldEvent | GroupMessagesMessagesContextFieldEvent | GroupMessagesMessagesBlockFieldEvent> {
    return streamMessage(buf, GroupMessages.codec(), opts)
  }
}

export interface RaftMessage {
  kind: number
  term: number
  index: number
  logTerm: number
  commit: number
  granted: boolean
  rejected: boolean
  transfer: boolean
  hintIndex: number
  context: number
  block: Uint8Array
}

export namespace RaftMessage {
  let _codec: Codec<RaftMessage>

  export const codec = (): Codec<RaftMessage> => {
    if (_codec == null) {
      _codec = message<RaftMessage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.kind != null && obj.kind !== 0)) {
          w.uint32(8)
          w.uint32(obj.kind)
        }

        if ((obj.term != null && obj.term !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.term)
        }

        if ((obj.index != null && obj.index !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.index)
        }

        if ((obj.logTerm != null && obj.logTerm !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.logTerm)
        }

        if ((obj.commit != null && obj.commit !== 0)) {
          w.uint32(40)
          w.uint64Number(obj.commit)
        }

        if ((obj.granted != null && obj.granted !== false)) {
          w.uint32(48)
          w.bool(obj.granted)
        }

        if ((obj.rejected != null && obj.rejected !== false)) {
          w.uint32(56)
          w.bool(obj.rejected)
        }

        if ((obj.transfer != null && obj.transfer !== false)) {
          w.uint32(64)
          w.bool(obj.transfer)
        }

        if ((obj.hintIndex != null && obj.hintIndex !== 0)) {
          w.uint32(72)
          w.uint64Number(obj.hintIndex)
        }

        if ((obj.context != null && obj.context !== 0)) {
          w.uint32(80)
          w.uint64Number(obj.context)
        }

        if ((obj.block != null && obj.block.byteLength > 0)) {
          w.uint32(90)
          w.bytes(obj.block)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          kind: 0,
          term: 0,
          index: 0,
          logTerm: 0,
          commit: 0,
          granted: false,
          rejected: false,
          transfer: false,
          hintIndex: 0,
          context: 0,
          block: noBytes
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.kind = reader.uint32()
              break
            }
            case 2: {
              obj.term = reader.uint64Number()
              break
            }
            case 3: {
              obj.index = reader.uint64Number()
              break
            }
            case 4: {
              obj.logTerm = reader.uint64Number()
              break
            }
            case 5: {
              obj.commit = reader.uint64Number()
              break
            }
            case 6: {
              obj.granted = reader.bool()
              break
            }
            case 7: {
              obj.rejected = reader.bool()
              break
            }
            case 8: {
              obj.transfer = reader.bool()
              break
            }
            case 9: {
              obj.hintIndex = reader.uint64Number()
              break
            }
            case 10: {
              obj.context = reader.uint64Number()
              break
            }
            case 11: {
              obj.block = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.kind`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.term`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.index`,
                value: reader.uint64Number()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.logTerm`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.commit`,
                value: reader.uint64Number()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.granted`,
                value: reader.bool()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.rejected`,
                value: reader.bool()
              }
              break
            }
            case 8: {
              yield {
                field: `${prefix}.transfer`,
                value: reader.bool()
              }
              break
            }
            case 9: {
              yield {
                field: `${prefix}.hintIndex`,
                value: reader.uint64Number()
              }
              break
            }
            case 10: {
              yield {
                field: `${prefix}.context`,
                value: reader.uint64Number()
              }
              break
            }
            case 11: {
              yield {
                field: `${prefix}.block`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface RaftMessageKindFieldEvent {
    field: '$.kind'
    value: number
  }

  export interface RaftMessageTermFieldEvent {
    field: '$.term'
    value: number
  }

  export interface RaftMessageIndexFieldEvent {
    field: '$.index'
    value: number
  }

  export interface RaftMessageLogTermFieldEvent {
    field: '$.logTerm'
    value: number
  }

  export interface RaftMessageCommitFieldEvent {
    field: '$.commit'
    value: number
  }

  export interface RaftMessageGrantedFieldEvent {
    field: '$.granted'
    value: boolean
  }

  export interface RaftMessageRejectedFieldEvent {
    field: '$.rejected'
    value: boolean
  }

  export interface RaftMessageTransferFieldEvent {
    field: '$.transfer'
    value: boolean
  }

  export interface RaftMessageHintIndexFieldEvent {
    field: '$.hintIndex'
    value: number
  }

  export interface RaftMessageContextFieldEvent {
    field: '$.context'
    value: number
  }

  export interface RaftMessageBlockFieldEvent {
    field: '$.block'
    value: Uint8Array
  }

  export function encode (obj: Partial<RaftMessage>): Uint8Array {
    return encodeMessage(obj, RaftMessage.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RaftMessage>): RaftMessage {
    return decodeMessage(buf, RaftMessage.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RaftMessage>): Generator<RaftMessageKindFieldEvent | RaftMessageTermFieldEvent | RaftMessageIndexFieldEvent | RaftMessageLogTermFieldEvent | RaftMessageCommitFieldEvent | RaftMessageGrantedFieldEvent | RaftMessageRejectedFieldEvent | RaftMessageTransferFieldEvent | RaftMessageHintIndexFieldEvent | RaftMessageContextFieldEvent | RaftMessageBlockFieldEvent> {
    return streamMessage(buf, RaftMessage.codec(), opts)
  }
}

export interface LinkRefusal {
  code: string
  message: string
}

export namespace LinkRefusal {
  let _codec: Codec<LinkRefusal>

  export const codec = (): Codec<LinkRefusal> => {
    if (_codec == null) {
      _codec = message<LinkRefusal>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.code != null && obj.code !== '')) {
          w.uint32(10)
          w.string(obj.code)
        }

        if ((obj.message != null && obj.message !== '')) {
          w.uint32(18)
          w.string(obj.message)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          code: '',
          message: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.code = reader.string()
              break
            }
            case 2: {
              obj.message = reader.string()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.code`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.message`,
                value: reader.string()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface LinkRefusalCodeFieldEvent {
    field: '$.code'
    value: string
  }

  export interface LinkRefusalMessageFieldEvent {
    field: '$.message'
    value: string
  }

  export function encode (obj: Partial<LinkRefusal>): Uint8Array {
    return encodeMessage(obj, LinkRefusal.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LinkRefusal>): LinkRefusal {
    return decodeMessage(buf, LinkRefusal.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LinkRefusal>): Generator<LinkRefusalCodeFieldEvent | LinkRefusalMessageFieldEvent> {
    return streamMessage(buf, LinkRefusal.codec(), opts)
  }
}

export interface Ping {
  holding: boolean
}

export namespace Ping {
  let _codec: Codec<Ping>

  export const codec = (): Codec<Ping> => {
    if (_codec == null) {
      _codec = message<Ping>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.holding != null && obj.holding !== false)) {
          w.uint32(8)
          w.bool(obj.holding)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          holding: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.holding = reader.bool()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.holding`,
                value: reader.bool()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface PingHoldingFieldEvent {
    field: '$.holding'
    value: boolean
  }

  export function encode (obj: Partial<Ping>): Uint8Array {
    return encodeMessage(obj, Ping.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Ping>): Ping {
    return decodeMessage(buf, Ping.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Ping>): Generator<PingHoldingFieldEvent> {
    return streamMessage(buf, Ping.codec(), opts)
  }
}

export interface Offer {
  clusterId: Uint8Array
  fromIncarnation: string
  toIncarnation: string
  term: number
  id: string
  index: number
  snapshotTerm: number
  time: number
  configuration: Uint8Array
  configurationIndex: number
  chunks: number
  storedBytes: number
  bytes: number
  digest: Uint8Array
}

export namespace Offer {
  let _codec: Codec<Offer>

  export const codec = (): Codec<Offer> => {
    if (_codec == null) {
      _codec = message<Offer>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.clusterId != null && obj.clusterId.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.clusterId)
        }

        if ((obj.fromIncarnation != null && obj.fromIncarnation !== '')) {
          w.uint32(18)
          w.string(obj.fromIncarnation)
        }

        if ((obj.toIncarnation != null && obj.toIncarnation !== '')) {
          w.uint32(26)
          w.string(obj.toIncarnation)
        }

        if ((obj.term != null && obj.term !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.term)
        }

        if ((obj.id != null && obj.id !== '')) {
          w.uint32(42)
          w.string(obj.id)
        }

        if ((obj.index != null && obj.index !== 0)) {
          w.uint32(48)
          w.uint64Number(obj.index)
        }

        if ((obj.snapshotTerm != null && obj.snapshotTerm !== 0)) {
          w.uint32(56)
          w.uint64Number(obj.snapshotTerm)
        }

        if ((obj.time != null && obj.time !== 0)) {
          w.uint32(64)
          w.uint64Number(obj.time)
        }

        if ((obj.configuration != null && obj.configuration.byteLength > 0)) {
          w.uint32(74)
          w.bytes(obj.configuration)
        }

        if ((obj.configurationIndex != null && obj.configurationIndex !== 0)) {
          w.uint32(80)
          w.uint64Number(obj.configurationIndex)
        }

        if ((obj.chunks != null && obj.chunks !== 0)) {
          w.uint32(88)
          w.uint32(obj.chunks)
        }

        if ((obj.storedBytes != null && obj.storedBytes !== 0)) {
          w.uint32(96)
          w.uint64Number(obj.storedBytes)
        }

        if ((obj.bytes != null && obj.bytes !== 0)) {
          w.uint32(104)
          w.uint64Number(obj.bytes)
        }

        if ((obj.digest != null && obj.digest.byteLength > 0)) {
          w.uint32(114)
          w.bytes(obj.digest)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          clusterId: noBytes,
          fromIncarnation: '',
          toIncarnation: '',
          term: 0,
          id: '',
          index: 0,
          snapshotTerm: 0,
          time: 0,
          configuration: noBytes,
          configurationIndex: 0,
          chunks: 0,
          storedBytes: 0,
          bytes: 0,
          digest: noBytes
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.clusterId = reader.bytes()
              break
            }
            case 2: {
              obj.fromIncarnation = reader.string()
              break
            }
            case 3: {
              obj.toIncarnation = reader.string()
              break
            }
            case 4: {
              obj.term = reader.uint64Number()
              break
            }
            case 5: {
              obj.id = reader.string()
              break
            }
            case 6: {
              obj.index = reader.uint64Number()
              break
            }
            case 7: {
              obj.snapshotTerm = reader.uint64Number()
              break
            }
            case 8: {
              obj.time = reader.uint64Number()
              break
            }
            case 9: {
              obj.configuration = reader.bytes()
              break
            }
            case 10: {
              obj.configurationIndex = reader.uint64Number()
              break
            }
            case 11: {
              obj.chunks = reader.uint32()
              break
            }
            case 12: {
              obj.storedBytes = reader.uint64Number()
              break
            }
            case 13: {
              obj.bytes = reader.uint64Number()
              break
            }
            case 14: {
              obj.digest = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.clusterId`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.fromIncarnation`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.toIncarnation`,
                value: reader.string()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.term`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.id`,
                value: reader.string()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.index`,
                value: reader.uint64Number()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.snapshotTerm`,
                value: reader.uint64Number()
              }
              break
            }
            case 8: {
              yield {
                field: `${prefix}.time`,
                value: reader.uint64Number()
              }
              break
            }
            case 9: {
              yield {
                field: `${prefix}.configuration`,
                value: reader.bytes()
              }
              break
            }
            case 10: {
              yield {
                field: `${prefix}.configurationIndex`,
                value: reader.uint64Number()
              }
              break
            }
            case 11: {
              yield {
                field: `${prefix}.chunks`,
                value: reader.uint32()
              }
              break
            }
            case 12: {
              yield {
                field: `${prefix}.storedBytes`,
                value: reader.uint64Number()
              }
              break
            }
            case 13: {
              yield {
                field: `${prefix}.bytes`,
                value: reader.uint64Number()
              }
              break
            }
            case 14: {
              yield {
                field: `${prefix}.digest`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface OfferClusterIdFieldEvent {
    field: '$.clusterId'
    value: Uint8Array
  }

  export interface OfferFromIncarnationFieldEvent {
    field: '$.fromIncarnation'
    value: string
  }

  export interface OfferToIncarnationFieldEvent {
    field: '$.toIncarnation'
    value: string
  }

  export interface OfferTermFieldEvent {
    field: '$.term'
    value: number
  }

  export interface OfferIdFieldEvent {
    field: '$.id'
    value: string
  }

  export interface OfferIndexFieldEvent {
    field: '$.index'
    value: number
  }

  export interface OfferSnapshotTermFieldEvent {
    field: '$.snapshotTerm'
    value: number
  }

  export interface OfferTimeFieldEvent {
    field: '$.time'
    value: number
  }

  export interface OfferConfigurationFieldEvent {
    field: '$.configuration'
    value: Uint8Array
  }

  export interface OfferConfigurationIndexFieldEvent {
    field: '$.configurationIndex'
    value: number
  }

  export interface OfferChunksFieldEvent {
    field: '$.chunks'
    value: number
  }

  export interface OfferStoredBytesFieldEvent {
    field: '$.storedBytes'
    value: number
  }

  export interface OfferBytesFieldEvent {
    field: '$.bytes'
    value: number
  }

  export interface OfferDigestFieldEvent {
    field: '$.digest'
    value: Uint8Array
  }

  export function encode (obj: Partial<Offer>): Uint8Array {
    return encodeMessage(obj, Offer.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Offer>): Offer {
    return decodeMessage(buf, Offer.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Offer>): Generator<OfferClusterIdFieldEvent | OfferFromIncarnationFieldEvent | OfferToIncarnationFieldEvent | OfferTermFieldEvent | OfferIdFieldEvent | OfferIndexFieldEvent | OfferSnapshotTermFieldEvent | OfferTimeFieldEvent | OfferConfigurationFieldEvent | OfferConfigurationIndexFieldEvent | OfferChunksFieldEvent | OfferStoredBytesFieldEvent | OfferBytesFieldEvent | OfferDigestFieldEvent> {
    return streamMessage(buf, Offer.codec(), opts)
  }
}

export interface Accept {
  next: number
}

export namespace Accept {
  let _codec: Codec<Accept>

  export const codec = (): Codec<Accept> => {
    if (_codec == null) {
      _codec = message<Accept>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.next != null && obj.next !== 0)) {
          w.uint32(8)
          w.uint32(obj.next)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          next: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.next = reader.uint32()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.next`,
                value: reader.uint32()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface AcceptNextFieldEvent {
    field: '$.next'
    value: number
  }

  export function encode (obj: Partial<Accept>): Uint8Array {
    return encodeMessage(obj, Accept.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Accept>): Accept {
    return decodeMessage(buf, Accept.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Accept>): Generator<AcceptNextFieldEvent> {
    return streamMessage(buf, Accept.codec(), opts)
  }
}

export interface Chunk {
  seq: number
  hash: Uint8Array
  data: Uint8Array
}

export namespace Chunk {
  let _codec: Codec<Chunk>

  export const codec = (): Codec<Chunk> => {
    if (_codec == null) {
      _codec = message<Chunk>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.seq != null && obj.seq !== 0)) {
          w.uint32(8)
          w.uint32(obj.seq)
        }

        if ((obj.hash != null && obj.hash.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.hash)
        }

        if ((obj.data != null && obj.data.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.data)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          seq: 0,
          hash: noBytes,
          data: noBytes
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.seq = reader.uint32()
              break
            }
            case 2: {
              obj.hash = reader.bytes()
              break
            }
            case 3: {
              obj.data = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.seq`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.hash`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.data`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface ChunkSeqFieldEvent {
    field: '$.seq'
    value: number
  }

  export interface ChunkHashFieldEvent {
    field: '$.hash'
    value: Uint8Array
  }

  export interface ChunkDataFieldEvent {
    field: '$.data'
    value: Uint8Array
  }

  export function encode (obj: Partial<Chunk>): Uint8Array {
    return encodeMessage(obj, Chunk.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Chunk>): Chunk {
    return decodeMessage(buf, Chunk.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Chunk>): Generator<ChunkSeqFieldEvent | ChunkHashFieldEvent | ChunkDataFieldEvent> {
    return streamMessage(buf, Chunk.codec(), opts)
  }
}

export interface Ack {
  next: number
}

export namespace Ack {
  let _codec: Codec<Ack>

  export const codec = (): Codec<Ack> => {
    if (_codec == null) {
      _codec = message<Ack>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.next != null && obj.next !== 0)) {
          w.uint32(8)
          w.uint32(obj.next)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          next: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.next = reader.uint32()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.next`,
                value: reader.uint32()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface AckNextFieldEvent {
    field: '$.next'
    value: number
  }

  export function encode (obj: Partial<Ack>): Uint8Array {
    return encodeMessage(obj, Ack.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Ack>): Ack {
    return decodeMessage(buf, Ack.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Ack>): Generator<AckNextFieldEvent> {
    return streamMessage(buf, Ack.codec(), opts)
  }
}

export interface Done {}

export namespace Done {
  let _codec: Codec<Done>

  export const codec = (): Codec<Done> => {
    if (_codec == null) {
      _codec = message<Done>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {}

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export function encode (obj: Partial<Done>): Uint8Array {
    return encodeMessage(obj, Done.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Done>): Done {
    return decodeMessage(buf, Done.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Done>): Generator<{}> {
    return streamMessage(buf, Done.codec(), opts)
  }
}
