// @ts-nocheck
/* eslint-disable require-yield */

import { decodeMessage, encodeMessage, enumeration, MaxLengthError, message, streamMessage } from 'protons-runtime'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

const noBytes = new Uint8Array(0)

export interface CommandFrame {
  requests: Request[]
  responses: Response[]
  cancels: number[]
  hello?: Hello
  sealed?: Sealed
}

export namespace CommandFrame {
  let _codec: Codec<CommandFrame>

  export const codec = (): Codec<CommandFrame> => {
    if (_codec == null) {
      _codec = message<CommandFrame>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.requests != null && obj.requests.length > 0) {
          for (const value of obj.requests) {
            w.uint32(10)
            Request.codec().encode(value, w)
          }
        }

        if (obj.responses != null && obj.responses.length > 0) {
          for (const value of obj.responses) {
            w.uint32(18)
            Response.codec().encode(value, w)
          }
        }

        if (obj.cancels != null && obj.cancels.length > 0) {
          for (const value of obj.cancels) {
            w.uint32(24)
            w.uint64Number(value)
          }
        }

        if (obj.hello != null) {
          w.uint32(34)
          Hello.codec().encode(obj.hello, w)
        }

        if (obj.sealed != null) {
          w.uint32(42)
          Sealed.codec().encode(obj.sealed, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          requests: [],
          responses: [],
          cancels: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.requests != null && obj.requests.length === opts.limits.requests) {
                throw new MaxLengthError('Decode error - repeated field "requests" had too many elements')
              }

              obj.requests.push(Request.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.requests$
              }))
              break
            }
            case 2: {
              if (opts.limits?.responses != null && obj.responses.length === opts.limits.responses) {
                throw new MaxLengthError('Decode error - repeated field "responses" had too many elements')
              }

              obj.responses.push(Response.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.responses$
              }))
              break
            }
            case 3: {
              if (opts.limits?.cancels != null && obj.cancels.length === opts.limits.cancels) {
                throw new MaxLengthError('Decode error - repeated field "cancels" had too many elements')
              }

              obj.cancels.push(reader.uint64Number())
              break
            }
            case 4: {
              obj.hello = Hello.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.hello
              })
              break
            }
            case 5: {
              obj.sealed = Sealed.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.sealed
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
          requests: 0,
          responses: 0,
          cancels: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.requests != null && obj.requests === opts.limits.requests) {
                throw new MaxLengthError('Streaming decode error - repeated field "requests" had too many elements')
              }

              for (const evt of Request.codec().stream(reader, reader.uint32(), `${prefix}.requests[]`, {
                limits: opts.limits?.requests$
              })) {
                yield {
                  ...evt,
                  index: obj.requests
                }
              }

              obj.requests++

              break
            }
            case 2: {
              if (opts.limits?.responses != null && obj.responses === opts.limits.responses) {
                throw new MaxLengthError('Streaming decode error - repeated field "responses" had too many elements')
              }

              for (const evt of Response.codec().stream(reader, reader.uint32(), `${prefix}.responses[]`, {
                limits: opts.limits?.responses$
              })) {
                yield {
                  ...evt,
                  index: obj.responses
                }
              }

              obj.responses++

              break
            }
            case 3: {
              if (opts.limits?.cancels != null && obj.cancels === opts.limits.cancels) {
                throw new MaxLengthError('Streaming decode error - repeated field "cancels" had too many elements')
              }

              yield {
                field: `${prefix}.cancels[]`,
                index: obj.cancels,
                value: reader.uint64Number()
              }

              obj.cancels++

              break
            }
            case 4: {
              yield * Hello.codec().stream(reader, reader.uint32(), `${prefix}.hello`, {
                limits: opts.limits?.hello
              })

              break
            }
            case 5: {
              yield * Sealed.codec().stream(reader, reader.uint32(), `${prefix}.sealed`, {
                limits: opts.limits?.sealed
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

  export interface CommandFrameRequestsIdFieldEvent {
    field: '$.requests[].id'
    value: number
    index: number
  }

  export interface CommandFrameRequestsNamespaceFieldEvent {
    field: '$.requests[].namespace'
    value: string
    index: number
  }

  export interface CommandFrameRequestsForwardedFieldEvent {
    field: '$.requests[].forwarded'
    value: boolean
    index: number
  }

  export interface CommandFrameRequestsTimeoutMsFieldEvent {
    field: '$.requests[].timeoutMs'
    value: number
    index: number
  }

  export interface CommandFrameRequestsOriginFieldEvent {
    field: '$.requests[].origin'
    value: string
    index: number
  }

  export interface CommandFrameRequestsProposeCommandFieldEvent {
    field: '$.requests[].propose.command'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameRequestsProposeKvFieldEvent {
    field: '$.requests[].propose.kv'
    value: boolean
    index: number
  }

  export interface CommandFrameRequestsGetKeyFieldEvent {
    field: '$.requests[].get.key'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameRequestsGetConsistencyFieldEvent {
    field: '$.requests[].get.consistency'
    value: Consistency
    index: number
  }

  export interface CommandFrameRequestsKeysPrefixFieldEvent {
    field: '$.requests[].keys.prefix'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameRequestsKeysAfterFieldEvent {
    field: '$.requests[].keys.after'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameRequestsKeysLimitFieldEvent {
    field: '$.requests[].keys.limit'
    value: number
    index: number
  }

  export interface CommandFrameRequestsKeysConsistencyFieldEvent {
    field: '$.requests[].keys.consistency'
    value: Consistency
    index: number
  }

  export interface CommandFrameRequestsChangeMembersChangesOpFieldEvent {
    field: '$.requests[].changeMembers.changes[].op'
    value: ChangeOp
    index: number
  }

  export interface CommandFrameRequestsChangeMembersChangesPeerFieldEvent {
    field: '$.requests[].changeMembers.changes[].peer'
    value: string
    index: number
  }

  export interface CommandFrameRequestsChangeMembersChangesIncarnationFieldEvent {
    field: '$.requests[].changeMembers.changes[].incarnation'
    value: string
    index: number
  }

  export interface CommandFrameRequestsChangeMembersExpectedIndexFieldEvent {
    field: '$.requests[].changeMembers.expectedIndex'
    value: number
    index: number
  }

  export interface CommandFrameRequestsTransferPeerFieldEvent {
    field: '$.requests[].transfer.peer'
    value: string
    index: number
  }

  export interface CommandFrameRequestsJoinBodyFieldEvent {
    field: '$.requests[].join.body'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameRequestsJoinPublicKeyFieldEvent {
    field: '$.requests[].join.publicKey'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameRequestsJoinSignatureFieldEvent {
    field: '$.requests[].join.signature'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameRequestsExchangePeersPeersPeerFieldEvent {
    field: '$.requests[].exchangePeers.peers[].peer'
    value: string
    index: number
  }

  export interface CommandFrameRequestsExchangePeersPeersAddressesFieldEvent {
    field: '$.requests[].exchangePeers.peers[].addresses[]'
    index: number
    value: string
  }

  export interface CommandFrameRequestsExchangePeersPeersAgeMsFieldEvent {
    field: '$.requests[].exchangePeers.peers[].ageMs'
    value: number
    index: number
  }

  export interface CommandFrameRequestsExchangePeersServingFieldEvent {
    field: '$.requests[].exchangePeers.serving'
    value: boolean
    index: number
  }

  export interface CommandFrameRequestsFormationMessageFieldEvent {
    field: '$.requests[].formation.message'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameRequestsRemovedConfigurationIndexFieldEvent {
    field: '$.requests[].removed.configurationIndex'
    value: number
    index: number
  }

  export interface CommandFrameRequestsChangePolicyOpFieldEvent {
    field: '$.requests[].changePolicy.op'
    value: PolicyOp
    index: number
  }

  export interface CommandFrameRequestsChangePolicyPeerFieldEvent {
    field: '$.requests[].changePolicy.peer'
    value: string
    index: number
  }

  export interface CommandFrameRequestsChangePolicyPrefixFieldEvent {
    field: '$.requests[].changePolicy.prefix'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameRequestsChangePolicyRoleFieldEvent {
    field: '$.requests[].changePolicy.role'
    value: string
    index: number
  }

  export interface CommandFrameRequestsChangePolicyExpectedIndexFieldEvent {
    field: '$.requests[].changePolicy.expectedIndex'
    value: number
    index: number
  }

  export interface CommandFrameResponsesIdFieldEvent {
    field: '$.responses[].id'
    value: number
    index: number
  }

  export interface CommandFrameResponsesFailureNameFieldEvent {
    field: '$.responses[].failure.name'
    value: string
    index: number
  }

  export interface CommandFrameResponsesFailureMessageFieldEvent {
    field: '$.responses[].failure.message'
    value: string
    index: number
  }

  export interface CommandFrameResponsesFailureLeaderFieldEvent {
    field: '$.responses[].failure.leader'
    value: string
    index: number
  }

  export interface CommandFrameResponsesLeaderFieldEvent {
    field: '$.responses[].leader'
    value: string
    index: number
  }

  export interface CommandFrameResponsesProposedIndexFieldEvent {
    field: '$.responses[].proposed.index'
    value: number
    index: number
  }

  export interface CommandFrameResponsesProposedResultFieldEvent {
    field: '$.responses[].proposed.result'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameResponsesGotFoundFieldEvent {
    field: '$.responses[].got.found'
    value: boolean
    index: number
  }

  export interface CommandFrameResponsesGotValueFieldEvent {
    field: '$.responses[].got.value'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameResponsesKeyListKeysFieldEvent {
    field: '$.responses[].keyList.keys[]'
    index: number
    value: Uint8Array
  }

  export interface CommandFrameResponsesKeyListMoreFieldEvent {
    field: '$.responses[].keyList.more'
    value: boolean
    index: number
  }

  export interface CommandFrameResponsesIndexIndexFieldEvent {
    field: '$.responses[].index.index'
    value: number
    index: number
  }

  export interface CommandFrameResponsesMemberListMembersPeerFieldEvent {
    field: '$.responses[].memberList.members[].peer'
    value: string
    index: number
  }

  export interface CommandFrameResponsesMemberListMembersIncarnationFieldEvent {
    field: '$.responses[].memberList.members[].incarnation'
    value: string
    index: number
  }

  export interface CommandFrameResponsesMemberListMembersVoterFieldEvent {
    field: '$.responses[].memberList.members[].voter'
    value: boolean
    index: number
  }

  export interface CommandFrameResponsesMemberListMembersAddressesFieldEvent {
    field: '$.responses[].memberList.members[].addresses[]'
    index: number
    value: string
  }

  export interface CommandFrameResponsesMemberListClusterIdFieldEvent {
    field: '$.responses[].memberList.clusterId'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameResponsesMemberListConfigurationIndexFieldEvent {
    field: '$.responses[].memberList.configurationIndex'
    value: number
    index: number
  }

  export interface CommandFrameResponsesMemberListLeaderFieldEvent {
    field: '$.responses[].memberList.leader'
    value: string
    index: number
  }

  export interface CommandFrameResponsesMemberListTermFieldEvent {
    field: '$.responses[].memberList.term'
    value: number
    index: number
  }

  export interface CommandFrameResponsesMemberListProvisionalFieldEvent {
    field: '$.responses[].memberList.provisional'
    value: boolean
    index: number
  }

  export interface CommandFrameResponsesMemberListPendingFieldEvent {
    field: '$.responses[].memberList.pending'
    value: boolean
    index: number
  }

  export interface CommandFrameResponsesStatsJsonFieldEvent {
    field: '$.responses[].stats.json'
    value: string
    index: number
  }

  export interface CommandFrameResponsesJoinedClusterIdFieldEvent {
    field: '$.responses[].joined.clusterId'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameResponsesJoinedLeaderFieldEvent {
    field: '$.responses[].joined.leader'
    value: string
    index: number
  }

  export interface CommandFrameResponsesJoinedMembersMembersPeerFieldEvent {
    field: '$.responses[].joined.members.members[].peer'
    value: string
    index: number
  }

  export interface CommandFrameResponsesJoinedMembersMembersIncarnationFieldEvent {
    field: '$.responses[].joined.members.members[].incarnation'
    value: string
    index: number
  }

  export interface CommandFrameResponsesJoinedMembersMembersVoterFieldEvent {
    field: '$.responses[].joined.members.members[].voter'
    value: boolean
    index: number
  }

  export interface CommandFrameResponsesJoinedMembersMembersAddressesFieldEvent {
    field: '$.responses[].joined.members.members[].addresses[]'
    index: number
    value: string
  }

  export interface CommandFrameResponsesJoinedMembersClusterIdFieldEvent {
    field: '$.responses[].joined.members.clusterId'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameResponsesJoinedMembersConfigurationIndexFieldEvent {
    field: '$.responses[].joined.members.configurationIndex'
    value: number
    index: number
  }

  export interface CommandFrameResponsesJoinedMembersLeaderFieldEvent {
    field: '$.responses[].joined.members.leader'
    value: string
    index: number
  }

  export interface CommandFrameResponsesJoinedMembersTermFieldEvent {
    field: '$.responses[].joined.members.term'
    value: number
    index: number
  }

  export interface CommandFrameResponsesJoinedMembersProvisionalFieldEvent {
    field: '$.responses[].joined.members.provisional'
    value: boolean
    index: number
  }

  export interface CommandFrameResponsesJoinedMembersPendingFieldEvent {
    field: '$.responses[].joined.members.pending'
    value: boolean
    index: number
  }

  export interface CommandFrameResponsesPeerListPeersPeerFieldEvent {
    field: '$.responses[].peerList.peers[].peer'
    value: string
    index: number
  }

  export interface CommandFrameResponsesPeerListPeersAddressesFieldEvent {
    field: '$.responses[].peerList.peers[].addresses[]'
    index: number
    value: string
  }

  export interface CommandFrameResponsesPeerListPeersAgeMsFieldEvent {
    field: '$.responses[].peerList.peers[].ageMs'
    value: number
    index: number
  }

  export interface CommandFrameResponsesPeerListClusterIdFieldEvent {
    field: '$.responses[].peerList.clusterId'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameResponsesPeerListLeaderFieldEvent {
    field: '$.responses[].peerList.leader'
    value: string
    index: number
  }

  export interface CommandFrameResponsesFormationMessageFieldEvent {
    field: '$.responses[].formation.message'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameResponsesPolicyTextFieldEvent {
    field: '$.responses[].policy.text'
    value: string
    index: number
  }

  export interface CommandFrameResponsesPolicyConfigurationIndexFieldEvent {
    field: '$.responses[].policy.configurationIndex'
    value: number
    index: number
  }

  export interface CommandFrameCancelsFieldEvent {
    field: '$.cancels[]'
    index: number
    value: number
  }

  export interface CommandFrameHelloMajorFieldEvent {
    field: '$.hello.major'
    value: number
  }

  export interface CommandFrameHelloMinorFieldEvent {
    field: '$.hello.minor'
    value: number
  }

  export interface CommandFrameHelloSaltFieldEvent {
    field: '$.hello.salt'
    value: Uint8Array
  }

  export interface CommandFrameSealedBoxesNamespaceFieldEvent {
    field: '$.sealed.boxes[].namespace'
    value: string
    index: number
  }

  export interface CommandFrameSealedBoxesKeyIdFieldEvent {
    field: '$.sealed.boxes[].keyId'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameSealedBoxesSequenceFieldEvent {
    field: '$.sealed.boxes[].sequence'
    value: number
    index: number
  }

  export interface CommandFrameSealedBoxesSealedFieldEvent {
    field: '$.sealed.boxes[].sealed'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameSealedRefusalsNamespaceFieldEvent {
    field: '$.sealed.refusals[].namespace'
    value: string
    index: number
  }

  export interface CommandFrameSealedRefusalsKeyIdFieldEvent {
    field: '$.sealed.refusals[].keyId'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameSealedRefusalsSequenceFieldEvent {
    field: '$.sealed.refusals[].sequence'
    value: number
    index: number
  }

  export interface CommandFrameSealedRefusalsFailureNameFieldEvent {
    field: '$.sealed.refusals[].failure.name'
    value: string
    index: number
  }

  export interface CommandFrameSealedRefusalsFailureMessageFieldEvent {
    field: '$.sealed.refusals[].failure.message'
    value: string
    index: number
  }

  export interface CommandFrameSealedRefusalsFailureLeaderFieldEvent {
    field: '$.sealed.refusals[].failure.leader'
    value: string
    index: number
  }

  export function encode (obj: Partial<CommandFrame>): Uint8Array {
    return encodeMessage(obj, CommandFrame.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<CommandFrame>): CommandFrame {
    return decodeMessage(buf, CommandFrame.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<CommandFrame>): Generator<CommandFrameRequestsIdFieldEvent | CommandFrameRequestsNamespaceFieldEvent | CommandFrameRequestsForwardedFieldEvent | CommandFrameRequestsTimeoutMsFieldEvent | CommandFrameRequestsOriginFieldEvent | CommandFrameRequestsProposeCommandFieldEvent | CommandFrameRequestsProposeKvFieldEvent | CommandFrameRequestsGetKeyFieldEvent | CommandFrameRequestsGetConsistencyFieldEvent | CommandFrameRequestsKeysPrefixFieldEvent | CommandFrameRequestsKeysAfterFieldEvent | CommandFrameRequestsKeysLimitFieldEvent | CommandFrameRequestsKeysConsistencyFieldEvent | CommandFrameRequestsChangeMembersChangesOpFieldEvent | CommandFrameRequestsChangeMembersChangesPeerFieldEvent | CommandFrameRequestsChangeMembersChangesIncarnationFieldEvent | CommandFrameRequestsChangeMembersExpectedIndexFieldEvent | CommandFrameRequestsTransferPeerFieldEvent | CommandFrameRequestsJoinBodyFieldEvent | CommandFrameRequestsJoinPublicKeyFieldEvent | CommandFrameRequestsJoinSignatureFieldEvent | CommandFrameRequestsExchangePeersPeersPeerFieldEvent | CommandFrameRequestsExchangePeersPeersAddressesFieldEvent | CommandFrameRequestsExchangePeersPeersAgeMsFieldEvent | CommandFrameRequestsExchangePeersServingFieldEvent | CommandFrameRequestsFormationMessageFieldEvent | CommandFrameRequestsRemovedConfigurationIndexFieldEvent | CommandFrameRequestsChangePolicyOpFieldEvent | CommandFrameRequestsChangePolicyPeerFieldEvent | CommandFrameRequestsChangePolicyPrefixFieldEvent | CommandFrameRequestsChangePolicyRoleFieldEvent | CommandFrameRequestsChangePolicyExpectedIndexFieldEvent | CommandFrameResponsesIdFieldEvent | CommandFrameResponsesFailureNameFieldEvent | CommandFrameResponsesFailureMessageFieldEvent | CommandFrameResponsesFailureLeaderFieldEvent | CommandFrameResponsesLeaderFieldEvent | CommandFrameResponsesProposedIndexFieldEvent | CommandFrameResponsesProposedResultFieldEvent | CommandFrameResponsesGotFoundFieldEvent | CommandFrameResponsesGotValueFieldEvent | CommandFrameResponsesKeyListKeysFieldEvent | CommandFrameResponsesKeyListMoreFieldEvent | CommandFrameResponsesIndexIndexFieldEvent | CommandFrameResponsesMemberListMembersPeerFieldEvent | CommandFrameResponsesMemberListMembersIncarnationFieldEvent | CommandFrameResponsesMemberListMembersVoterFieldEvent | CommandFrameResponsesMemberListMembersAddressesFieldEvent | CommandFrameResponsesMemberListClusterIdFieldEvent | CommandFrameResponsesMemberListConfigurationIndexFieldEvent | CommandFrameResponsesMemberListLeaderFieldEvent | CommandFrameResponsesMemberListTermFieldEvent | CommandFrameResponsesMemberListProvisionalFieldEvent | CommandFrameResponsesMemberListPendingFieldEvent | CommandFrameResponsesStatsJsonFieldEvent | CommandFrameResponsesJoinedClusterIdFieldEvent | CommandFrameResponsesJoinedLeaderFieldEvent | CommandFrameResponsesJoinedMembersMembersPeerFieldEvent | CommandFrameResponsesJoinedMembersMembersIncarnationFieldEvent | CommandFrameResponsesJoinedMembersMembersVoterFieldEvent | CommandFrameResponsesJoinedMembersMembersAddressesFieldEvent | CommandFrameResponsesJoinedMembersClusterIdFieldEvent | CommandFrameResponsesJoinedMembersConfigurationIndexFieldEvent | CommandFrameResponsesJoinedMembersLeaderFieldEvent | CommandFrameResponsesJoinedMembersTermFieldEvent | CommandFrameResponsesJoinedMembersProvisionalFieldEvent | CommandFrameResponsesJoinedMembersPendingFieldEvent | CommandFrameResponsesPeerListPeersPeerFieldEvent | CommandFrameResponsesPeerListPeersAddressesFieldEvent | CommandFrameResponsesPeerListPeersAgeMsFieldEvent | CommandFrameResponsesPeerListClusterIdFieldEvent | CommandFrameResponsesPeerListLeaderFieldEvent | CommandFrameResponsesFormationMessageFieldEvent | CommandFrameResponsesPolicyTextFieldEvent | CommandFrameResponsesPolicyConfigurationIndexFieldEvent | CommandFrameCancelsFieldEvent | CommandFrameHelloMajorFieldEvent | CommandFrameHelloMinorFieldEvent | CommandFrameHelloSaltFieldEvent | CommandFrameSealedBoxesNamespaceFieldEvent | CommandFrameSealedBoxesKeyIdFieldEvent | CommandFrameSealedBoxesSequenceFieldEvent | CommandFrameSealedBoxesSealedFieldEvent | CommandFrameSealedRefusalsNamespaceFieldEvent | CommandFrameSealedRefusalsKeyIdFieldEvent | CommandFrameSealedRefusalsSequenceFieldEvent | CommandFrameSealedRefusalsFailureNameFieldEvent | CommandFrameSealedRefusalsFailureMessageFieldEvent | CommandFrameSealedRefusalsFailureLeaderFieldEvent> {
    return streamMessage(buf, CommandFrame.codec(), opts)
  }
}

export interface Hello {
  major: number
  minor: number
  salt?: Uint8Array
}

export namespace Hello {
  let _codec: Codec<Hello>

  export const codec = (): Codec<Hello> => {
    if (_codec == null) {
      _codec = message<Hello>((obj, w, opts = {}) => {
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

        if (obj.salt != null) {
          w.uint32(26)
          w.bytes(obj.salt)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          major: 0,
          minor: 0
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

  export interface HelloMajorFieldEvent {
    field: '$.major'
    value: number
  }

  export interface HelloMinorFieldEvent {
    field: '$.minor'
    value: number
  }

  export interface HelloSaltFieldEvent {
    field: '$.salt'
    value: Uint8Array
  }

  export function encode (obj: Partial<Hello>): Uint8Array {
    return encodeMessage(obj, Hello.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Hello>): Hello {
    return decodeMessage(buf, Hello.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Hello>): Generator<HelloMajorFieldEvent | HelloMinorFieldEvent | HelloSaltFieldEvent> {
    return streamMessage(buf, Hello.codec(), opts)
  }
}

export interface Sealed {
  boxes: SealedCommands[]
  refusals: BoxRefusal[]
}

export namespace Sealed {
  let _codec: Codec<Sealed>

  export const codec = (): Codec<Sealed> => {
    if (_codec == null) {
      _codec = message<Sealed>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.boxes != null && obj.boxes.length > 0) {
          for (const value of obj.boxes) {
            w.uint32(10)
            SealedCommands.codec().encode(value, w)
          }
        }

        if (obj.refusals != null && obj.refusals.length > 0) {
          for (const value of obj.refusals) {
            w.uint32(18)
            BoxRefusal.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          boxes: [],
          refusals: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.boxes != null && obj.boxes.length === opts.limits.boxes) {
                throw new MaxLengthError('Decode error - repeated field "boxes" had too many elements')
              }

              obj.boxes.push(SealedCommands.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.boxes$
              }))
              break
            }
            case 2: {
              if (opts.limits?.refusals != null && obj.refusals.length === opts.limits.refusals) {
                throw new MaxLengthError('Decode error - repeated field "refusals" had too many elements')
              }

              obj.refusals.push(BoxRefusal.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.refusals$
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
          boxes: 0,
          refusals: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.boxes != null && obj.boxes === opts.limits.boxes) {
                throw new MaxLengthError('Streaming decode error - repeated field "boxes" had too many elements')
              }

              for (const evt of SealedCommands.codec().stream(reader, reader.uint32(), `${prefix}.boxes[]`, {
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
            case 2: {
              if (opts.limits?.refusals != null && obj.refusals === opts.limits.refusals) {
                throw new MaxLengthError('Streaming decode error - repeated field "refusals" had too many elements')
              }

              for (const evt of BoxRefusal.codec().stream(reader, reader.uint32(), `${prefix}.refusals[]`, {
                limits: opts.limits?.refusals$
              })) {
                yield {
                  ...evt,
                  index: obj.refusals
                }
              }

              obj.refusals++

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

  export interface SealedBoxesNamespaceFieldEvent {
    field: '$.boxes[].namespace'
    value: string
    index: number
  }

  export interface SealedBoxesKeyIdFieldEvent {
    field: '$.boxes[].keyId'
    value: Uint8Array
    index: number
  }

  export interface SealedBoxesSequenceFieldEvent {
    field: '$.boxes[].sequence'
    value: number
    index: number
  }

  export interface SealedBoxesSealedFieldEvent {
    field: '$.boxes[].sealed'
    value: Uint8Array
    index: number
  }

  export interface SealedRefusalsNamespaceFieldEvent {
    field: '$.refusals[].namespace'
    value: string
    index: number
  }

  export interface SealedRefusalsKeyIdFieldEvent {
    field: '$.refusals[].keyId'
    value: Uint8Array
    index: number
  }

  export interface SealedRefusalsSequenceFieldEvent {
    field: '$.refusals[].sequence'
    value: number
    index: number
  }

  export interface SealedRefusalsFailureNameFieldEvent {
    field: '$.refusals[].failure.name'
    value: string
    index: number
  }

  export interface SealedRefusalsFailureMessageFieldEvent {
    field: '$.refusals[].failure.message'
    value: string
    index: number
  }

  export interface SealedRefusalsFailureLeaderFieldEvent {
    field: '$.refusals[].failure.leader'
    value: string
    index: number
  }

  export function encode (obj: Partial<Sealed>): Uint8Array {
    return encodeMessage(obj, Sealed.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Sealed>): Sealed {
    return decodeMessage(buf, Sealed.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Sealed>): Generator<SealedBoxesNamespaceFieldEvent | SealedBoxesKeyIdFieldEvent | SealedBoxesSequenceFieldEvent | SealedBoxesSealedFieldEvent | SealedRefusalsNamespaceFieldEvent | SealedRefusalsKeyIdFieldEvent | SealedRefusalsSequenceFieldEvent | SealedRefusalsFailureNameFieldEvent | SealedRefusalsFailureMessageFieldEvent | SealedRefusalsFailureLeaderFieldEvent> {
    return streamMessage(buf, Sealed.codec(), opts)
  }
}

export interface SealedCommands {
  namespace: string
  keyId: Uint8Array
  sequence: number
  sealed: Uint8Array
}

export namespace SealedCommands {
  let _codec: Codec<SealedCommands>

  export const codec = (): Codec<SealedCommands> => {
    if (_codec == null) {
      _codec = message<SealedCommands>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.namespace != null && obj.namespace !== '')) {
          w.uint32(10)
          w.string(obj.namespace)
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
          namespace: '',
          keyId: noBytes,
          sequence: 0,
          sealed: noBytes
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.namespace = reader.string()
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
                field: `${prefix}.namespace`,
                value: reader.string()
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

  export interface SealedCommandsNamespaceFieldEvent {
    field: '$.namespace'
    value: string
  }

  export interface SealedCommandsKeyIdFieldEvent {
    field: '$.keyId'
    value: Uint8Array
  }

  export interface SealedCommandsSequenceFieldEvent {
    field: '$.sequence'
    value: number
  }

  export interface SealedCommandsSealedFieldEvent {
    field: '$.sealed'
    value: Uint8Array
  }

  export function encode (obj: Partial<SealedCommands>): Uint8Array {
    return encodeMessage(obj, SealedCommands.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SealedCommands>): SealedCommands {
    return decodeMessage(buf, SealedCommands.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SealedCommands>): Generator<SealedCommandsNamespaceFieldEvent | SealedCommandsKeyIdFieldEvent | SealedCommandsSequenceFieldEvent | SealedCommandsSealedFieldEvent> {
    return streamMessage(buf, SealedCommands.codec(), opts)
  }
}

export interface BoxRefusal {
  namespace: string
  keyId: Uint8Array
  sequence: number
  failure?: Failure
}

export namespace BoxRefusal {
  let _codec: Codec<BoxRefusal>

  export const codec = (): Codec<BoxRefusal> => {
    if (_codec == null) {
      _codec = message<BoxRefusal>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.namespace != null && obj.namespace !== '')) {
          w.uint32(10)
          w.string(obj.namespace)
        }

        if ((obj.keyId != null && obj.keyId.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.keyId)
        }

        if ((obj.sequence != null && obj.sequence !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.sequence)
        }

        if (obj.failure != null) {
          w.uint32(34)
          Failure.codec().encode(obj.failure, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          namespace: '',
          keyId: noBytes,
          sequence: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.namespace = reader.string()
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
              obj.failure = Failure.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.failure
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
                field: `${prefix}.namespace`,
                value: reader.string()
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
              yield * Failure.codec().stream(reader, reader.uint32(), `${prefix}.failure`, {
                limits: opts.limits?.failure
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

  export interface BoxRefusalNamespaceFieldEvent {
    field: '$.namespace'
    value: string
  }

  export interface BoxRefusalKeyIdFieldEvent {
    field: '$.keyId'
    value: Uint8Array
  }

  export interface BoxRefusalSequenceFieldEvent {
    field: '$.sequence'
    value: number
  }

  export interface BoxRefusalFailureNameFieldEvent {
    field: '$.failure.name'
    value: string
  }

  export interface BoxRefusalFailureMessageFieldEvent {
    field: '$.failure.message'
    value: string
  }

  export interface BoxRefusalFailureLeaderFieldEvent {
    field: '$.failure.leader'
    value: string
  }

  export function encode (obj: Partial<BoxRefusal>): Uint8Array {
    return encodeMessage(obj, BoxRefusal.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<BoxRefusal>): BoxRefusal {
    return decodeMessage(buf, BoxRefusal.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<BoxRefusal>): Generator<BoxRefusalNamespaceFieldEvent | BoxRefusalKeyIdFieldEvent | BoxRefusalSequenceFieldEvent | BoxRefusalFailureNameFieldEvent | BoxRefusalFailureMessageFieldEvent | BoxRefusalFailureLeaderFieldEvent> {
    return streamMessage(buf, BoxRefusal.codec(), opts)
  }
}

export interface Request {
  id: number
  namespace: string
  forwarded: boolean
  timeoutMs: number
  origin?: string
  propose?: Propose
  get?: Get
  keys?: Keys
  barrier?: Barrier
  members?: Members
  stats?: Stats
  changeMembers?: ChangeMembers
  transfer?: Transfer
  join?: Join
  exchangePeers?: ExchangePeers
  formation?: Formation
  removed?: Removed
  changePolicy?: ChangePolicy
  readPolicy?: ReadPolicy
}

export namespace Request {
  let _codec: Codec<Request>

  export const codec = (): Codec<Request> => {
    if (_codec == null) {
      _codec = message<Request>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.id != null && obj.id !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.id)
        }

        if ((obj.namespace != null && obj.namespace !== '')) {
          w.uint32(18)
          w.string(obj.namespace)
        }

        if ((obj.forwarded != null && obj.forwarded !== false)) {
          w.uint32(24)
          w.bool(obj.forwarded)
        }

        if ((obj.timeoutMs != null && obj.timeoutMs !== 0)) {
          w.uint32(32)
          w.uint32(obj.timeoutMs)
        }

        if (obj.origin != null) {
          w.uint32(42)
          w.string(obj.origin)
        }

        if (obj.propose != null) {
          w.uint32(82)
          Propose.codec().encode(obj.propose, w)
        }

        if (obj.get != null) {
          w.uint32(90)
          Get.codec().encode(obj.get, w)
        }

        if (obj.keys != null) {
          w.uint32(98)
          Keys.codec().encode(obj.keys, w)
        }

        if (obj.barrier != null) {
          w.uint32(106)
          Barrier.codec().encode(obj.barrier, w)
        }

        if (obj.members != null) {
          w.uint32(114)
          Members.codec().encode(obj.members, w)
        }

        if (obj.stats != null) {
          w.uint32(122)
          Stats.codec().encode(obj.stats, w)
        }

        if (obj.changeMembers != null) {
          w.uint32(130)
          ChangeMembers.codec().encode(obj.changeMembers, w)
        }

        if (obj.transfer != null) {
          w.uint32(138)
          Transfer.codec().encode(obj.transfer, w)
        }

        if (obj.join != null) {
          w.uint32(146)
          Join.codec().encode(obj.join, w)
        }

        if (obj.exchangePeers != null) {
          w.uint32(154)
          ExchangePeers.codec().encode(obj.exchangePeers, w)
        }

        if (obj.formation != null) {
          w.uint32(162)
          Formation.codec().encode(obj.formation, w)
        }

        if (obj.removed != null) {
          w.uint32(170)
          Removed.codec().encode(obj.removed, w)
        }

        if (obj.changePolicy != null) {
          w.uint32(178)
          ChangePolicy.codec().encode(obj.changePolicy, w)
        }

        if (obj.readPolicy != null) {
          w.uint32(186)
          ReadPolicy.codec().encode(obj.readPolicy, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          id: 0,
          namespace: '',
          forwarded: false,
          timeoutMs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.id = reader.uint64Number()
              break
            }
            case 2: {
              obj.namespace = reader.string()
              break
            }
            case 3: {
              obj.forwarded = reader.bool()
              break
            }
            case 4: {
              obj.timeoutMs = reader.uint32()
              break
            }
            case 5: {
              obj.origin = reader.string()
              break
            }
            case 10: {
              obj.propose = Propose.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.propose
              })
              break
            }
            case 11: {
              obj.get = Get.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.get
              })
              break
            }
            case 12: {
              obj.keys = Keys.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.keys
              })
              break
            }
            case 13: {
              obj.barrier = Barrier.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.barrier
              })
              break
            }
            case 14: {
              obj.members = Members.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.members
              })
              break
            }
            case 15: {
              obj.stats = Stats.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.stats
              })
              break
            }
            case 16: {
              obj.changeMembers = ChangeMembers.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.changeMembers
              })
              break
            }
            case 17: {
              obj.transfer = Transfer.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.transfer
              })
              break
            }
            case 18: {
              obj.join = Join.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.join
              })
              break
            }
            case 19: {
              obj.exchangePeers = ExchangePeers.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.exchangePeers
              })
              break
            }
            case 20: {
              obj.formation = Formation.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.formation
              })
              break
            }
            case 21: {
              obj.removed = Removed.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.removed
              })
              break
            }
            case 22: {
              obj.changePolicy = ChangePolicy.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.changePolicy
              })
              break
            }
            case 23: {
              obj.readPolicy = ReadPolicy.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.readPolicy
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
                field: `${prefix}.id`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.namespace`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.forwarded`,
                value: reader.bool()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.timeoutMs`,
                value: reader.uint32()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.origin`,
                value: reader.string()
              }
              break
            }
            case 10: {
              yield * Propose.codec().stream(reader, reader.uint32(), `${prefix}.propose`, {
                limits: opts.limits?.propose
              })

              break
            }
            case 11: {
              yield * Get.codec().stream(reader, reader.uint32(), `${prefix}.get`, {
                limits: opts.limits?.get
              })

              break
            }
            case 12: {
              yield * Keys.codec().stream(reader, reader.uint32(), `${prefix}.keys`, {
                limits: opts.limits?.keys
              })

              break
            }
            case 13: {
              yield * Barrier.codec().stream(reader, reader.uint32(), `${prefix}.barrier`, {
                limits: opts.limits?.barrier
              })

              break
            }
            case 14: {
              yield * Members.codec().stream(reader, reader.uint32(), `${prefix}.members`, {
                limits: opts.limits?.members
              })

              break
            }
            case 15: {
              yield * Stats.codec().stream(reader, reader.uint32(), `${prefix}.stats`, {
                limits: opts.limits?.stats
              })

              break
            }
            case 16: {
              yield * ChangeMembers.codec().stream(reader, reader.uint32(), `${prefix}.changeMembers`, {
                limits: opts.limits?.changeMembers
              })

              break
            }
            case 17: {
              yield * Transfer.codec().stream(reader, reader.uint32(), `${prefix}.transfer`, {
                limits: opts.limits?.transfer
              })

              break
            }
            case 18: {
              yield * Join.codec().stream(reader, reader.uint32(), `${prefix}.join`, {
                limits: opts.limits?.join
              })

              break
            }
            case 19: {
              yield * ExchangePeers.codec().stream(reader, reader.uint32(), `${prefix}.exchangePeers`, {
                limits: opts.limits?.exchangePeers
              })

              break
            }
            case 20: {
              yield * Formation.codec().stream(reader, reader.uint32(), `${prefix}.formation`, {
                limits: opts.limits?.formation
              })

              break
            }
            case 21: {
              yield * Removed.codec().stream(reader, reader.uint32(), `${prefix}.removed`, {
                limits: opts.limits?.removed
              })

              break
            }
            case 22: {
              yield * ChangePolicy.codec().stream(reader, reader.uint32(), `${prefix}.changePolicy`, {
                limits: opts.limits?.changePolicy
              })

              break
            }
            case 23: {
              yield * ReadPolicy.codec().stream(reader, reader.uint32(), `${prefix}.readPolicy`, {
                limits: opts.limits?.readPolicy
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

  export interface RequestIdFieldEvent {
    field: '$.id'
    value: number
  }

  export interface RequestNamespaceFieldEvent {
    field: '$.namespace'
    value: string
  }

  export interface RequestForwardedFieldEvent {
    field: '$.forwarded'
    value: boolean
  }

  export interface RequestTimeoutMsFieldEvent {
    field: '$.timeoutMs'
    value: number
  }

  export interface RequestOriginFieldEvent {
    field: '$.origin'
    value: string
  }

  export interface RequestProposeCommandFieldEvent {
    field: '$.propose.command'
    value: Uint8Array
  }

  export interface RequestProposeKvFieldEvent {
    field: '$.propose.kv'
    value: boolean
  }

  export interface RequestGetKeyFieldEvent {
    field: '$.get.key'
    value: Uint8Array
  }

  export interface RequestGetConsistencyFieldEvent {
    field: '$.get.consistency'
    value: Consistency
  }

  export interface RequestKeysPrefixFieldEvent {
    field: '$.keys.prefix'
    value: Uint8Array
  }

  export interface RequestKeysAfterFieldEvent {
    field: '$.keys.after'
    value: Uint8Array
  }

  export interface RequestKeysLimitFieldEvent {
    field: '$.keys.limit'
    value: number
  }

  export interface RequestKeysConsistencyFieldEvent {
    field: '$.keys.consistency'
    value: Consistency
  }

  export interface RequestChangeMembersChangesOpFieldEvent {
    field: '$.changeMembers.changes[].op'
    value: ChangeOp
    index: number
  }

  export interface RequestChangeMembersChangesPeerFieldEvent {
    field: '$.changeMembers.changes[].peer'
    value: string
    index: number
  }

  export interface RequestChangeMembersChangesIncarnationFieldEvent {
    field: '$.changeMembers.changes[].incarnation'
    value: string
    index: number
  }

  export interface RequestChangeMembersExpectedIndexFieldEvent {
    field: '$.changeMembers.expectedIndex'
    value: number
  }

  export interface RequestTransferPeerFieldEvent {
    field: '$.transfer.peer'
    value: string
  }

  export interface RequestJoinBodyFieldEvent {
    field: '$.join.body'
    value: Uint8Array
  }

  export interface RequestJoinPublicKeyFieldEvent {
    field: '$.join.publicKey'
    value: Uint8Array
  }

  export interface RequestJoinSignatureFieldEvent {
    field: '$.join.signature'
    value: Uint8Array
  }

  export interface RequestExchangePeersPeersPeerFieldEvent {
    field: '$.exchangePeers.peers[].peer'
    value: string
    index: number
  }

  export interface RequestExchangePeersPeersAddressesFieldEvent {
    field: '$.exchangePeers.peers[].addresses[]'
    index: number
    value: string
  }

  export interface RequestExchangePeersPeersAgeMsFieldEvent {
    field: '$.exchangePeers.peers[].ageMs'
    value: number
    index: number
  }

  export interface RequestExchangePeersServingFieldEvent {
    field: '$.exchangePeers.serving'
    value: boolean
  }

  export interface RequestFormationMessageFieldEvent {
    field: '$.formation.message'
    value: Uint8Array
  }

  export interface RequestRemovedConfigurationIndexFieldEvent {
    field: '$.removed.configurationIndex'
    value: number
  }

  export interface RequestChangePolicyOpFieldEvent {
    field: '$.changePolicy.op'
    value: PolicyOp
  }

  export interface RequestChangePolicyPeerFieldEvent {
    field: '$.changePolicy.peer'
    value: string
  }

  export interface RequestChangePolicyPrefixFieldEvent {
    field: '$.changePolicy.prefix'
    value: Uint8Array
  }

  export interface RequestChangePolicyRoleFieldEvent {
    field: '$.changePolicy.role'
    value: string
  }

  export interface RequestChangePolicyExpectedIndexFieldEvent {
    field: '$.changePolicy.expectedIndex'
    value: number
  }

  export function encode (obj: Partial<Request>): Uint8Array {
    return encodeMessage(obj, Request.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Request>): Request {
    return decodeMessage(buf, Request.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Request>): Generator<RequestIdFieldEvent | RequestNamespaceFieldEvent | RequestForwardedFieldEvent | RequestTimeoutMsFieldEvent | RequestOriginFieldEvent | RequestProposeCommandFieldEvent | RequestProposeKvFieldEvent | RequestGetKeyFieldEvent | RequestGetConsistencyFieldEvent | RequestKeysPrefixFieldEvent | RequestKeysAfterFieldEvent | RequestKeysLimitFieldEvent | RequestKeysConsistencyFieldEvent | RequestChangeMembersChangesOpFieldEvent | RequestChangeMembersChangesPeerFieldEvent | RequestChangeMembersChangesIncarnationFieldEvent | RequestChangeMembersExpectedIndexFieldEvent | RequestTransferPeerFieldEvent | RequestJoinBodyFieldEvent | RequestJoinPublicKeyFieldEvent | RequestJoinSignatureFieldEvent | RequestExchangePeersPeersPeerFieldEvent | RequestExchangePeersPeersAddressesFieldEvent | RequestExchangePeersPeersAgeMsFieldEvent | RequestExchangePeersServingFieldEvent | RequestFormationMessageFieldEvent | RequestRemovedConfigurationIndexFieldEvent | RequestChangePolicyOpFieldEvent | RequestChangePolicyPeerFieldEvent | RequestChangePolicyPrefixFieldEvent | RequestChangePolicyRoleFieldEvent | RequestChangePolicyExpectedIndexFieldEvent> {
    return streamMessage(buf, Request.codec(), opts)
  }
}

export interface Response {
  id: number
  failure?: Failure
  leader?: string
  proposed?: Proposed
  got?: Got
  keyList?: KeyList
  index?: Index
  memberList?: MemberList
  stats?: StatsJson
  joined?: Joined
  peerList?: PeerList
  formation?: Formation
  policy?: PolicyText
}

export namespace Response {
  let _codec: Codec<Response>

  export const codec = (): Codec<Response> => {
    if (_codec == null) {
      _codec = message<Response>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.id != null && obj.id !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.id)
        }

        if (obj.failure != null) {
          w.uint32(18)
          Failure.codec().encode(obj.failure, w)
        }

        if (obj.leader != null) {
          w.uint32(26)
          w.string(obj.leader)
        }

        if (obj.proposed != null) {
          w.uint32(82)
          Proposed.codec().encode(obj.proposed, w)
        }

        if (obj.got != null) {
          w.uint32(90)
          Got.codec().encode(obj.got, w)
        }

        if (obj.keyList != null) {
          w.uint32(98)
          KeyList.codec().encode(obj.keyList, w)
        }

        if (obj.index != null) {
          w.uint32(106)
          Index.codec().encode(obj.index, w)
        }

        if (obj.memberList != null) {
          w.uint32(114)
          MemberList.codec().encode(obj.memberList, w)
        }

        if (obj.stats != null) {
          w.uint32(122)
          StatsJson.codec().encode(obj.stats, w)
        }

        if (obj.joined != null) {
          w.uint32(130)
          Joined.codec().encode(obj.joined, w)
        }

        if (obj.peerList != null) {
          w.uint32(138)
          PeerList.codec().encode(obj.peerList, w)
        }

        if (obj.formation != null) {
          w.uint32(146)
          Formation.codec().encode(obj.formation, w)
        }

        if (obj.policy != null) {
          w.uint32(154)
          PolicyText.codec().encode(obj.policy, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          id: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.id = reader.uint64Number()
              break
            }
            case 2: {
              obj.failure = Failure.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.failure
              })
              break
            }
            case 3: {
              obj.leader = reader.string()
              break
            }
            case 10: {
              obj.proposed = Proposed.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.proposed
              })
              break
            }
            case 11: {
              obj.got = Got.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.got
              })
              break
            }
            case 12: {
              obj.keyList = KeyList.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.keyList
              })
              break
            }
            case 13: {
              obj.index = Index.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.index
              })
              break
            }
            case 14: {
              obj.memberList = MemberList.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.memberList
              })
              break
            }
            case 15: {
              obj.stats = StatsJson.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.stats
              })
              break
            }
            case 16: {
              obj.joined = Joined.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.joined
              })
              break
            }
            case 17: {
              obj.peerList = PeerList.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.peerList
              })
              break
            }
            case 18: {
              obj.formation = Formation.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.formation
              })
              break
            }
            case 19: {
              obj.policy = PolicyText.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.policy
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
                field: `${prefix}.id`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield * Failure.codec().stream(reader, reader.uint32(), `${prefix}.failure`, {
                limits: opts.limits?.failure
              })

              break
            }
            case 3: {
              yield {
                field: `${prefix}.leader`,
                value: reader.string()
              }
              break
            }
            case 10: {
              yield * Proposed.codec().stream(reader, reader.uint32(), `${prefix}.proposed`, {
                limits: opts.limits?.proposed
              })

              break
            }
            case 11: {
              yield * Got.codec().stream(reader, reader.uint32(), `${prefix}.got`, {
                limits: opts.limits?.got
              })

              break
            }
            case 12: {
              yield * KeyList.codec().stream(reader, reader.uint32(), `${prefix}.keyList`, {
                limits: opts.limits?.keyList
              })

              break
            }
            case 13: {
              yield * Index.codec().stream(reader, reader.uint32(), `${prefix}.index`, {
                limits: opts.limits?.index
              })

              break
            }
            case 14: {
              yield * MemberList.codec().stream(reader, reader.uint32(), `${prefix}.memberList`, {
                limits: opts.limits?.memberList
              })

              break
            }
            case 15: {
              yield * StatsJson.codec().stream(reader, reader.uint32(), `${prefix}.stats`, {
                limits: opts.limits?.stats
              })

              break
            }
            case 16: {
              yield * Joined.codec().stream(reader, reader.uint32(), `${prefix}.joined`, {
                limits: opts.limits?.joined
              })

              break
            }
            case 17: {
              yield * PeerList.codec().stream(reader, reader.uint32(), `${prefix}.peerList`, {
                limits: opts.limits?.peerList
              })

              break
            }
            case 18: {
              yield * Formation.codec().stream(reader, reader.uint32(), `${prefix}.formation`, {
                limits: opts.limits?.formation
              })

              break
            }
            case 19: {
              yield * PolicyText.codec().stream(reader, reader.uint32(), `${prefix}.policy`, {
                limits: opts.limits?.policy
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

  export interface ResponseIdFieldEvent {
    field: '$.id'
    value: number
  }

  export interface ResponseFailureNameFieldEvent {
    field: '$.failure.name'
    value: string
  }

  export interface ResponseFailureMessageFieldEvent {
    field: '$.failure.message'
    value: string
  }

  export interface ResponseFailureLeaderFieldEvent {
    field: '$.failure.leader'
    value: string
  }

  export interface ResponseLeaderFieldEvent {
    field: '$.leader'
    value: string
  }

  export interface ResponseProposedIndexFieldEvent {
    field: '$.proposed.index'
    value: number
  }

  export interface ResponseProposedResultFieldEvent {
    field: '$.proposed.result'
    value: Uint8Array
  }

  export interface ResponseGotFoundFieldEvent {
    field: '$.got.found'
    value: boolean
  }

  export interface ResponseGotValueFieldEvent {
    field: '$.got.value'
    value: Uint8Array
  }

  export interface ResponseKeyListKeysFieldEvent {
    field: '$.keyList.keys[]'
    index: number
    value: Uint8Array
  }

  export interface ResponseKeyListMoreFieldEvent {
    field: '$.keyList.more'
    value: boolean
  }

  export interface ResponseIndexIndexFieldEvent {
    field: '$.index.index'
    value: number
  }

  export interface ResponseMemberListMembersPeerFieldEvent {
    field: '$.memberList.members[].peer'
    value: string
    index: number
  }

  export interface ResponseMemberListMembersIncarnationFieldEvent {
    field: '$.memberList.members[].incarnation'
    value: string
    index: number
  }

  export interface ResponseMemberListMembersVoterFieldEvent {
    field: '$.memberList.members[].voter'
    value: boolean
    index: number
  }

  export interface ResponseMemberListMembersAddressesFieldEvent {
    field: '$.memberList.members[].addresses[]'
    index: number
    value: string
  }

  export interface ResponseMemberListClusterIdFieldEvent {
    field: '$.memberList.clusterId'
    value: Uint8Array
  }

  export interface ResponseMemberListConfigurationIndexFieldEvent {
    field: '$.memberList.configurationIndex'
    value: number
  }

  export interface ResponseMemberListLeaderFieldEvent {
    field: '$.memberList.leader'
    value: string
  }

  export interface ResponseMemberListTermFieldEvent {
    field: '$.memberList.term'
    value: number
  }

  export interface ResponseMemberListProvisionalFieldEvent {
    field: '$.memberList.provisional'
    value: boolean
  }

  export interface ResponseMemberListPendingFieldEvent {
    field: '$.memberList.pending'
    value: boolean
  }

  export interface ResponseStatsJsonFieldEvent {
    field: '$.stats.json'
    value: string
  }

  export interface ResponseJoinedClusterIdFieldEvent {
    field: '$.joined.clusterId'
    value: Uint8Array
  }

  export interface ResponseJoinedLeaderFieldEvent {
    field: '$.joined.leader'
    value: string
  }

  export interface ResponseJoinedMembersMembersPeerFieldEvent {
    field: '$.joined.members.members[].peer'
    value: string
    index: number
  }

  export interface ResponseJoinedMembersMembersIncarnationFieldEvent {
    field: '$.joined.members.members[].incarnation'
    value: string
    index: number
  }

  export interface ResponseJoinedMembersMembersVoterFieldEvent {
    field: '$.joined.members.members[].voter'
    value: boolean
    index: number
  }

  export interface ResponseJoinedMembersMembersAddressesFieldEvent {
    field: '$.joined.members.members[].addresses[]'
    index: number
    value: string
  }

  export interface ResponseJoinedMembersClusterIdFieldEvent {
    field: '$.joined.members.clusterId'
    value: Uint8Array
  }

  export interface ResponseJoinedMembersConfigurationIndexFieldEvent {
    field: '$.joined.members.configurationIndex'
    value: number
  }

  export interface ResponseJoinedMembersLeaderFieldEvent {
    field: '$.joined.members.leader'
    value: string
  }

  export interface ResponseJoinedMembersTermFieldEvent {
    field: '$.joined.members.term'
    value: number
  }

  export interface ResponseJoinedMembersProvisionalFieldEvent {
    field: '$.joined.members.provisional'
    value: boolean
  }

  export interface ResponseJoinedMembersPendingFieldEvent {
    field: '$.joined.members.pending'
    value: boolean
  }

  export interface ResponsePeerListPeersPeerFieldEvent {
    field: '$.peerList.peers[].peer'
    value: string
    index: number
  }

  export interface ResponsePeerListPeersAddressesFieldEvent {
    field: '$.peerList.peers[].addresses[]'
    index: number
    value: string
  }

  export interface ResponsePeerListPeersAgeMsFieldEvent {
    field: '$.peerList.peers[].ageMs'
    value: number
    index: number
  }

  export interface ResponsePeerListClusterIdFieldEvent {
    field: '$.peerList.clusterId'
    value: Uint8Array
  }

  export interface ResponsePeerListLeaderFieldEvent {
    field: '$.peerList.leader'
    value: string
  }

  export interface ResponseFormationMessageFieldEvent {
    field: '$.formation.message'
    value: Uint8Array
  }

  export interface ResponsePolicyTextFieldEvent {
    field: '$.policy.text'
    value: string
  }

  export interface ResponsePolicyConfigurationIndexFieldEvent {
    field: '$.policy.configurationIndex'
    value: number
  }

  export function encode (obj: Partial<Response>): Uint8Array {
    return encodeMessage(obj, Response.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Response>): Response {
    return decodeMessage(buf, Response.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Response>): Generator<ResponseIdFieldEvent | ResponseFailureNameFieldEvent | ResponseFailureMessageFieldEvent | ResponseFailureLeaderFieldEvent | ResponseLeaderFieldEvent | ResponseProposedIndexFieldEvent | ResponseProposedResultFieldEvent | ResponseGotFoundFieldEvent | ResponseGotValueFieldEvent | ResponseKeyListKeysFieldEvent | ResponseKeyListMoreFieldEvent | ResponseIndexIndexFieldEvent | ResponseMemberListMembersPeerFieldEvent | ResponseMemberListMembersIncarnationFieldEvent | ResponseMemberListMembersVoterFieldEvent | ResponseMemberListMembersAddressesFieldEvent | ResponseMemberListClusterIdFieldEvent | ResponseMemberListConfigurationIndexFieldEvent | ResponseMemberListLeaderFieldEvent | ResponseMemberListTermFieldEvent | ResponseMemberListProvisionalFieldEvent | ResponseMemberListPendingFieldEvent | ResponseStatsJsonFieldEvent | ResponseJoinedClusterIdFieldEvent | ResponseJoinedLeaderFieldEvent | ResponseJoinedMembersMembersPeerFieldEvent | ResponseJoinedMembersMembersIncarnationFieldEvent | ResponseJoinedMembersMembersVoterFieldEvent | ResponseJoinedMembersMembersAddressesFieldEvent | ResponseJoinedMembersClusterIdFieldEvent | ResponseJoinedMembersConfigurationIndexFieldEvent | ResponseJoinedMembersLeaderFieldEvent | ResponseJoinedMembersTermFieldEvent | ResponseJoinedMembersProvisionalFieldEvent | ResponseJoinedMembersPendingFieldEvent | ResponsePeerListPeersPeerFieldEvent | ResponsePeerListPeersAddressesFieldEvent | ResponsePeerListPeersAgeMsFieldEvent | ResponsePeerListClusterIdFieldEvent | ResponsePeerListLeaderFieldEvent | ResponseFormationMessageFieldEvent | ResponsePolicyTextFieldEvent | ResponsePolicyConfigurationIndexFieldEvent> {
    return streamMessage(buf, Response.codec(), opts)
  }
}

export interface Failure {
  name: string
  message: string
  leader?: string
}

export namespace Failure {
  let _codec: Codec<Failure>

  export const codec = (): Codec<Failure> => {
    if (_codec == null) {
      _codec = message<Failure>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.name != null && obj.name !== '')) {
          w.uint32(10)
          w.string(obj.name)
        }

        if ((obj.message != null && obj.message !== '')) {
          w.uint32(18)
          w.string(obj.message)
        }

        if (obj.leader != null) {
          w.uint32(26)
          w.string(obj.leader)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          name: '',
          message: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.name = reader.string()
              break
            }
            case 2: {
              obj.message = reader.string()
              break
            }
            case 3: {
              obj.leader = reader.string()
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
                field: `${prefix}.name`,
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
            case 3: {
              yield {
                field: `${prefix}.leader`,
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

  export interface FailureNameFieldEvent {
    field: '$.name'
    value: string
  }

  export interface FailureMessageFieldEvent {
    field: '$.message'
    value: string
  }

  export interface FailureLeaderFieldEvent {
    field: '$.leader'
    value: string
  }

  export function encode (obj: Partial<Failure>): Uint8Array {
    return encodeMessage(obj, Failure.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Failure>): Failure {
    return decodeMessage(buf, Failure.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Failure>): Generator<FailureNameFieldEvent | FailureMessageFieldEvent | FailureLeaderFieldEvent> {
    return streamMessage(buf, Failure.codec(), opts)
  }
}

export enum Consistency {
  LINEARIZABLE = 'LINEARIZABLE',
  LEASE = 'LEASE',
  STALE = 'STALE'
}

enum __ConsistencyValues {
  LINEARIZABLE = 0,
  LEASE = 1,
  STALE = 2
}

export namespace Consistency {
  let _codec
  export const codec = (): Codec<Consistency> => {
    return _codec ??= enumeration<Consistency>(__ConsistencyValues)
  }
}

export interface Propose {
  command: Uint8Array
  kv: boolean
}

export namespace Propose {
  let _codec: Codec<Propose>

  export const codec = (): Codec<Propose> => {
    if (_codec == null) {
      _codec = message<Propose>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.command != null && obj.command.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.command)
        }

        if ((obj.kv != null && obj.kv !== false)) {
          w.uint32(16)
          w.bool(obj.kv)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          command: noBytes,
          kv: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.command = reader.bytes()
              break
            }
            case 2: {
              obj.kv = reader.bool()
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
                field: `${prefix}.command`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.kv`,
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

  export interface ProposeCommandFieldEvent {
    field: '$.command'
    value: Uint8Array
  }

  export interface ProposeKvFieldEvent {
    field: '$.kv'
    value: boolean
  }

  export function encode (obj: Partial<Propose>): Uint8Array {
    return encodeMessage(obj, Propose.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Propose>): Propose {
    return decodeMessage(buf, Propose.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Propose>): Generator<ProposeCommandFieldEvent | ProposeKvFieldEvent> {
    return streamMessage(buf, Propose.codec(), opts)
  }
}

export interface Proposed {
  index: number
  result: Uint8Array
}

export namespace Proposed {
  let _codec: Codec<Proposed>

  export const codec = (): Codec<Proposed> => {
    if (_codec == null) {
      _codec = message<Proposed>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.index != null && obj.index !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.index)
        }

        if ((obj.result != null && obj.result.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.result)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          index: 0,
          result: noBytes
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.index = reader.uint64Number()
              break
            }
            case 2: {
              obj.result = reader.bytes()
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
                field: `${prefix}.index`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.result`,
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

  export interface ProposedIndexFieldEvent {
    field: '$.index'
    value: number
  }

  export interface ProposedResultFieldEvent {
    field: '$.result'
    value: Uint8Array
  }

  export function encode (obj: Partial<Proposed>): Uint8Array {
    return encodeMessage(obj, Proposed.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Proposed>): Proposed {
    return decodeMessage(buf, Proposed.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Proposed>): Generator<ProposedIndexFieldEvent | ProposedResultFieldEvent> {
    return streamMessage(buf, Proposed.codec(), opts)
  }
}

export interface Get {
  key: Uint8Array
  consistency: Consistency
}

export namespace Get {
  let _codec: Codec<Get>

  export const codec = (): Codec<Get> => {
    if (_codec == null) {
      _codec = message<Get>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.key != null && obj.key.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.key)
        }

        if (obj.consistency != null && __ConsistencyValues[obj.consistency] !== 0) {
          w.uint32(16)
          Consistency.codec().encode(obj.consistency, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          key: noBytes,
          consistency: Consistency.LINEARIZABLE
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.key = reader.bytes()
              break
            }
            case 2: {
              obj.consistency = Consistency.codec().decode(reader)
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
                field: `${prefix}.key`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.consistency`,
                value: Consistency.codec().decode(reader)
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

  export interface GetKeyFieldEvent {
    field: '$.key'
    value: Uint8Array
  }

  export interface GetConsistencyFieldEvent {
    field: '$.consistency'
    value: Consistency
  }

  export function encode (obj: Partial<Get>): Uint8Array {
    return encodeMessage(obj, Get.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Get>): Get {
    return decodeMessage(buf, Get.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Get>): Generator<GetKeyFieldEvent | GetConsistencyFieldEvent> {
    return streamMessage(buf, Get.codec(), opts)
  }
}

export interface Got {
  found: boolean
  value: Uint8Array
}

export namespace Got {
  let _codec: Codec<Got>

  export const codec = (): Codec<Got> => {
    if (_codec == null) {
      _codec = message<Got>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.found != null && obj.found !== false)) {
          w.uint32(8)
          w.bool(obj.found)
        }

        if ((obj.value != null && obj.value.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.value)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          found: false,
          value: noBytes
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.found = reader.bool()
              break
            }
            case 2: {
              obj.value = reader.bytes()
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
                field: `${prefix}.found`,
                value: reader.bool()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.value`,
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

  export interface GotFoundFieldEvent {
    field: '$.found'
    value: boolean
  }

  export interface GotValueFieldEvent {
    field: '$.value'
    value: Uint8Array
  }

  export function encode (obj: Partial<Got>): Uint8Array {
    return encodeMessage(obj, Got.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Got>): Got {
    return decodeMessage(buf, Got.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Got>): Generator<GotFoundFieldEvent | GotValueFieldEvent> {
    return streamMessage(buf, Got.codec(), opts)
  }
}

export interface Keys {
  prefix: Uint8Array
  after: Uint8Array
  limit: number
  consistency: Consistency
}

export namespace Keys {
  let _codec: Codec<Keys>

  export const codec = (): Codec<Keys> => {
    if (_codec == null) {
      _codec = message<Keys>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.prefix != null && obj.prefix.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.prefix)
        }

        if ((obj.after != null && obj.after.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.after)
        }

        if ((obj.limit != null && obj.limit !== 0)) {
          w.uint32(24)
          w.uint32(obj.limit)
        }

        if (obj.consistency != null && __ConsistencyValues[obj.consistency] !== 0) {
          w.uint32(32)
          Consistency.codec().encode(obj.consistency, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          prefix: noBytes,
          after: noBytes,
          limit: 0,
          consistency: Consistency.LINEARIZABLE
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.prefix = reader.bytes()
              break
            }
            case 2: {
              obj.after = reader.bytes()
              break
            }
            case 3: {
              obj.limit = reader.uint32()
              break
            }
            case 4: {
              obj.consistency = Consistency.codec().decode(reader)
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
                field: `${prefix}.prefix`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.after`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.limit`,
                value: reader.uint32()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.consistency`,
                value: Consistency.codec().decode(reader)
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

  export interface KeysPrefixFieldEvent {
    field: '$.prefix'
    value: Uint8Array
  }

  export interface KeysAfterFieldEvent {
    field: '$.after'
    value: Uint8Array
  }

  export interface KeysLimitFieldEvent {
    field: '$.limit'
    value: number
  }

  export interface KeysConsistencyFieldEvent {
    field: '$.consistency'
    value: Consistency
  }

  export function encode (obj: Partial<Keys>): Uint8Array {
    return encodeMessage(obj, Keys.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Keys>): Keys {
    return decodeMessage(buf, Keys.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Keys>): Generator<KeysPrefixFieldEvent | KeysAfterFieldEvent | KeysLimitFieldEvent | KeysConsistencyFieldEvent> {
    return streamMessage(buf, Keys.codec(), opts)
  }
}

export interface KeyList {
  keys: Uint8Array[]
  more: boolean
}

export namespace KeyList {
  let _codec: Codec<KeyList>

  export const codec = (): Codec<KeyList> => {
    if (_codec == null) {
      _codec = message<KeyList>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.keys != null && obj.keys.length > 0) {
          for (const value of obj.keys) {
            w.uint32(10)
            w.bytes(value)
          }
        }

        if ((obj.more != null && obj.more !== false)) {
          w.uint32(16)
          w.bool(obj.more)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          keys: [],
          more: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.keys != null && obj.keys.length === opts.limits.keys) {
                throw new MaxLengthError('Decode error - repeated field "keys" had too many elements')
              }

              obj.keys.push(reader.bytes())
              break
            }
            case 2: {
              obj.more = reader.bool()
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
          keys: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.keys != null && obj.keys === opts.limits.keys) {
                throw new MaxLengthError('Streaming decode error - repeated field "keys" had too many elements')
              }

              yield {
                field: `${prefix}.keys[]`,
                index: obj.keys,
                value: reader.bytes()
              }

              obj.keys++

              break
            }
            case 2: {
              yield {
                field: `${prefix}.more`,
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

  export interface KeyListKeysFieldEvent {
    field: '$.keys[]'
    index: number
    value: Uint8Array
  }

  export interface KeyListMoreFieldEvent {
    field: '$.more'
    value: boolean
  }

  export function encode (obj: Partial<KeyList>): Uint8Array {
    return encodeMessage(obj, KeyList.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<KeyList>): KeyList {
    return decodeMessage(buf, KeyList.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<KeyList>): Generator<KeyListKeysFieldEvent | KeyListMoreFieldEvent> {
    return streamMessage(buf, KeyList.codec(), opts)
  }
}

export interface Barrier {}

export namespace Barrier {
  let _codec: Codec<Barrier>

  export const codec = (): Codec<Barrier> => {
    if (_codec == null) {
      _codec = message<Barrier>((obj, w, opts = {}) => {
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

  export function encode (obj: Partial<Barrier>): Uint8Array {
    return encodeMessage(obj, Barrier.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Barrier>): Barrier {
    return decodeMessage(buf, Barrier.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Barrier>): Generator<{}> {
    return streamMessage(buf, Barrier.codec(), opts)
  }
}

export interface Index {
  index: number
}

export namespace Index {
  let _codec: Codec<Index>

  export const codec = (): Codec<Index> => {
    if (_codec == null) {
      _codec = message<Index>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.index != null && obj.index !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.index)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          index: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.index = reader.uint64Number()
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
                field: `${prefix}.index`,
                value: reader.uint64Number()
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

  export interface IndexIndexFieldEvent {
    field: '$.index'
    value: number
  }

  export function encode (obj: Partial<Index>): Uint8Array {
    return encodeMessage(obj, Index.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Index>): Index {
    return decodeMessage(buf, Index.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Index>): Generator<IndexIndexFieldEvent> {
    return streamMessage(buf, Index.codec(), opts)
  }
}

export interface Members {}

export namespace Members {
  let _codec: Codec<Members>

  export const codec = (): Codec<Members> => {
    if (_codec == null) {
      _codec = message<Members>((obj, w, opts = {}) => {
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

  export function encode (obj: Partial<Members>): Uint8Array {
    return encodeMessage(obj, Members.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Members>): Members {
    return decodeMessage(buf, Members.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Members>): Generator<{}> {
    return streamMessage(buf, Members.codec(), opts)
  }
}

export interface MemberList {
  members: Member[]
  clusterId: Uint8Array
  configurationIndex: number
  leader?: string
  term: number
  provisional: boolean
  pending: boolean
}

export namespace MemberList {
  let _codec: Codec<MemberList>

  export const codec = (): Codec<MemberList> => {
    if (_codec == null) {
      _codec = message<MemberList>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.members != null && obj.members.length > 0) {
          for (const value of obj.members) {
            w.uint32(10)
            Member.codec().encode(value, w)
          }
        }

        if ((obj.clusterId != null && obj.clusterId.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.clusterId)
        }

        if ((obj.configurationIndex != null && obj.configurationIndex !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.configurationIndex)
        }

        if (obj.leader != null) {
          w.uint32(34)
          w.string(obj.leader)
        }

        if ((obj.term != null && obj.term !== 0)) {
          w.uint32(40)
          w.uint64Number(obj.term)
        }

        if ((obj.provisional != null && obj.provisional !== false)) {
          w.uint32(48)
          w.bool(obj.provisional)
        }

        if ((obj.pending != null && obj.pending !== false)) {
          w.uint32(56)
          w.bool(obj.pending)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          members: [],
          clusterId: noBytes,
          configurationIndex: 0,
          term: 0,
          provisional: false,
          pending: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.members != null && obj.members.length === opts.limits.members) {
                throw new MaxLengthError('Decode error - repeated field "members" had too many elements')
              }

              obj.members.push(Member.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.members$
              }))
              break
            }
            case 2: {
              obj.clusterId = reader.bytes()
              break
            }
            case 3: {
              obj.configurationIndex = reader.uint64Number()
              break
            }
            case 4: {
              obj.leader = reader.string()
              break
            }
            case 5: {
              obj.term = reader.uint64Number()
              break
            }
            case 6: {
              obj.provisional = reader.bool()
              break
            }
            case 7: {
              obj.pending = reader.bool()
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
          members: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.members != null && obj.members === opts.limits.members) {
                throw new MaxLengthError('Streaming decode error - repeated field "members" had too many elements')
              }

              for (const evt of Member.codec().stream(reader, reader.uint32(), `${prefix}.members[]`, {
                limits: opts.limits?.members$
              })) {
                yield {
                  ...evt,
                  index: obj.members
                }
              }

              obj.members++

              break
            }
            case 2: {
              yield {
                field: `${prefix}.clusterId`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.configurationIndex`,
                value: reader.uint64Number()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.leader`,
                value: reader.string()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.term`,
                value: reader.uint64Number()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.provisional`,
                value: reader.bool()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.pending`,
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

  export interface MemberListMembersPeerFieldEvent {
    field: '$.members[].peer'
    value: string
    index: number
  }

  export interface MemberListMembersIncarnationFieldEvent {
    field: '$.members[].incarnation'
    value: string
    index: number
  }

  export interface MemberListMembersVoterFieldEvent {
    field: '$.members[].voter'
    value: boolean
    index: number
  }

  export interface MemberListMembersAddressesFieldEvent {
    field: '$.members[].addresses[]'
    index: number
    value: string
  }

  export interface MemberListClusterIdFieldEvent {
    field: '$.clusterId'
    value: Uint8Array
  }

  export interface MemberListConfigurationIndexFieldEvent {
    field: '$.configurationIndex'
    value: number
  }

  export interface MemberListLeaderFieldEvent {
    field: '$.leader'
    value: string
  }

  export interface MemberListTermFieldEvent {
    field: '$.term'
    value: number
  }

  export interface MemberListProvisionalFieldEvent {
    field: '$.provisional'
    value: boolean
  }

  export interface MemberListPendingFieldEvent {
    field: '$.pending'
    value: boolean
  }

  export function encode (obj: Partial<MemberList>): Uint8Array {
    return encodeMessage(obj, MemberList.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<MemberList>): MemberList {
    return decodeMessage(buf, MemberList.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<MemberList>): Generator<MemberListMembersPeerFieldEvent | MemberListMembersIncarnationFieldEvent | MemberListMembersVoterFieldEvent | MemberListMembersAddressesFieldEvent | MemberListClusterIdFieldEvent | MemberListConfigurationIndexFieldEvent | MemberListLeaderFieldEvent | MemberListTermFieldEvent | MemberListProvisionalFieldEvent | MemberListPendingFieldEvent> {
    return streamMessage(buf, MemberList.codec(), opts)
  }
}

export interface Member {
  peer: string
  incarnation: string
  voter: boolean
  addresses: string[]
}

export namespace Member {
  let _codec: Codec<Member>

  export const codec = (): Codec<Member> => {
    if (_codec == null) {
      _codec = message<Member>((obj, w, opts = {}) => {
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

        if ((obj.voter != null && obj.voter !== false)) {
          w.uint32(24)
          w.bool(obj.voter)
        }

        if (obj.addresses != null && obj.addresses.length > 0) {
          for (const value of obj.addresses) {
            w.uint32(34)
            w.string(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          peer: '',
          incarnation: '',
          voter: false,
          addresses: []
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
              obj.voter = reader.bool()
              break
            }
            case 4: {
              if (opts.limits?.addresses != null && obj.addresses.length === opts.limits.addresses) {
                throw new MaxLengthError('Decode error - repeated field "addresses" had too many elements')
              }

              obj.addresses.push(reader.string())
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
          addresses: 0
        }

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
                field: `${prefix}.voter`,
                value: reader.bool()
              }
              break
            }
            case 4: {
              if (opts.limits?.addresses != null && obj.addresses === opts.limits.addresses) {
                throw new MaxLengthError('Streaming decode error - repeated field "addresses" had too many elements')
              }

              yield {
                field: `${prefix}.addresses[]`,
                index: obj.addresses,
                value: reader.string()
              }

              obj.addresses++

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

  export interface MemberPeerFieldEvent {
    field: '$.peer'
    value: string
  }

  export interface MemberIncarnationFieldEvent {
    field: '$.incarnation'
    value: string
  }

  export interface MemberVoterFieldEvent {
    field: '$.voter'
    value: boolean
  }

  export interface MemberAddressesFieldEvent {
    field: '$.addresses[]'
    index: number
    value: string
  }

  export function encode (obj: Partial<Member>): Uint8Array {
    return encodeMessage(obj, Member.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Member>): Member {
    return decodeMessage(buf, Member.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Member>): Generator<MemberPeerFieldEvent | MemberIncarnationFieldEvent | MemberVoterFieldEvent | MemberAddressesFieldEvent> {
    return streamMessage(buf, Member.codec(), opts)
  }
}

export interface Stats {}

export namespace Stats {
  let _codec: Codec<Stats>

  export const codec = (): Codec<Stats> => {
    if (_codec == null) {
      _codec = message<Stats>((obj, w, opts = {}) => {
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

  export function encode (obj: Partial<Stats>): Uint8Array {
    return encodeMessage(obj, Stats.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Stats>): Stats {
    return decodeMessage(buf, Stats.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Stats>): Generator<{}> {
    return streamMessage(buf, Stats.codec(), opts)
  }
}

export interface StatsJson {
  json: string
}

export namespace StatsJson {
  let _codec: Codec<StatsJson>

  export const codec = (): Codec<StatsJson> => {
    if (_codec == null) {
      _codec = message<StatsJson>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.json != null && obj.json !== '')) {
          w.uint32(10)
          w.string(obj.json)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          json: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.json = reader.string()
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
                field: `${prefix}.json`,
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

  export interface StatsJsonJsonFieldEvent {
    field: '$.json'
    value: string
  }

  export function encode (obj: Partial<StatsJson>): Uint8Array {
    return encodeMessage(obj, StatsJson.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StatsJson>): StatsJson {
    return decodeMessage(buf, StatsJson.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StatsJson>): Generator<StatsJsonJsonFieldEvent> {
    return streamMessage(buf, StatsJson.codec(), opts)
  }
}

export enum ChangeOp {
  ADD_VOTER = 'ADD_VOTER',
  ADD_LEARNER = 'ADD_LEARNER',
  REMOVE = 'REMOVE'
}

enum __ChangeOpValues {
  ADD_VOTER = 0,
  ADD_LEARNER = 1,
  REMOVE = 2
}

export namespace ChangeOp {
  let _codec
  export const codec = (): Codec<ChangeOp> => {
    return _codec ??= enumeration<ChangeOp>(__ChangeOpValues)
  }
}

export interface Change {
  op: ChangeOp
  peer: string
  incarnation: string
}

export namespace Change {
  let _codec: Codec<Change>

  export const codec = (): Codec<Change> => {
    if (_codec == null) {
      _codec = message<Change>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.op != null && __ChangeOpValues[obj.op] !== 0) {
          w.uint32(8)
          ChangeOp.codec().encode(obj.op, w)
        }

        if ((obj.peer != null && obj.peer !== '')) {
          w.uint32(18)
          w.string(obj.peer)
        }

        if ((obj.incarnation != null && obj.incarnation !== '')) {
          w.uint32(26)
          w.string(obj.incarnation)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          op: ChangeOp.ADD_VOTER,
          peer: '',
          incarnation: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.op = ChangeOp.codec().decode(reader)
              break
            }
            case 2: {
              obj.peer = reader.string()
              break
            }
            case 3: {
              obj.incarnation = reader.string()
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
                field: `${prefix}.op`,
                value: ChangeOp.codec().decode(reader)
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.peer`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.incarnation`,
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

  export interface ChangeOpFieldEvent {
    field: '$.op'
    value: ChangeOp
  }

  export interface ChangePeerFieldEvent {
    field: '$.peer'
    value: string
  }

  export interface ChangeIncarnationFieldEvent {
    field: '$.incarnation'
    value: string
  }

  export function encode (obj: Partial<Change>): Uint8Array {
    return encodeMessage(obj, Change.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Change>): Change {
    return decodeMessage(buf, Change.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Change>): Generator<ChangeOpFieldEvent | ChangePeerFieldEvent | ChangeIncarnationFieldEvent> {
    return streamMessage(buf, Change.codec(), opts)
  }
}

export interface ChangeMembers {
  changes: Change[]
  expectedIndex?: number
}

export namespace ChangeMembers {
  let _codec: Codec<ChangeMembers>

  export const codec = (): Codec<ChangeMembers> => {
    if (_codec == null) {
      _codec = message<ChangeMembers>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.changes != null && obj.changes.length > 0) {
          for (const value of obj.changes) {
            w.uint32(10)
            Change.codec().encode(value, w)
          }
        }

        if (obj.expectedIndex != null) {
          w.uint32(16)
          w.uint64Number(obj.expectedIndex)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          changes: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.changes != null && obj.changes.length === opts.limits.changes) {
                throw new MaxLengthError('Decode error - repeated field "changes" had too many elements')
              }

              obj.changes.push(Change.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.changes$
              }))
              break
            }
            case 2: {
              obj.expectedIndex = reader.uint64Number()
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
          changes: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.changes != null && obj.changes === opts.limits.changes) {
                throw new MaxLengthError('Streaming decode error - repeated field "changes" had too many elements')
              }

              for (const evt of Change.codec().stream(reader, reader.uint32(), `${prefix}.changes[]`, {
                limits: opts.limits?.changes$
              })) {
                yield {
                  ...evt,
                  index: obj.changes
                }
              }

              obj.changes++

              break
            }
            case 2: {
              yield {
                field: `${prefix}.expectedIndex`,
                value: reader.uint64Number()
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

  export interface ChangeMembersChangesOpFieldEvent {
    field: '$.changes[].op'
    value: ChangeOp
    index: number
  }

  export interface ChangeMembersChangesPeerFieldEvent {
    field: '$.changes[].peer'
    value: string
    index: number
  }

  export interface ChangeMembersChangesIncarnationFieldEvent {
    field: '$.changes[].incarnation'
    value: string
    index: number
  }

  export interface ChangeMembersExpectedIndexFieldEvent {
    field: '$.expectedIndex'
    value: number
  }

  export function encode (obj: Partial<ChangeMembers>): Uint8Array {
    return encodeMessage(obj, ChangeMembers.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ChangeMembers>): ChangeMembers {
    return decodeMessage(buf, ChangeMembers.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ChangeMembers>): Generator<ChangeMembersChangesOpFieldEvent | ChangeMembersChangesPeerFieldEvent | ChangeMembersChangesIncarnationFieldEvent | ChangeMembersExpectedIndexFieldEvent> {
    return streamMessage(buf, ChangeMembers.codec(), opts)
  }
}

export enum PolicyOp {
  AUTHORIZE = 'AUTHORIZE',
  DEAUTHORIZE = 'DEAUTHORIZE',
  SET_ROLE = 'SET_ROLE'
}

enum __PolicyOpValues {
  AUTHORIZE = 0,
  DEAUTHORIZE = 1,
  SET_ROLE = 2
}

export namespace PolicyOp {
  let _codec
  export const codec = (): Codec<PolicyOp> => {
    return _codec ??= enumeration<PolicyOp>(__PolicyOpValues)
  }
}

export interface ChangePolicy {
  op: PolicyOp
  peer: string
  prefix: Uint8Array
  role: string
  expectedIndex?: number
}

export namespace ChangePolicy {
  let _codec: Codec<ChangePolicy>

  export const codec = (): Codec<ChangePolicy> => {
    if (_codec == null) {
      _codec = message<ChangePolicy>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.op != null && __PolicyOpValues[obj.op] !== 0) {
          w.uint32(8)
          PolicyOp.codec().encode(obj.op, w)
        }

        if ((obj.peer != null && obj.peer !== '')) {
          w.uint32(18)
          w.string(obj.peer)
        }

        if ((obj.prefix != null && obj.prefix.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.prefix)
        }

        if ((obj.role != null && obj.role !== '')) {
          w.uint32(34)
          w.string(obj.role)
        }

        if (obj.expectedIndex != null) {
          w.uint32(40)
          w.uint64Number(obj.expectedIndex)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          op: PolicyOp.AUTHORIZE,
          peer: '',
          prefix: noBytes,
          role: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.op = PolicyOp.codec().decode(reader)
              break
            }
            case 2: {
              obj.peer = reader.string()
              break
            }
            case 3: {
              obj.prefix = reader.bytes()
              break
            }
            case 4: {
              obj.role = reader.string()
              break
            }
            case 5: {
              obj.expectedIndex = reader.uint64Number()
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
                field: `${prefix}.op`,
                value: PolicyOp.codec().decode(reader)
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.peer`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.prefix`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.role`,
                value: reader.string()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.expectedIndex`,
                value: reader.uint64Number()
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

  export interface ChangePolicyOpFieldEvent {
    field: '$.op'
    value: PolicyOp
  }

  export interface ChangePolicyPeerFieldEvent {
    field: '$.peer'
    value: string
  }

  export interface ChangePolicyPrefixFieldEvent {
    field: '$.prefix'
    value: Uint8Array
  }

  export interface ChangePolicyRoleFieldEvent {
    field: '$.role'
    value: string
  }

  export interface ChangePolicyExpectedIndexFieldEvent {
    field: '$.expectedIndex'
    value: number
  }

  export function encode (obj: Partial<ChangePolicy>): Uint8Array {
    return encodeMessage(obj, ChangePolicy.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ChangePolicy>): ChangePolicy {
    return decodeMessage(buf, ChangePolicy.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ChangePolicy>): Generator<ChangePolicyOpFieldEvent | ChangePolicyPeerFieldEvent | ChangePolicyPrefixFieldEvent | ChangePolicyRoleFieldEvent | ChangePolicyExpectedIndexFieldEvent> {
    return streamMessage(buf, ChangePolicy.codec(), opts)
  }
}

export interface ReadPolicy {}

export namespace ReadPolicy {
  let _codec: Codec<ReadPolicy>

  export const codec = (): Codec<ReadPolicy> => {
    if (_codec == null) {
      _codec = message<ReadPolicy>((obj, w, opts = {}) => {
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

  export function encode (obj: Partial<ReadPolicy>): Uint8Array {
    return encodeMessage(obj, ReadPolicy.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ReadPolicy>): ReadPolicy {
    return decodeMessage(buf, ReadPolicy.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ReadPolicy>): Generator<{}> {
    return streamMessage(buf, ReadPolicy.codec(), opts)
  }
}

export interface PolicyText {
  text: string
  configurationIndex: number
}

export namespace PolicyText {
  let _codec: Codec<PolicyText>

  export const codec = (): Codec<PolicyText> => {
    if (_codec == null) {
      _codec = message<PolicyText>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.text != null && obj.text !== '')) {
          w.uint32(10)
          w.string(obj.text)
        }

        if ((obj.configurationIndex != null && obj.configurationIndex !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.configurationIndex)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          text: '',
          configurationIndex: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.text = reader.string()
              break
            }
            case 2: {
              obj.configurationIndex = reader.uint64Number()
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
                field: `${prefix}.text`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.configurationIndex`,
                value: reader.uint64Number()
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

  export interface PolicyTextTextFieldEvent {
    field: '$.text'
    value: string
  }

  export interface PolicyTextConfigurationIndexFieldEvent {
    field: '$.configurationIndex'
    value: number
  }

  export function encode (obj: Partial<PolicyText>): Uint8Array {
    return encodeMessage(obj, PolicyText.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PolicyText>): PolicyText {
    return decodeMessage(buf, PolicyText.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PolicyText>): Generator<PolicyTextTextFieldEvent | PolicyTextConfigurationIndexFieldEvent> {
    return streamMessage(buf, PolicyText.codec(), opts)
  }
}

export interface Transfer {
  peer?: string
}

export namespace Transfer {
  let _codec: Codec<Transfer>

  export const codec = (): Codec<Transfer> => {
    if (_codec == null) {
      _codec = message<Transfer>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.peer != null) {
          w.uint32(10)
          w.string(obj.peer)
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
            case 1: {
              obj.peer = reader.string()
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

  export interface TransferPeerFieldEvent {
    field: '$.peer'
    value: string
  }

  export function encode (obj: Partial<Transfer>): Uint8Array {
    return encodeMessage(obj, Transfer.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Transfer>): Transfer {
    return decodeMessage(buf, Transfer.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Transfer>): Generator<TransferPeerFieldEvent> {
    return streamMessage(buf, Transfer.codec(), opts)
  }
}

export interface Join {
  body: Uint8Array
  publicKey: Uint8Array
  signature: Uint8Array
}

export namespace Join {
  let _codec: Codec<Join>

  export const codec = (): Codec<Join> => {
    if (_codec == null) {
      _codec = message<Join>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.body != null && obj.body.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.body)
        }

        if ((obj.publicKey != null && obj.publicKey.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.publicKey)
        }

        if ((obj.signature != null && obj.signature.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.signature)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          body: noBytes,
          publicKey: noBytes,
          signature: noBytes
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.body = reader.bytes()
              break
            }
            case 2: {
              obj.publicKey = reader.bytes()
              break
            }
            case 3: {
              obj.signature = reader.bytes()
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
                field: `${prefix}.body`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.publicKey`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.signature`,
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

  export interface JoinBodyFieldEvent {
    field: '$.body'
    value: Uint8Array
  }

  export interface JoinPublicKeyFieldEvent {
    field: '$.publicKey'
    value: Uint8Array
  }

  export interface JoinSignatureFieldEvent {
    field: '$.signature'
    value: Uint8Array
  }

  export function encode (obj: Partial<Join>): Uint8Array {
    return encodeMessage(obj, Join.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Join>): Join {
    return decodeMessage(buf, Join.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Join>): Generator<JoinBodyFieldEvent | JoinPublicKeyFieldEvent | JoinSignatureFieldEvent> {
    return streamMessage(buf, Join.codec(), opts)
  }
}

export interface JoinBody {
  namespace: string
  clusterId: Uint8Array
  peer: string
  incarnation: string
  voter: boolean
  addresses: string[]
  nonce: Uint8Array
  configurationIndex: number
}

export namespace JoinBody {
  let _codec: Codec<JoinBody>

  export const codec = (): Codec<JoinBody> => {
    if (_codec == null) {
      _codec = message<JoinBody>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.namespace != null && obj.namespace !== '')) {
          w.uint32(10)
          w.string(obj.namespace)
        }

        if ((obj.clusterId != null && obj.clusterId.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.clusterId)
        }

        if ((obj.peer != null && obj.peer !== '')) {
          w.uint32(26)
          w.string(obj.peer)
        }

        if ((obj.incarnation != null && obj.incarnation !== '')) {
          w.uint32(34)
          w.string(obj.incarnation)
        }

        if ((obj.voter != null && obj.voter !== false)) {
          w.uint32(40)
          w.bool(obj.voter)
        }

        if (obj.addresses != null && obj.addresses.length > 0) {
          for (const value of obj.addresses) {
            w.uint32(50)
            w.string(value)
          }
        }

        if ((obj.nonce != null && obj.nonce.byteLength > 0)) {
          w.uint32(58)
          w.bytes(obj.nonce)
        }

        if ((obj.configurationIndex != null && obj.configurationIndex !== 0)) {
          w.uint32(64)
          w.uint64Number(obj.configurationIndex)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          namespace: '',
          clusterId: noBytes,
          peer: '',
          incarnation: '',
          voter: false,
          addresses: [],
          nonce: noBytes,
          configurationIndex: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.namespace = reader.string()
              break
            }
            case 2: {
              obj.clusterId = reader.bytes()
              break
            }
            case 3: {
              obj.peer = reader.string()
              break
            }
            case 4: {
              obj.incarnation = reader.string()
              break
            }
            case 5: {
              obj.voter = reader.bool()
              break
            }
            case 6: {
              if (opts.limits?.addresses != null && obj.addresses.length === opts.limits.addresses) {
                throw new MaxLengthError('Decode error - repeated field "addresses" had too many elements')
              }

              obj.addresses.push(reader.string())
              break
            }
            case 7: {
              obj.nonce = reader.bytes()
              break
            }
            case 8: {
              obj.configurationIndex = reader.uint64Number()
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
          addresses: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.namespace`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.clusterId`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.peer`,
                value: reader.string()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.incarnation`,
                value: reader.string()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.voter`,
                value: reader.bool()
              }
              break
            }
            case 6: {
              if (opts.limits?.addresses != null && obj.addresses === opts.limits.addresses) {
                throw new MaxLengthError('Streaming decode error - repeated field "addresses" had too many elements')
              }

              yield {
                field: `${prefix}.addresses[]`,
                index: obj.addresses,
                value: reader.string()
              }

              obj.addresses++

              break
            }
            case 7: {
              yield {
                field: `${prefix}.nonce`,
                value: reader.bytes()
              }
              break
            }
            case 8: {
              yield {
                field: `${prefix}.configurationIndex`,
                value: reader.uint64Number()
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

  export interface JoinBodyNamespaceFieldEvent {
    field: '$.namespace'
    value: string
  }

  export interface JoinBodyClusterIdFieldEvent {
    field: '$.clusterId'
    value: Uint8Array
  }

  export interface JoinBodyPeerFieldEvent {
    field: '$.peer'
    value: string
  }

  export interface JoinBodyIncarnationFieldEvent {
    field: '$.incarnation'
    value: string
  }

  export interface JoinBodyVoterFieldEvent {
    field: '$.voter'
    value: boolean
  }

  export interface JoinBodyAddressesFieldEvent {
    field: '$.addresses[]'
    index: number
    value: string
  }

  export interface JoinBodyNonceFieldEvent {
    field: '$.nonce'
    value: Uint8Array
  }

  export interface JoinBodyConfigurationIndexFieldEvent {
    field: '$.configurationIndex'
    value: number
  }

  export function encode (obj: Partial<JoinBody>): Uint8Array {
    return encodeMessage(obj, JoinBody.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<JoinBody>): JoinBody {
    return decodeMessage(buf, JoinBody.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<JoinBody>): Generator<JoinBodyNamespaceFieldEvent | JoinBodyClusterIdFieldEvent | JoinBodyPeerFieldEvent | JoinBodyIncarnationFieldEvent | JoinBodyVoterFieldEvent | JoinBodyAddressesFieldEvent | JoinBodyNonceFieldEvent | JoinBodyConfigurationIndexFieldEvent> {
    return streamMessage(buf, JoinBody.codec(), opts)
  }
}

export interface Joined {
  clusterId: Uint8Array
  leader?: string
  members?: MemberList
}

export namespace Joined {
  let _codec: Codec<Joined>

  export const codec = (): Codec<Joined> => {
    if (_codec == null) {
      _codec = message<Joined>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.clusterId != null && obj.clusterId.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.clusterId)
        }

        if (obj.leader != null) {
          w.uint32(18)
          w.string(obj.leader)
        }

        if (obj.members != null) {
          w.uint32(26)
          MemberList.codec().encode(obj.members, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          clusterId: noBytes
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
              obj.leader = reader.string()
              break
            }
            case 3: {
              obj.members = MemberList.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.members
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
                field: `${prefix}.clusterId`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.leader`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield * MemberList.codec().stream(reader, reader.uint32(), `${prefix}.members`, {
                limits: opts.limits?.members
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

  export interface JoinedClusterIdFieldEvent {
    field: '$.clusterId'
    value: Uint8Array
  }

  export interface JoinedLeaderFieldEvent {
    field: '$.leader'
    value: string
  }

  export interface JoinedMembersMembersPeerFieldEvent {
    field: '$.members.members[].peer'
    value: string
    index: number
  }

  export interface JoinedMembersMembersIncarnationFieldEvent {
    field: '$.members.members[].incarnation'
    value: string
    index: number
  }

  export interface JoinedMembersMembersVoterFieldEvent {
    field: '$.members.members[].voter'
    value: boolean
    index: number
  }

  export interface JoinedMembersMembersAddressesFieldEvent {
    field: '$.members.members[].addresses[]'
    index: number
    value: string
  }

  export interface JoinedMembersClusterIdFieldEvent {
    field: '$.members.clusterId'
    value: Uint8Array
  }

  export interface JoinedMembersConfigurationIndexFieldEvent {
    field: '$.members.configurationIndex'
    value: number
  }

  export interface JoinedMembersLeaderFieldEvent {
    field: '$.members.leader'
    value: string
  }

  export interface JoinedMembersTermFieldEvent {
    field: '$.members.term'
    value: number
  }

  export interface JoinedMembersProvisionalFieldEvent {
    field: '$.members.provisional'
    value: boolean
  }

  export interface JoinedMembersPendingFieldEvent {
    field: '$.members.pending'
    value: boolean
  }

  export function encode (obj: Partial<Joined>): Uint8Array {
    return encodeMessage(obj, Joined.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Joined>): Joined {
    return decodeMessage(buf, Joined.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Joined>): Generator<JoinedClusterIdFieldEvent | JoinedLeaderFieldEvent | JoinedMembersMembersPeerFieldEvent | JoinedMembersMembersIncarnationFieldEvent | JoinedMembersMembersVoterFieldEvent | JoinedMembersMembersAddressesFieldEvent | JoinedMembersClusterIdFieldEvent | JoinedMembersConfigurationIndexFieldEvent | JoinedMembersLeaderFieldEvent | JoinedMembersTermFieldEvent | JoinedMembersProvisionalFieldEvent | JoinedMembersPendingFieldEvent> {
    return streamMessage(buf, Joined.codec(), opts)
  }
}

export interface ExchangePeers {
  peers: PeerInfo[]
  serving: boolean
}

export namespace ExchangePeers {
  let _codec: Codec<ExchangePeers>

  export const codec = (): Codec<ExchangePeers> => {
    if (_codec == null) {
      _codec = message<ExchangePeers>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.peers != null && obj.peers.length > 0) {
          for (const value of obj.peers) {
            w.uint32(10)
            PeerInfo.codec().encode(value, w)
          }
        }

        if ((obj.serving != null && obj.serving !== false)) {
          w.uint32(16)
          w.bool(obj.serving)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          peers: [],
          serving: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.peers != null && obj.peers.length === opts.limits.peers) {
                throw new MaxLengthError('Decode error - repeated field "peers" had too many elements')
              }

              obj.peers.push(PeerInfo.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.peers$
              }))
              break
            }
            case 2: {
              obj.serving = reader.bool()
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
          peers: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.peers != null && obj.peers === opts.limits.peers) {
                throw new MaxLengthError('Streaming decode error - repeated field "peers" had too many elements')
              }

              for (const evt of PeerInfo.codec().stream(reader, reader.uint32(), `${prefix}.peers[]`, {
                limits: opts.limits?.peers$
              })) {
                yield {
                  ...evt,
                  index: obj.peers
                }
              }

              obj.peers++

              break
            }
            case 2: {
              yield {
                field: `${prefix}.serving`,
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

  export interface ExchangePeersPeersPeerFieldEvent {
    field: '$.peers[].peer'
    value: string
    index: number
  }

  export interface ExchangePeersPeersAddressesFieldEvent {
    field: '$.peers[].addresses[]'
    index: number
    value: string
  }

  export interface ExchangePeersPeersAgeMsFieldEvent {
    field: '$.peers[].ageMs'
    value: number
    index: number
  }

  export interface ExchangePeersServingFieldEvent {
    field: '$.serving'
    value: boolean
  }

  export function encode (obj: Partial<ExchangePeers>): Uint8Array {
    return encodeMessage(obj, ExchangePeers.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ExchangePeers>): ExchangePeers {
    return decodeMessage(buf, ExchangePeers.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ExchangePeers>): Generator<ExchangePeersPeersPeerFieldEvent | ExchangePeersPeersAddressesFieldEvent | ExchangePeersPeersAgeMsFieldEvent | ExchangePeersServingFieldEvent> {
    return streamMessage(buf, ExchangePeers.codec(), opts)
  }
}

export interface PeerInfo {
  peer: string
  addresses: string[]
  ageMs: number
}

export namespace PeerInfo {
  let _codec: Codec<PeerInfo>

  export const codec = (): Codec<PeerInfo> => {
    if (_codec == null) {
      _codec = message<PeerInfo>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.peer != null && obj.peer !== '')) {
          w.uint32(10)
          w.string(obj.peer)
        }

        if (obj.addresses != null && obj.addresses.length > 0) {
          for (const value of obj.addresses) {
            w.uint32(18)
            w.string(value)
          }
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
          addresses: [],
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
              if (opts.limits?.addresses != null && obj.addresses.length === opts.limits.addresses) {
                throw new MaxLengthError('Decode error - repeated field "addresses" had too many elements')
              }

              obj.addresses.push(reader.string())
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
        const obj = {
          addresses: 0
        }

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
              if (opts.limits?.addresses != null && obj.addresses === opts.limits.addresses) {
                throw new MaxLengthError('Streaming decode error - repeated field "addresses" had too many elements')
              }

              yield {
                field: `${prefix}.addresses[]`,
                index: obj.addresses,
                value: reader.string()
              }

              obj.addresses++

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

  export interface PeerInfoPeerFieldEvent {
    field: '$.peer'
    value: string
  }

  export interface PeerInfoAddressesFieldEvent {
    field: '$.addresses[]'
    index: number
    value: string
  }

  export interface PeerInfoAgeMsFieldEvent {
    field: '$.ageMs'
    value: number
  }

  export function encode (obj: Partial<PeerInfo>): Uint8Array {
    return encodeMessage(obj, PeerInfo.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PeerInfo>): PeerInfo {
    return decodeMessage(buf, PeerInfo.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PeerInfo>): Generator<PeerInfoPeerFieldEvent | PeerInfoAddressesFieldEvent | PeerInfoAgeMsFieldEvent> {
    return streamMessage(buf, PeerInfo.codec(), opts)
  }
}

export interface PeerList {
  peers: PeerInfo[]
  clusterId: Uint8Array
  leader?: string
}

export namespace PeerList {
  let _codec: Codec<PeerList>

  export const codec = (): Codec<PeerList> => {
    if (_codec == null) {
      _codec = message<PeerList>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.peers != null && obj.peers.length > 0) {
          for (const value of obj.peers) {
            w.uint32(10)
            PeerInfo.codec().encode(value, w)
          }
        }

        if ((obj.clusterId != null && obj.clusterId.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.clusterId)
        }

        if (obj.leader != null) {
          w.uint32(26)
          w.string(obj.leader)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          peers: [],
          clusterId: noBytes
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.peers != null && obj.peers.length === opts.limits.peers) {
                throw new MaxLengthError('Decode error - repeated field "peers" had too many elements')
              }

              obj.peers.push(PeerInfo.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.peers$
              }))
              break
            }
            case 2: {
              obj.clusterId = reader.bytes()
              break
            }
            case 3: {
              obj.leader = reader.string()
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
          peers: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.peers != null && obj.peers === opts.limits.peers) {
                throw new MaxLengthError('Streaming decode error - repeated field "peers" had too many elements')
              }

              for (const evt of PeerInfo.codec().stream(reader, reader.uint32(), `${prefix}.peers[]`, {
                limits: opts.limits?.peers$
              })) {
                yield {
                  ...evt,
                  index: obj.peers
                }
              }

              obj.peers++

              break
            }
            case 2: {
              yield {
                field: `${prefix}.clusterId`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.leader`,
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

  export interface PeerListPeersPeerFieldEvent {
    field: '$.peers[].peer'
    value: string
    index: number
  }

  export interface PeerListPeersAddressesFieldEvent {
    field: '$.peers[].addresses[]'
    index: number
    value: string
  }

  export interface PeerListPeersAgeMsFieldEvent {
    field: '$.peers[].ageMs'
    value: number
    index: number
  }

  export interface PeerListClusterIdFieldEvent {
    field: '$.clusterId'
    value: Uint8Array
  }

  export interface PeerListLeaderFieldEvent {
    field: '$.leader'
    value: string
  }

  export function encode (obj: Partial<PeerList>): Uint8Array {
    return encodeMessage(obj, PeerList.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PeerList>): PeerList {
    return decodeMessage(buf, PeerList.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PeerList>): Generator<PeerListPeersPeerFieldEvent | PeerListPeersAddressesFieldEvent | PeerListPeersAgeMsFieldEvent | PeerListClusterIdFieldEvent | PeerListLeaderFieldEvent> {
    return streamMessage(buf, PeerList.codec(), opts)
  }
}

export interface Formation {
  message: Uint8Array
}

export namespace Formation {
  let _codec: Codec<Formation>

  export const codec = (): Codec<Formation> => {
    if (_codec == null) {
      _codec = message<Formation>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.message != null && obj.message.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.message)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          message: noBytes
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.message = reader.bytes()
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
                field: `${prefix}.message`,
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

  export interface FormationMessageFieldEvent {
    field: '$.message'
    value: Uint8Array
  }

  export function encode (obj: Partial<Formation>): Uint8Array {
    return encodeMessage(obj, Formation.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Formation>): Formation {
    return decodeMessage(buf, Formation.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Formation>): Generator<FormationMessageFieldEvent> {
    return streamMessage(buf, Formation.codec(), opts)
  }
}

export interface Removed {
  configurationIndex: number
}

export namespace Removed {
  let _codec: Codec<Removed>

  export const codec = (): Codec<Removed> => {
    if (_codec == null) {
      _codec = message<Removed>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.configurationIndex != null && obj.configurationIndex !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.configurationIndex)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          configurationIndex: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.configurationIndex = reader.uint64Number()
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
                field: `${prefix}.configurationIndex`,
                value: reader.uint64Number()
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

  export interface RemovedConfigurationIndexFieldEvent {
    field: '$.configurationIndex'
    value: number
  }

  export function encode (obj: Partial<Removed>): Uint8Array {
    return encodeMessage(obj, Removed.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Removed>): Removed {
    return decodeMessage(buf, Removed.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Removed>): Generator<RemovedConfigurationIndexFieldEvent> {
    return streamMessage(buf, Removed.codec(), opts)
  }
}
