// @ts-nocheck
import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

const noBytes = new Uint8Array(0)

export interface FormationView {
  version: number
  incarnation: string
  policy: string
  contacts: Contact[]
  frozenMs?: number
  founders: string[]
  floor: number
  promise?: Proposal
  clusterId: Uint8Array
}

export namespace FormationView {
  let _codec: Codec<FormationView>

  export const codec = (): Codec<FormationView> => {
    if (_codec == null) {
      _codec = message<FormationView>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.version != null && obj.version !== 0)) {
          w.uint32(8)
          w.uint32(obj.version)
        }

        if ((obj.incarnation != null && obj.incarnation !== '')) {
          w.uint32(18)
          w.string(obj.incarnation)
        }

        if ((obj.policy != null && obj.policy !== '')) {
          w.uint32(26)
          w.string(obj.policy)
        }

        if (obj.contacts != null && obj.contacts.length > 0) {
          for (const value of obj.contacts) {
            w.uint32(34)
            Contact.codec().encode(value, w)
          }
        }

        if (obj.frozenMs != null) {
          w.uint32(40)
          w.uint32(obj.frozenMs)
        }

        if (obj.founders != null && obj.founders.length > 0) {
          for (const value of obj.founders) {
            w.uint32(50)
            w.string(value)
          }
        }

        if ((obj.floor != null && obj.floor !== 0)) {
          w.uint32(56)
          w.uint32(obj.floor)
        }

        if (obj.promise != null) {
          w.uint32(66)
          Proposal.codec().encode(obj.promise, w)
        }

        if ((obj.clusterId != null && obj.clusterId.byteLength > 0)) {
          w.uint32(74)
          w.bytes(obj.clusterId)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          version: 0,
          incarnation: '',
          policy: '',
          contacts: [],
          founders: [],
          floor: 0,
          clusterId: noBytes
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.version = reader.uint32()
              break
            }
            case 2: {
              obj.incarnation = reader.string()
              break
            }
            case 3: {
              obj.policy = reader.string()
              break
            }
            case 4: {
              if (opts.limits?.contacts != null && obj.contacts.length === opts.limits.contacts) {
                throw new MaxLengthError('Decode error - repeated field "contacts" had too many elements')
              }

              obj.contacts.push(Contact.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.contacts$
              }))
              break
            }
            case 5: {
              obj.frozenMs = reader.uint32()
              break
            }
            case 6: {
              if (opts.limits?.founders != null && obj.founders.length === opts.limits.founders) {
                throw new MaxLengthError('Decode error - repeated field "founders" had too many elements')
              }

              obj.founders.push(reader.string())
              break
            }
            case 7: {
              obj.floor = reader.uint32()
              break
            }
            case 8: {
              obj.promise = Proposal.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.promise
              })
              break
            }
            case 9: {
              obj.clusterId = reader.bytes()
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
          contacts: 0,
          founders: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.version`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.incarnation`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.policy`,
                value: reader.string()
              }
              break
            }
            case 4: {
              if (opts.limits?.contacts != null && obj.contacts === opts.limits.contacts) {
                throw new MaxLengthError('Streaming decode error - repeated field "contacts" had too many elements')
              }

              for (const evt of Contact.codec().stream(reader, reader.uint32(), `${prefix}.contacts[]`, {
                limits: opts.limits?.contacts$
              })) {
                yield {
                  ...evt,
                  index: obj.contacts
                }
              }

              obj.contacts++

              break
            }
            case 5: {
              yield {
                field: `${prefix}.frozenMs`,
                value: reader.uint32()
              }
              break
            }
            case 6: {
              if (opts.limits?.founders != null && obj.founders === opts.limits.founders) {
                throw new MaxLengthError('Streaming decode error - repeated field "founders" had too many elements')
              }

              yield {
                field: `${prefix}.founders[]`,
                index: obj.founders,
                value: reader.string()
              }

              obj.founders++

              break
            }
            case 7: {
              yield {
                field: `${prefix}.floor`,
                value: reader.uint32()
              }
              break
            }
            case 8: {
              yield * Proposal.codec().stream(reader, reader.uint32(), `${prefix}.promise`, {
                limits: opts.limits?.promise
              })

              break
            }
            case 9: {
              yield {
                field: `${prefix}.clusterId`,
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

  export interface FormationViewVersionFieldEvent {
    field: '$.version'
    value: number
  }

  export interface FormationViewIncarnationFieldEvent {
    field: '$.incarnation'
    value: string
  }

  export interface FormationViewPolicyFieldEvent {
    field: '$.policy'
    value: string
  }

  export interface FormationViewContactsPeerFieldEvent {
    field: '$.contacts[].peer'
    value: string
    index: number
  }

  export interface FormationViewContactsIncarnationFieldEvent {
    field: '$.contacts[].incarnation'
    value: string
    index: number
  }

  export interface FormationViewContactsAgeMsFieldEvent {
    field: '$.contacts[].ageMs'
    value: number
    index: number
  }

  export interface FormationViewFrozenMsFieldEvent {
    field: '$.frozenMs'
    value: number
  }

  export interface FormationViewFoundersFieldEvent {
    field: '$.founders[]'
    index: number
    value: string
  }

  export interface FormationViewFloorFieldEvent {
    field: '$.floor'
    value: number
  }

  export interface FormationViewPromiseAttemptFieldEvent {
    field: '$.promise.attempt'
    value: number
  }

  export interface FormationViewPromisePolicyFieldEvent {
    field: '$.promise.policy'
    value: string
  }

  export interface FormationViewPromiseFoundersFieldEvent {
    field: '$.promise.founders[]'
    index: number
    value: string
  }

  export interface FormationViewClusterIdFieldEvent {
    field: '$.clusterId'
    value: Uint8Array
  }

  export function encode (obj: Partial<FormationView>): Uint8Array {
    return encodeMessage(obj, FormationView.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<FormationView>): FormationView {
    return decodeMessage(buf, FormationView.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<FormationView>): Generator<FormationViewVersionFieldEvent | FormationViewIncarnationFieldEvent | FormationViewPolicyFieldEvent | FormationViewContactsPeerFieldEvent | FormationViewContactsIncarnationFieldEvent | FormationViewContactsAgeMsFieldEvent | FormationViewFrozenMsFieldEvent | FormationViewFoundersFieldEvent | FormationViewFloorFieldEvent | FormationViewPromiseAttemptFieldEvent | FormationViewPromisePolicyFieldEvent | FormationViewPromiseFoundersFieldEvent | FormationViewClusterIdFieldEvent> {
    return streamMessage(buf, FormationView.codec(), opts)
  }
}

export interface Contact {
  peer: string
  incarnation: string
  ageMs: number
}

export namespace Contact {
  let _codec: Codec<Contact>

  export const codec = (): Codec<Contact> => {
    if (_codec == null) {
      _codec = message<Contact>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.peer != null && obj.peer !== '')) {
          w.uint32(10)
          w.string(obj.peer)
        }

        if ((obj.incarnation != null && obj.incarnation !== '')) {
          w.uint32(18)
          w.string(obj.incarnation)
        }

        if ((obj.ageMs != null && obj.ageMs !== 0)) {
          w.uint32(24)
          w.uint32(obj.ageMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          peer: '',
          incarnation: '',
          ageMs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.peer = reader.string()
              break
            }
            case 2: {
              obj.incarnation = reader.string()
              break
            }
            case 3: {
              obj.ageMs = reader.uint32()
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
                field: `${prefix}.peer`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.incarnation`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.ageMs`,
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

  export interface ContactPeerFieldEvent {
    field: '$.peer'
    value: string
  }

  export interface ContactIncarnationFieldEvent {
    field: '$.incarnation'
    value: string
  }

  export interface ContactAgeMsFieldEvent {
    field: '$.ageMs'
    value: number
  }

  export function encode (obj: Partial<Contact>): Uint8Array {
    return encodeMessage(obj, Contact.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Contact>): Contact {
    return decodeMessage(buf, Contact.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Contact>): Generator<ContactPeerFieldEvent | ContactIncarnationFieldEvent | ContactAgeMsFieldEvent> {
    return streamMessage(buf, Contact.codec(), opts)
  }
}

export interface Proposal {
  attempt: number
  policy: string
  founders: string[]
}

export namespace Proposal {
  let _codec: Codec<Proposal>

  export const codec = (): Codec<Proposal> => {
    if (_codec == null) {
      _codec = message<Proposal>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.attempt != null && obj.attempt !== 0)) {
          w.uint32(8)
          w.uint32(obj.attempt)
        }

        if ((obj.policy != null && obj.policy !== '')) {
          w.uint32(18)
          w.string(obj.policy)
        }

        if (obj.founders != null && obj.founders.length > 0) {
          for (const value of obj.founders) {
            w.uint32(26)
            w.string(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          attempt: 0,
          policy: '',
          founders: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.attempt = reader.uint32()
              break
            }
            case 2: {
              obj.policy = reader.string()
              break
            }
            case 3: {
              if (opts.limits?.founders != null && obj.founders.length === opts.limits.founders) {
                throw new MaxLengthError('Decode error - repeated field "founders" had too many elements')
              }

              obj.founders.push(reader.string())
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
          founders: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.attempt`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.policy`,
                value: reader.string()
              }
              break
            }
            case 3: {
              if (opts.limits?.founders != null && obj.founders === opts.limits.founders) {
                throw new MaxLengthError('Streaming decode error - repeated field "founders" had too many elements')
              }

              yield {
                field: `${prefix}.founders[]`,
                index: obj.founders,
                value: reader.string()
              }

              obj.founders++

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

  export interface ProposalAttemptFieldEvent {
    field: '$.attempt'
    value: number
  }

  export interface ProposalPolicyFieldEvent {
    field: '$.policy'
    value: string
  }

  export interface ProposalFoundersFieldEvent {
    field: '$.founders[]'
    index: number
    value: string
  }

  export function encode (obj: Partial<Proposal>): Uint8Array {
    return encodeMessage(obj, Proposal.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Proposal>): Proposal {
    return decodeMessage(buf, Proposal.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Proposal>): Generator<ProposalAttemptFieldEvent | ProposalPolicyFieldEvent | ProposalFoundersFieldEvent> {
    return streamMessage(buf, Proposal.codec(), opts)
  }
}

export interface FormationRecord {
  version: number
  incarnation: string
  floor: number
  promise?: Proposal
}

export namespace FormationRecord {
  let _codec: Codec<FormationRecord>

  export const codec = (): Codec<FormationRecord> => {
    if (_codec == null) {
      _codec = message<FormationRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.version != null && obj.version !== 0)) {
          w.uint32(8)
          w.uint32(obj.version)
        }

        if ((obj.incarnation != null && obj.incarnation !== '')) {
          w.uint32(18)
          w.string(obj.incarnation)
        }

        if ((obj.floor != null && obj.floor !== 0)) {
          w.uint32(24)
          w.uint32(obj.floor)
        }

        if (obj.promise != null) {
          w.uint32(34)
          Proposal.codec().encode(obj.promise, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          version: 0,
          incarnation: '',
          floor: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.version = reader.uint32()
              break
            }
            case 2: {
              obj.incarnation = reader.string()
              break
            }
            case 3: {
              obj.floor = reader.uint32()
              break
            }
            case 4: {
              obj.promise = Proposal.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.promise
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
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.version`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.incarnation`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.floor`,
                value: reader.uint32()
              }
              break
            }
            case 4: {
              yield * Proposal.codec().stream(reader, reader.uint32(), `${prefix}.promise`, {
                limits: opts.limits?.promise
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

  export interface FormationRecordVersionFieldEvent {
    field: '$.version'
    value: number
  }

  export interface FormationRecordIncarnationFieldEvent {
    field: '$.incarnation'
    value: string
  }

  export interface FormationRecordFloorFieldEvent {
    field: '$.floor'
    value: number
  }

  export interface FormationRecordPromiseAttemptFieldEvent {
    field: '$.promise.attempt'
    value: number
  }

  export interface FormationRecordPromisePolicyFieldEvent {
    field: '$.promise.policy'
    value: string
  }

  export interface FormationRecordPromiseFoundersFieldEvent {
    field: '$.promise.founders[]'
    index: number
    value: string
  }

  export function encode (obj: Partial<FormationRecord>): Uint8Array {
    return encodeMessage(obj, FormationRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<FormationRecord>): FormationRecord {
    return decodeMessage(buf, FormationRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<FormationRecord>): Generator<FormationRecordVersionFieldEvent | FormationRecordIncarnationFieldEvent | FormationRecordFloorFieldEvent | FormationRecordPromiseAttemptFieldEvent | FormationRecordPromisePolicyFieldEvent | FormationRecordPromiseFoundersFieldEvent> {
    return streamMessage(buf, FormationRecord.codec(), opts)
  }
}
