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

  export interface CommandFrameRequestsGetMaxAgeMsFieldEvent {
    field: '$.requests[].get.maxAgeMs'
    value: number
    index: number
  }

  export interface CommandFrameRequestsScanFromFieldEvent {
    field: '$.requests[].scan.from'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameRequestsScanToFieldEvent {
    field: '$.requests[].scan.to'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameRequestsScanLimitFieldEvent {
    field: '$.requests[].scan.limit'
    value: number
    index: number
  }

  export interface CommandFrameRequestsScanKeysOnlyFieldEvent {
    field: '$.requests[].scan.keysOnly'
    value: boolean
    index: number
  }

  export interface CommandFrameRequestsScanReverseFieldEvent {
    field: '$.requests[].scan.reverse'
    value: boolean
    index: number
  }

  export interface CommandFrameRequestsScanConsistencyFieldEvent {
    field: '$.requests[].scan.consistency'
    value: Consistency
    index: number
  }

  export interface CommandFrameRequestsScanMaxAgeMsFieldEvent {
    field: '$.requests[].scan.maxAgeMs'
    value: number
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

  export interface CommandFrameRequestsChangesFromFieldEvent {
    field: '$.requests[].changes.from'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameRequestsChangesToFieldEvent {
    field: '$.requests[].changes.to'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameRequestsChangesRevisionFieldEvent {
    field: '$.requests[].changes.revision'
    value: number
    index: number
  }

  export interface CommandFrameRequestsChangesSkipFieldEvent {
    field: '$.requests[].changes.skip'
    value: number
    index: number
  }

  export interface CommandFrameRequestsChangesWaitMsFieldEvent {
    field: '$.requests[].changes.waitMs'
    value: number
    index: number
  }

  export interface CommandFrameRequestsChangesMaxBytesFieldEvent {
    field: '$.requests[].changes.maxBytes'
    value: number
    index: number
  }

  export interface CommandFrameRequestsKeepAliveLeasesFieldEvent {
    field: '$.requests[].keepAlive.leases[]'
    index: number
    value: number
  }

  export interface CommandFrameRequestsLeaseStatusLeaseFieldEvent {
    field: '$.requests[].leaseStatus.lease'
    value: number
    index: number
  }

  export interface CommandFrameRequestsListLeasesAfterFieldEvent {
    field: '$.requests[].listLeases.after'
    value: number
    index: number
  }

  export interface CommandFrameRequestsListLeasesLimitFieldEvent {
    field: '$.requests[].listLeases.limit'
    value: number
    index: number
  }

  export interface CommandFrameRequestsPublishTopicFieldEvent {
    field: '$.requests[].publish.topic'
    value: string
    index: number
  }

  export interface CommandFrameRequestsPublishDataFieldEvent {
    field: '$.requests[].publish.data'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameRequestsListenTopicFieldEvent {
    field: '$.requests[].listen.topic'
    value: string
    index: number
  }

  export interface CommandFrameRequestsListenEpochFieldEvent {
    field: '$.requests[].listen.epoch'
    value: number
    index: number
  }

  export interface CommandFrameRequestsListenPositionFieldEvent {
    field: '$.requests[].listen.position'
    value: number
    index: number
  }

  export interface CommandFrameRequestsListenWaitMsFieldEvent {
    field: '$.requests[].listen.waitMs'
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

  export interface CommandFrameResponsesGotFactsCreateRevisionFieldEvent {
    field: '$.responses[].got.facts.createRevision'
    value: number
    index: number
  }

  export interface CommandFrameResponsesGotFactsModRevisionFieldEvent {
    field: '$.responses[].got.facts.modRevision'
    value: number
    index: number
  }

  export interface CommandFrameResponsesGotFactsVersionFieldEvent {
    field: '$.responses[].got.facts.version'
    value: number
    index: number
  }

  export interface CommandFrameResponsesGotFactsLeaseFieldEvent {
    field: '$.responses[].got.facts.lease'
    value: number
    index: number
  }

  export interface CommandFrameResponsesGotFreshnessRevisionFieldEvent {
    field: '$.responses[].got.freshness.revision'
    value: number
    index: number
  }

  export interface CommandFrameResponsesGotFreshnessAgeMsFieldEvent {
    field: '$.responses[].got.freshness.ageMs'
    value: number
    index: number
  }

  export interface CommandFrameResponsesRowListRowsKeyFieldEvent {
    field: '$.responses[].rowList.rows[].key'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameResponsesRowListRowsValueFieldEvent {
    field: '$.responses[].rowList.rows[].value'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameResponsesRowListRowsFactsCreateRevisionFieldEvent {
    field: '$.responses[].rowList.rows[].facts.createRevision'
    value: number
    index: number
  }

  export interface CommandFrameResponsesRowListRowsFactsModRevisionFieldEvent {
    field: '$.responses[].rowList.rows[].facts.modRevision'
    value: number
    index: number
  }

  export interface CommandFrameResponsesRowListRowsFactsVersionFieldEvent {
    field: '$.responses[].rowList.rows[].facts.version'
    value: number
    index: number
  }

  export interface CommandFrameResponsesRowListRowsFactsLeaseFieldEvent {
    field: '$.responses[].rowList.rows[].facts.lease'
    value: number
    index: number
  }

  export interface CommandFrameResponsesRowListMoreFieldEvent {
    field: '$.responses[].rowList.more'
    value: boolean
    index: number
  }

  export interface CommandFrameResponsesRowListFreshnessRevisionFieldEvent {
    field: '$.responses[].rowList.freshness.revision'
    value: number
    index: number
  }

  export interface CommandFrameResponsesRowListFreshnessAgeMsFieldEvent {
    field: '$.responses[].rowList.freshness.ageMs'
    value: number
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

  export interface CommandFrameResponsesChangeListChangesRowKeyFieldEvent {
    field: '$.responses[].changeList.changes[].row.key'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameResponsesChangeListChangesRowValueFieldEvent {
    field: '$.responses[].changeList.changes[].row.value'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameResponsesChangeListChangesRowFactsCreateRevisionFieldEvent {
    field: '$.responses[].changeList.changes[].row.facts.createRevision'
    value: number
    index: number
  }

  export interface CommandFrameResponsesChangeListChangesRowFactsModRevisionFieldEvent {
    field: '$.responses[].changeList.changes[].row.facts.modRevision'
    value: number
    index: number
  }

  export interface CommandFrameResponsesChangeListChangesRowFactsVersionFieldEvent {
    field: '$.responses[].changeList.changes[].row.facts.version'
    value: number
    index: number
  }

  export interface CommandFrameResponsesChangeListChangesRowFactsLeaseFieldEvent {
    field: '$.responses[].changeList.changes[].row.facts.lease'
    value: number
    index: number
  }

  export interface CommandFrameResponsesChangeListChangesDeletedFieldEvent {
    field: '$.responses[].changeList.changes[].deleted'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameResponsesChangeListChangesRevisionFieldEvent {
    field: '$.responses[].changeList.changes[].revision'
    value: number
    index: number
  }

  export interface CommandFrameResponsesChangeListNextFieldEvent {
    field: '$.responses[].changeList.next'
    value: number
    index: number
  }

  export interface CommandFrameResponsesChangeListNextSkipFieldEvent {
    field: '$.responses[].changeList.nextSkip'
    value: number
    index: number
  }

  export interface CommandFrameResponsesChangeListCompactedFieldEvent {
    field: '$.responses[].changeList.compacted'
    value: number
    index: number
  }

  export interface CommandFrameResponsesLeaseListLeasesIdFieldEvent {
    field: '$.responses[].leaseList.leases[].id'
    value: number
    index: number
  }

  export interface CommandFrameResponsesLeaseListLeasesTtlMsFieldEvent {
    field: '$.responses[].leaseList.leases[].ttlMs'
    value: number
    index: number
  }

  export interface CommandFrameResponsesLeaseListMoreFieldEvent {
    field: '$.responses[].leaseList.more'
    value: boolean
    index: number
  }

  export interface CommandFrameResponsesLeaseStateTtlMsFieldEvent {
    field: '$.responses[].leaseState.ttlMs'
    value: number
    index: number
  }

  export interface CommandFrameResponsesLeaseStateRemainingMsFieldEvent {
    field: '$.responses[].leaseState.remainingMs'
    value: number
    index: number
  }

  export interface CommandFrameResponsesLeaseStateKeysFieldEvent {
    field: '$.responses[].leaseState.keys[]'
    index: number
    value: Uint8Array
  }

  export interface CommandFrameResponsesPublishedToldFieldEvent {
    field: '$.responses[].published.told'
    value: number
    index: number
  }

  export interface CommandFrameResponsesHeardSayingsDataFieldEvent {
    field: '$.responses[].heard.sayings[].data'
    value: Uint8Array
    index: number
  }

  export interface CommandFrameResponsesHeardSayingsPublisherFieldEvent {
    field: '$.responses[].heard.sayings[].publisher'
    value: string
    index: number
  }

  export interface CommandFrameResponsesHeardEpochFieldEvent {
    field: '$.responses[].heard.epoch'
    value: number
    index: number
  }

  export interface CommandFrameResponsesHeardPositionFieldEvent {
    field: '$.responses[].heard.position'
    value: number
    index: number
  }

  export interface CommandFrameResponsesHeardMissedFieldEvent {
    field: '$.responses[].heard.missed'
    value: boolean
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

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<CommandFrame>): Generator<CommandFrameRequestsIdFieldEvent | CommandFrameRequestsNamespaceFieldEvent | CommandFrameRequestsForwardedFieldEvent | CommandFrameRequestsTimeoutMsFieldEvent | CommandFrameRequestsOriginFieldEvent | CommandFrameRequestsProposeCommandFieldEvent | CommandFrameRequestsProposeKvFieldEvent | CommandFrameRequestsGetKeyFieldEvent | CommandFrameRequestsGetConsistencyFieldEvent | CommandFrameRequestsGetMaxAgeMsFieldEvent | CommandFrameRequestsScanFromFieldEvent | CommandFrameRequestsScanToFieldEvent | CommandFrameRequestsScanLimitFieldEvent | CommandFrameRequestsScanKeysOnlyFieldEvent | CommandFrameRequestsScanReverseFieldEvent | CommandFrameRequestsScanConsistencyFieldEvent | CommandFrameRequestsScanMaxAgeMsFieldEvent | CommandFrameRequestsChangeMembersChangesOpFieldEvent | CommandFrameRequestsChangeMembersChangesPeerFieldEvent | CommandFrameRequestsChangeMembersChangesIncarnationFieldEvent | CommandFrameRequestsChangeMembersExpectedIndexFieldEvent | CommandFrameRequestsTransferPeerFieldEvent | CommandFrameRequestsJoinBodyFieldEvent | CommandFrameRequestsJoinPublicKeyFieldEvent | CommandFrameRequestsJoinSignatureFieldEvent | CommandFrameRequestsExchangePeersPeersPeerFieldEvent | CommandFrameRequestsExchangePeersPeersAddressesFieldEvent | CommandFrameRequestsExchangePeersPeersAgeMsFieldEvent | CommandFrameRequestsExchangePeersServingFieldEvent | CommandFrameRequestsFormationMessageFieldEvent | CommandFrameRequestsRemovedConfigurationIndexFieldEvent | CommandFrameRequestsChangePolicyOpFieldEvent | CommandFrameRequestsChangePolicyPeerFieldEvent | CommandFrameRequestsChangePolicyPrefixFieldEvent | CommandFrameRequestsChangePolicyRoleFieldEvent | CommandFrameRequestsChangePolicyExpectedIndexFieldEvent | CommandFrameRequestsChangesFromFieldEvent | CommandFrameRequestsChangesToFieldEvent | CommandFrameRequestsChangesRevisionFieldEvent | CommandFrameRequestsChangesSkipFieldEvent | CommandFrameRequestsChangesWaitMsFieldEvent | CommandFrameRequestsChangesMaxBytesFieldEvent | CommandFrameRequestsKeepAliveLeasesFieldEvent | CommandFrameRequestsLeaseStatusLeaseFieldEvent | CommandFrameRequestsListLeasesAfterFieldEvent | CommandFrameRequestsListLeasesLimitFieldEvent | CommandFrameRequestsPublishTopicFieldEvent | CommandFrameRequestsPublishDataFieldEvent | CommandFrameRequestsListenTopicFieldEvent | CommandFrameRequestsListenEpochFieldEvent | CommandFrameRequestsListenPositionFieldEvent | CommandFrameRequestsListenWaitMsFieldEvent | CommandFrameResponsesIdFieldEvent | CommandFrameResponsesFailureNameFieldEvent | CommandFrameResponsesFailureMessageFieldEvent | CommandFrameResponsesFailureLeaderFieldEvent | CommandFrameResponsesLeaderFieldEvent | CommandFrameResponsesProposedIndexFieldEvent | CommandFrameResponsesProposedResultFieldEvent | CommandFrameResponsesGotFoundFieldEvent | CommandFrameResponsesGotValueFieldEvent | CommandFrameResponsesGotFactsCreateRevisionFieldEvent | CommandFrameResponsesGotFactsModRevisionFieldEvent | CommandFrameResponsesGotFactsVersionFieldEvent | CommandFrameResponsesGotFactsLeaseFieldEvent | CommandFrameResponsesGotFreshnessRevisionFieldEvent | CommandFrameResponsesGotFreshnessAgeMsFieldEvent | CommandFrameResponsesRowListRowsKeyFieldEvent | CommandFrameResponsesRowListRowsValueFieldEvent | CommandFrameResponsesRowListRowsFactsCreateRevisionFieldEvent | CommandFrameResponsesRowListRowsFactsModRevisionFieldEvent | CommandFrameResponsesRowListRowsFactsVersionFieldEvent | CommandFrameResponsesRowListRowsFactsLeaseFieldEvent | CommandFrameResponsesRowListMoreFieldEvent | CommandFrameResponsesRowListFreshnessRevisionFieldEvent | CommandFrameResponsesRowListFreshnessAgeMsFieldEvent | CommandFrameResponsesIndexIndexFieldEvent | CommandFrameResponsesMemberListMembersPeerFieldEvent | CommandFrameResponsesMemberListMembersIncarnationFieldEvent | CommandFrameResponsesMemberListMembersVoterFieldEvent | CommandFrameResponsesMemberListMembersAddressesFieldEvent | CommandFrameResponsesMemberListClusterIdFieldEvent | CommandFrameResponsesMemberListConfigurationIndexFieldEvent | CommandFrameResponsesMemberListLeaderFieldEvent | CommandFrameResponsesMemberListTermFieldEvent | CommandFrameResponsesMemberListProvisionalFieldEvent | CommandFrameResponsesMemberListPendingFieldEvent | CommandFrameResponsesStatsJsonFieldEvent | CommandFrameResponsesJoinedClusterIdFieldEvent | CommandFrameResponsesJoinedLeaderFieldEvent | CommandFrameResponsesJoinedMembersMembersPeerFieldEvent | CommandFrameResponsesJoinedMembersMembersIncarnationFieldEvent | CommandFrameResponsesJoinedMembersMembersVoterFieldEvent | CommandFrameResponsesJoinedMembersMembersAddressesFieldEvent | CommandFrameResponsesJoinedMembersClusterIdFieldEvent | CommandFrameResponsesJoinedMembersConfigurationIndexFieldEvent | CommandFrameResponsesJoinedMembersLeaderFieldEvent | CommandFrameResponsesJoinedMembersTermFieldEvent | CommandFrameResponsesJoinedMembersProvisionalFieldEvent | CommandFrameResponsesJoinedMembersPendingFieldEvent | CommandFrameResponsesPeerListPeersPeerFieldEvent | CommandFrameResponsesPeerListPeersAddressesFieldEvent | CommandFrameResponsesPeerListPeersAgeMsFieldEvent | CommandFrameResponsesPeerListClusterIdFieldEvent | CommandFrameResponsesPeerListLeaderFieldEvent | CommandFrameResponsesFormationMessageFieldEvent | CommandFrameResponsesPolicyTextFieldEvent | CommandFrameResponsesPolicyConfigurationIndexFieldEvent | CommandFrameResponsesChangeListChangesRowKeyFieldEvent | CommandFrameResponsesChangeListChangesRowValueFieldEvent | CommandFrameResponsesChangeListChangesRowFactsCreateRevisionFieldEvent | CommandFrameResponsesChangeListChangesRowFactsModRevisionFieldEvent | CommandFrameResponsesChangeListChangesRowFactsVersionFieldEvent | CommandFrameResponsesChangeListChangesRowFactsLeaseFieldEvent | CommandFrameResponsesChangeListChangesDeletedFieldEvent | CommandFrameResponsesChangeListChangesRevisionFieldEvent | CommandFrameResponsesChangeListNextFieldEvent | CommandFrameResponsesChangeListNextSkipFieldEvent | CommandFrameResponsesChangeListCompactedFieldEvent | CommandFrameResponsesLeaseListLeasesIdFieldEvent | CommandFrameResponsesLeaseListLeasesTtlMsFieldEvent | CommandFrameResponsesLeaseListMoreFieldEvent | CommandFrameResponsesLeaseStateTtlMsFieldEvent | CommandFrameResponsesLeaseStateRemainingMsFieldEvent | CommandFrameResponsesLeaseStateKeysFieldEvent | CommandFrameResponsesPublishedToldFieldEvent | CommandFrameResponsesHeardSayingsDataFieldEvent | CommandFrameResponsesHeardSayingsPublisherFieldEvent | CommandFrameResponsesHeardEpochFieldEvent | CommandFrameResponsesHeardPositionFieldEvent | CommandFrameResponsesHeardMissedFieldEvent | CommandFrameCancelsFieldEvent | CommandFrameHelloMajorFieldEvent | CommandFrameHelloMinorFieldEvent | CommandFrameHelloSaltFieldEvent | CommandFrameSealedBoxesNamespaceFieldEvent | CommandFrameSealedBoxesKeyIdFieldEvent | CommandFrameSealedBoxesSequenceFieldEvent | CommandFrameSealedBoxesSealedFieldEvent | CommandFrameSealedRefusalsNamespaceFieldEvent | CommandFrameSealedRefusalsKeyIdFieldEvent | CommandFrameSealedRefusalsSequenceFieldEvent | CommandFrameSealedRefusalsFailureNameFieldEvent | CommandFrameSealedRefusalsFailureMessageFieldEvent | CommandFrameSealedRefusalsFailureLeaderFieldEvent> {
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
  scan?: Scan
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
  changes?: Changes
  keepAlive?: KeepAlive
  leaseStatus?: LeaseStatus
  listLeases?: ListLeases
  publish?: Publish
  listen?: Listen
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

        if (obj.scan != null) {
          w.uint32(98)
          Scan.codec().encode(obj.scan, w)
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

        if (obj.changes != null) {
          w.uint32(194)
          Changes.codec().encode(obj.changes, w)
        }

        if (obj.keepAlive != null) {
          w.uint32(202)
          KeepAlive.codec().encode(obj.keepAlive, w)
        }

        if (obj.leaseStatus != null) {
          w.uint32(210)
          LeaseStatus.codec().encode(obj.leaseStatus, w)
        }

        if (obj.listLeases != null) {
          w.uint32(218)
          ListLeases.codec().encode(obj.listLeases, w)
        }

        if (obj.publish != null) {
          w.uint32(226)
          Publish.codec().encode(obj.publish, w)
        }

        if (obj.listen != null) {
          w.uint32(234)
          Listen.codec().encode(obj.listen, w)
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
              obj.scan = Scan.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.scan
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
            case 24: {
              obj.changes = Changes.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.changes
              })
              break
            }
            case 25: {
              obj.keepAlive = KeepAlive.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.keepAlive
              })
              break
            }
            case 26: {
              obj.leaseStatus = LeaseStatus.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.leaseStatus
              })
              break
            }
            case 27: {
              obj.listLeases = ListLeases.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.listLeases
              })
              break
            }
            case 28: {
              obj.publish = Publish.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.publish
              })
              break
            }
            case 29: {
              obj.listen = Listen.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.listen
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
              yield * Scan.codec().stream(reader, reader.uint32(), `${prefix}.scan`, {
                limits: opts.limits?.scan
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
            case 24: {
              yield * Changes.codec().stream(reader, reader.uint32(), `${prefix}.changes`, {
                limits: opts.limits?.changes
              })

              break
            }
            case 25: {
              yield * KeepAlive.codec().stream(reader, reader.uint32(), `${prefix}.keepAlive`, {
                limits: opts.limits?.keepAlive
              })

              break
            }
            case 26: {
              yield * LeaseStatus.codec().stream(reader, reader.uint32(), `${prefix}.leaseStatus`, {
                limits: opts.limits?.leaseStatus
              })

              break
            }
            case 27: {
              yield * ListLeases.codec().stream(reader, reader.uint32(), `${prefix}.listLeases`, {
                limits: opts.limits?.listLeases
              })

              break
            }
            case 28: {
              yield * Publish.codec().stream(reader, reader.uint32(), `${prefix}.publish`, {
                limits: opts.limits?.publish
              })

              break
            }
            case 29: {
              yield * Listen.codec().stream(reader, reader.uint32(), `${prefix}.listen`, {
                limits: opts.limits?.listen
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

  export interface RequestGetMaxAgeMsFieldEvent {
    field: '$.get.maxAgeMs'
    value: number
  }

  export interface RequestScanFromFieldEvent {
    field: '$.scan.from'
    value: Uint8Array
  }

  export interface RequestScanToFieldEvent {
    field: '$.scan.to'
    value: Uint8Array
  }

  export interface RequestScanLimitFieldEvent {
    field: '$.scan.limit'
    value: number
  }

  export interface RequestScanKeysOnlyFieldEvent {
    field: '$.scan.keysOnly'
    value: boolean
  }

  export interface RequestScanReverseFieldEvent {
    field: '$.scan.reverse'
    value: boolean
  }

  export interface RequestScanConsistencyFieldEvent {
    field: '$.scan.consistency'
    value: Consistency
  }

  export interface RequestScanMaxAgeMsFieldEvent {
    field: '$.scan.maxAgeMs'
    value: number
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

  export interface RequestChangesFromFieldEvent {
    field: '$.changes.from'
    value: Uint8Array
  }

  export interface RequestChangesToFieldEvent {
    field: '$.changes.to'
    value: Uint8Array
  }

  export interface RequestChangesRevisionFieldEvent {
    field: '$.changes.revision'
    value: number
  }

  export interface RequestChangesSkipFieldEvent {
    field: '$.changes.skip'
    value: number
  }

  export interface RequestChangesWaitMsFieldEvent {
    field: '$.changes.waitMs'
    value: number
  }

  export interface RequestChangesMaxBytesFieldEvent {
    field: '$.changes.maxBytes'
    value: number
  }

  export interface RequestKeepAliveLeasesFieldEvent {
    field: '$.keepAlive.leases[]'
    index: number
    value: number
  }

  export interface RequestLeaseStatusLeaseFieldEvent {
    field: '$.leaseStatus.lease'
    value: number
  }

  export interface RequestListLeasesAfterFieldEvent {
    field: '$.listLeases.after'
    value: number
  }

  export interface RequestListLeasesLimitFieldEvent {
    field: '$.listLeases.limit'
    value: number
  }

  export interface RequestPublishTopicFieldEvent {
    field: '$.publish.topic'
    value: string
  }

  export interface RequestPublishDataFieldEvent {
    field: '$.publish.data'
    value: Uint8Array
  }

  export interface RequestListenTopicFieldEvent {
    field: '$.listen.topic'
    value: string
  }

  export interface RequestListenEpochFieldEvent {
    field: '$.listen.epoch'
    value: number
  }

  export interface RequestListenPositionFieldEvent {
    field: '$.listen.position'
    value: number
  }

  export interface RequestListenWaitMsFieldEvent {
    field: '$.listen.waitMs'
    value: number
  }

  export function encode (obj: Partial<Request>): Uint8Array {
    return encodeMessage(obj, Request.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Request>): Request {
    return decodeMessage(buf, Request.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Request>): Generator<RequestIdFieldEvent | RequestNamespaceFieldEvent | RequestForwardedFieldEvent | RequestTimeoutMsFieldEvent | RequestOriginFieldEvent | RequestProposeCommandFieldEvent | RequestProposeKvFieldEvent | RequestGetKeyFieldEvent | RequestGetConsistencyFieldEvent | RequestGetMaxAgeMsFieldEvent | RequestScanFromFieldEvent | RequestScanToFieldEvent | RequestScanLimitFieldEvent | RequestScanKeysOnlyFieldEvent | RequestScanReverseFieldEvent | RequestScanConsistencyFieldEvent | RequestScanMaxAgeMsFieldEvent | RequestChangeMembersChangesOpFieldEvent | RequestChangeMembersChangesPeerFieldEvent | RequestChangeMembersChangesIncarnationFieldEvent | RequestChangeMembersExpectedIndexFieldEvent | RequestTransferPeerFieldEvent | RequestJoinBodyFieldEvent | RequestJoinPublicKeyFieldEvent | RequestJoinSignatureFieldEvent | RequestExchangePeersPeersPeerFieldEvent | RequestExchangePeersPeersAddressesFieldEvent | RequestExchangePeersPeersAgeMsFieldEvent | RequestExchangePeersServingFieldEvent | RequestFormationMessageFieldEvent | RequestRemovedConfigurationIndexFieldEvent | RequestChangePolicyOpFieldEvent | RequestChangePolicyPeerFieldEvent | RequestChangePolicyPrefixFieldEvent | RequestChangePolicyRoleFieldEvent | RequestChangePolicyExpectedIndexFieldEvent | RequestChangesFromFieldEvent | RequestChangesToFieldEvent | RequestChangesRevisionFieldEvent | RequestChangesSkipFieldEvent | RequestChangesWaitMsFieldEvent | RequestChangesMaxBytesFieldEvent | RequestKeepAliveLeasesFieldEvent | RequestLeaseStatusLeaseFieldEvent | RequestListLeasesAfterFieldEvent | RequestListLeasesLimitFieldEvent | RequestPublishTopicFieldEvent | RequestPublishDataFieldEvent | RequestListenTopicFieldEvent | RequestListenEpochFieldEvent | RequestListenPositionFieldEvent | RequestListenWaitMsFieldEvent> {
    return streamMessage(buf, Request.codec(), opts)
  }
}

export interface Response {
  id: number
  failure?: Failure
  leader?: string
  proposed?: Proposed
  got?: Got
  rowList?: RowList
  index?: Index
  memberList?: MemberList
  stats?: StatsJson
  joined?: Joined
  peerList?: PeerList
  formation?: Formation
  policy?: PolicyText
  changeList?: ChangeList
  leaseList?: LeaseList
  leaseState?: LeaseState
  published?: Published
  heard?: Heard
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

        if (obj.rowList != null) {
          w.uint32(98)
          RowList.codec().encode(obj.rowList, w)
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

        if (obj.changeList != null) {
          w.uint32(162)
          ChangeList.codec().encode(obj.changeList, w)
        }

        if (obj.leaseList != null) {
          w.uint32(170)
          LeaseList.codec().encode(obj.leaseList, w)
        }

        if (obj.leaseState != null) {
          w.uint32(178)
          LeaseState.codec().encode(obj.leaseState, w)
        }

        if (obj.published != null) {
          w.uint32(186)
          Published.codec().encode(obj.published, w)
        }

        if (obj.heard != null) {
          w.uint32(194)
          Heard.codec().encode(obj.heard, w)
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
              obj.rowList = RowList.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.rowList
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
            case 20: {
              obj.changeList = ChangeList.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.changeList
              })
              break
            }
            case 21: {
              obj.leaseList = LeaseList.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.leaseList
              })
              break
            }
            case 22: {
              obj.leaseState = LeaseState.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.leaseState
              })
              break
            }
            case 23: {
              obj.published = Published.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.published
              })
              break
            }
            case 24: {
              obj.heard = Heard.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.heard
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
              yield * RowList.codec().stream(reader, reader.uint32(), `${prefix}.rowList`, {
                limits: opts.limits?.rowList
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
            case 20: {
              yield * ChangeList.codec().stream(reader, reader.uint32(), `${prefix}.changeList`, {
                limits: opts.limits?.changeList
              })

              break
            }
            case 21: {
              yield * LeaseList.codec().stream(reader, reader.uint32(), `${prefix}.leaseList`, {
                limits: opts.limits?.leaseList
              })

              break
            }
            case 22: {
              yield * LeaseState.codec().stream(reader, reader.uint32(), `${prefix}.leaseState`, {
                limits: opts.limits?.leaseState
              })

              break
            }
            case 23: {
              yield * Published.codec().stream(reader, reader.uint32(), `${prefix}.published`, {
                limits: opts.limits?.published
              })

              break
            }
            case 24: {
              yield * Heard.codec().stream(reader, reader.uint32(), `${prefix}.heard`, {
                limits: opts.limits?.heard
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

  export interface ResponseGotFactsCreateRevisionFieldEvent {
    field: '$.got.facts.createRevision'
    value: number
  }

  export interface ResponseGotFactsModRevisionFieldEvent {
    field: '$.got.facts.modRevision'
    value: number
  }

  export interface ResponseGotFactsVersionFieldEvent {
    field: '$.got.facts.version'
    value: number
  }

  export interface ResponseGotFactsLeaseFieldEvent {
    field: '$.got.facts.lease'
    value: number
  }

  export interface ResponseGotFreshnessRevisionFieldEvent {
    field: '$.got.freshness.revision'
    value: number
  }

  export interface ResponseGotFreshnessAgeMsFieldEvent {
    field: '$.got.freshness.ageMs'
    value: number
  }

  export interface ResponseRowListRowsKeyFieldEvent {
    field: '$.rowList.rows[].key'
    value: Uint8Array
    index: number
  }

  export interface ResponseRowListRowsValueFieldEvent {
    field: '$.rowList.rows[].value'
    value: Uint8Array
    index: number
  }

  export interface ResponseRowListRowsFactsCreateRevisionFieldEvent {
    field: '$.rowList.rows[].facts.createRevision'
    value: number
    index: number
  }

  export interface ResponseRowListRowsFactsModRevisionFieldEvent {
    field: '$.rowList.rows[].facts.modRevision'
    value: number
    index: number
  }

  export interface ResponseRowListRowsFactsVersionFieldEvent {
    field: '$.rowList.rows[].facts.version'
    value: number
    index: number
  }

  export interface ResponseRowListRowsFactsLeaseFieldEvent {
    field: '$.rowList.rows[].facts.lease'
    value: number
    index: number
  }

  export interface ResponseRowListMoreFieldEvent {
    field: '$.rowList.more'
    value: boolean
  }

  export interface ResponseRowListFreshnessRevisionFieldEvent {
    field: '$.rowList.freshness.revision'
    value: number
  }

  export interface ResponseRowListFreshnessAgeMsFieldEvent {
    field: '$.rowList.freshness.ageMs'
    value: number
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

  export interface ResponseChangeListChangesRowKeyFieldEvent {
    field: '$.changeList.changes[].row.key'
    value: Uint8Array
    index: number
  }

  export interface ResponseChangeListChangesRowValueFieldEvent {
    field: '$.changeList.changes[].row.value'
    value: Uint8Array
    index: number
  }

  export interface ResponseChangeListChangesRowFactsCreateRevisionFieldEvent {
    field: '$.changeList.changes[].row.facts.createRevision'
    value: number
    index: number
  }

  export interface ResponseChangeListChangesRowFactsModRevisionFieldEvent {
    field: '$.changeList.changes[].row.facts.modRevision'
    value: number
    index: number
  }

  export interface ResponseChangeListChangesRowFactsVersionFieldEvent {
    field: '$.changeList.changes[].row.facts.version'
    value: number
    index: number
  }

  export interface ResponseChangeListChangesRowFactsLeaseFieldEvent {
    field: '$.changeList.changes[].row.facts.lease'
    value: number
    index: number
  }

  export interface ResponseChangeListChangesDeletedFieldEvent {
    field: '$.changeList.changes[].deleted'
    value: Uint8Array
    index: number
  }

  export interface ResponseChangeListChangesRevisionFieldEvent {
    field: '$.changeList.changes[].revision'
    value: number
    index: number
  }

  export interface ResponseChangeListNextFieldEvent {
    field: '$.changeList.next'
    value: number
  }

  export interface ResponseChangeListNextSkipFieldEvent {
    field: '$.changeList.nextSkip'
    value: number
  }

  export interface ResponseChangeListCompactedFieldEvent {
    field: '$.changeList.compacted'
    value: number
  }

  export interface ResponseLeaseListLeasesIdFieldEvent {
    field: '$.leaseList.leases[].id'
    value: number
    index: number
  }

  export interface ResponseLeaseListLeasesTtlMsFieldEvent {
    field: '$.leaseList.leases[].ttlMs'
    value: number
    index: number
  }

  export interface ResponseLeaseListMoreFieldEvent {
    field: '$.leaseList.more'
    value: boolean
  }

  export interface ResponseLeaseStateTtlMsFieldEvent {
    field: '$.leaseState.ttlMs'
    value: number
  }

  export interface ResponseLeaseStateRemainingMsFieldEvent {
    field: '$.leaseState.remainingMs'
    value: number
  }

  export interface ResponseLeaseStateKeysFieldEvent {
    field: '$.leaseState.keys[]'
    index: number
    value: Uint8Array
  }

  export interface ResponsePublishedToldFieldEvent {
    field: '$.published.told'
    value: number
  }

  export interface ResponseHeardSayingsDataFieldEvent {
    field: '$.heard.sayings[].data'
    value: Uint8Array
    index: number
  }

  export interface ResponseHeardSayingsPublisherFieldEvent {
    field: '$.heard.sayings[].publisher'
    value: string
    index: number
  }

  export interface ResponseHeardEpochFieldEvent {
    field: '$.heard.epoch'
    value: number
  }

  export interface ResponseHeardPositionFieldEvent {
    field: '$.heard.position'
    value: number
  }

  export interface ResponseHeardMissedFieldEvent {
    field: '$.heard.missed'
    value: boolean
  }

  export function encode (obj: Partial<Response>): Uint8Array {
    return encodeMessage(obj, Response.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Response>): Response {
    return decodeMessage(buf, Response.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Response>): Generator<ResponseIdFieldEvent | ResponseFailureNameFieldEvent | ResponseFailureMessageFieldEvent | ResponseFailureLeaderFieldEvent | ResponseLeaderFieldEvent | ResponseProposedIndexFieldEvent | ResponseProposedResultFieldEvent | ResponseGotFoundFieldEvent | ResponseGotValueFieldEvent | ResponseGotFactsCreateRevisionFieldEvent | ResponseGotFactsModRevisionFieldEvent | ResponseGotFactsVersionFieldEvent | ResponseGotFactsLeaseFieldEvent | ResponseGotFreshnessRevisionFieldEvent | ResponseGotFreshnessAgeMsFieldEvent | ResponseRowListRowsKeyFieldEvent | ResponseRowListRowsValueFieldEvent | ResponseRowListRowsFactsCreateRevisionFieldEvent | ResponseRowListRowsFactsModRevisionFieldEvent | ResponseRowListRowsFactsVersionFieldEvent | ResponseRowListRowsFactsLeaseFieldEvent | ResponseRowListMoreFieldEvent | ResponseRowListFreshnessRevisionFieldEvent | ResponseRowListFreshnessAgeMsFieldEvent | ResponseIndexIndexFieldEvent | ResponseMemberListMembersPeerFieldEvent | ResponseMemberListMembersIncarnationFieldEvent | ResponseMemberListMembersVoterFieldEvent | ResponseMemberListMembersAddressesFieldEvent | ResponseMemberListClusterIdFieldEvent | ResponseMemberListConfigurationIndexFieldEvent | ResponseMemberListLeaderFieldEvent | ResponseMemberListTermFieldEvent | ResponseMemberListProvisionalFieldEvent | ResponseMemberListPendingFieldEvent | ResponseStatsJsonFieldEvent | ResponseJoinedClusterIdFieldEvent | ResponseJoinedLeaderFieldEvent | ResponseJoinedMembersMembersPeerFieldEvent | ResponseJoinedMembersMembersIncarnationFieldEvent | ResponseJoinedMembersMembersVoterFieldEvent | ResponseJoinedMembersMembersAddressesFieldEvent | ResponseJoinedMembersClusterIdFieldEvent | ResponseJoinedMembersConfigurationIndexFieldEvent | ResponseJoinedMembersLeaderFieldEvent | ResponseJoinedMembersTermFieldEvent | ResponseJoinedMembersProvisionalFieldEvent | ResponseJoinedMembersPendingFieldEvent | ResponsePeerListPeersPeerFieldEvent | ResponsePeerListPeersAddressesFieldEvent | ResponsePeerListPeersAgeMsFieldEvent | ResponsePeerListClusterIdFieldEvent | ResponsePeerListLeaderFieldEvent | ResponseFormationMessageFieldEvent | ResponsePolicyTextFieldEvent | ResponsePolicyConfigurationIndexFieldEvent | ResponseChangeListChangesRowKeyFieldEvent | ResponseChangeListChangesRowValueFieldEvent | ResponseChangeListChangesRowFactsCreateRevisionFieldEvent | ResponseChangeListChangesRowFactsModRevisionFieldEvent | ResponseChangeListChangesRowFactsVersionFieldEvent | ResponseChangeListChangesRowFactsLeaseFieldEvent | ResponseChangeListChangesDeletedFieldEvent | ResponseChangeListChangesRevisionFieldEvent | ResponseChangeListNextFieldEvent | ResponseChangeListNextSkipFieldEvent | ResponseChangeListCompactedFieldEvent | ResponseLeaseListLeasesIdFieldEvent | ResponseLeaseListLeasesTtlMsFieldEvent | ResponseLeaseListMoreFieldEvent | ResponseLeaseStateTtlMsFieldEvent | ResponseLeaseStateRemainingMsFieldEvent | ResponseLeaseStateKeysFieldEvent | ResponsePublishedToldFieldEvent | ResponseHeardSayingsDataFieldEvent | ResponseHeardSayingsPublisherFieldEvent | ResponseHeardEpochFieldEvent | ResponseHeardPositionFieldEvent | ResponseHeardMissedFieldEvent> {
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
  STALE = 'STALE',
  BOUNDED = 'BOUNDED'
}

enum __ConsistencyValues {
  LINEARIZABLE = 0,
  LEASE = 1,
  STALE = 2,
  BOUNDED = 3
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
  maxAgeMs?: number
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

        if (obj.maxAgeMs != null) {
          w.uint32(24)
          w.uint32(obj.maxAgeMs)
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
            case 3: {
              obj.maxAgeMs = reader.uint32()
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
            case 3: {
              yield {
                field: `${prefix}.maxAgeMs`,
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

  export interface GetKeyFieldEvent {
    field: '$.key'
    value: Uint8Array
  }

  export interface GetConsistencyFieldEvent {
    field: '$.consistency'
    value: Consistency
  }

  export interface GetMaxAgeMsFieldEvent {
    field: '$.maxAgeMs'
    value: number
  }

  export function encode (obj: Partial<Get>): Uint8Array {
    return encodeMessage(obj, Get.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Get>): Get {
    return decodeMessage(buf, Get.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Get>): Generator<GetKeyFieldEvent | GetConsistencyFieldEvent | GetMaxAgeMsFieldEvent> {
    return streamMessage(buf, Get.codec(), opts)
  }
}

export interface Got {
  found: boolean
  value: Uint8Array
  facts?: RowFacts
  freshness?: Freshness
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

        if (obj.facts != null) {
          w.uint32(26)
          RowFacts.codec().encode(obj.facts, w)
        }

        if (obj.freshness != null) {
          w.uint32(34)
          Freshness.codec().encode(obj.freshness, w)
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
            case 3: {
              obj.facts = RowFacts.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.facts
              })
              break
            }
            case 4: {
              obj.freshness = Freshness.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.freshness
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
            case 3: {
              yield * RowFacts.codec().stream(reader, reader.uint32(), `${prefix}.facts`, {
                limits: opts.limits?.facts
              })

              break
            }
            case 4: {
              yield * Freshness.codec().stream(reader, reader.uint32(), `${prefix}.freshness`, {
                limits: opts.limits?.freshness
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

  export interface GotFoundFieldEvent {
    field: '$.found'
    value: boolean
  }

  export interface GotValueFieldEvent {
    field: '$.value'
    value: Uint8Array
  }

  export interface GotFactsCreateRevisionFieldEvent {
    field: '$.facts.createRevision'
    value: number
  }

  export interface GotFactsModRevisionFieldEvent {
    field: '$.facts.modRevision'
    value: number
  }

  export interface GotFactsVersionFieldEvent {
    field: '$.facts.version'
    value: number
  }

  export interface GotFactsLeaseFieldEvent {
    field: '$.facts.lease'
    value: number
  }

  export interface GotFreshnessRevisionFieldEvent {
    field: '$.freshness.revision'
    value: number
  }

  export interface GotFreshnessAgeMsFieldEvent {
    field: '$.freshness.ageMs'
    value: number
  }

  export function encode (obj: Partial<Got>): Uint8Array {
    return encodeMessage(obj, Got.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Got>): Got {
    return decodeMessage(buf, Got.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Got>): Generator<GotFoundFieldEvent | GotValueFieldEvent | GotFactsCreateRevisionFieldEvent | GotFactsModRevisionFieldEvent | GotFactsVersionFieldEvent | GotFactsLeaseFieldEvent | GotFreshnessRevisionFieldEvent | GotFreshnessAgeMsFieldEvent> {
    return streamMessage(buf, Got.codec(), opts)
  }
}

export interface RowFacts {
  createRevision: number
  modRevision: number
  version: number
  lease: number
}

export namespace RowFacts {
  let _codec: Codec<RowFacts>

  export const codec = (): Codec<RowFacts> => {
    if (_codec == null) {
      _codec = message<RowFacts>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.createRevision != null && obj.createRevision !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.createRevision)
        }

        if ((obj.modRevision != null && obj.modRevision !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.modRevision)
        }

        if ((obj.version != null && obj.version !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.version)
        }

        if ((obj.lease != null && obj.lease !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.lease)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          createRevision: 0,
          modRevision: 0,
          version: 0,
          lease: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.createRevision = reader.uint64Number()
              break
            }
            case 2: {
              obj.modRevision = reader.uint64Number()
              break
            }
            case 3: {
              obj.version = reader.uint64Number()
              break
            }
            case 4: {
              obj.lease = reader.uint64Number()
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
                field: `${prefix}.createRevision`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.modRevision`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.version`,
                value: reader.uint64Number()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.lease`,
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

  export interface RowFactsCreateRevisionFieldEvent {
    field: '$.createRevision'
    value: number
  }

  export interface RowFactsModRevisionFieldEvent {
    field: '$.modRevision'
    value: number
  }

  export interface RowFactsVersionFieldEvent {
    field: '$.version'
    value: number
  }

  export interface RowFactsLeaseFieldEvent {
    field: '$.lease'
    value: number
  }

  export function encode (obj: Partial<RowFacts>): Uint8Array {
    return encodeMessage(obj, RowFacts.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RowFacts>): RowFacts {
    return decodeMessage(buf, RowFacts.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RowFacts>): Generator<RowFactsCreateRevisionFieldEvent | RowFactsModRevisionFieldEvent | RowFactsVersionFieldEvent | RowFactsLeaseFieldEvent> {
    return streamMessage(buf, RowFacts.codec(), opts)
  }
}

export interface Freshness {
  revision: number
  ageMs?: number
}

export namespace Freshness {
  let _codec: Codec<Freshness>

  export const codec = (): Codec<Freshness> => {
    if (_codec == null) {
      _codec = message<Freshness>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.revision != null && obj.revision !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.revision)
        }

        if (obj.ageMs != null) {
          w.uint32(16)
          w.uint32(obj.ageMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          revision: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.revision = reader.uint64Number()
              break
            }
            case 2: {
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
                field: `${prefix}.revision`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
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

  export interface FreshnessRevisionFieldEvent {
    field: '$.revision'
    value: number
  }

  export interface FreshnessAgeMsFieldEvent {
    field: '$.ageMs'
    value: number
  }

  export function encode (obj: Partial<Freshness>): Uint8Array {
    return encodeMessage(obj, Freshness.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Freshness>): Freshness {
    return decodeMessage(buf, Freshness.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Freshness>): Generator<FreshnessRevisionFieldEvent | FreshnessAgeMsFieldEvent> {
    return streamMessage(buf, Freshness.codec(), opts)
  }
}

export interface Row {
  key: Uint8Array
  value: Uint8Array
  facts?: RowFacts
}

export namespace Row {
  let _codec: Codec<Row>

  export const codec = (): Codec<Row> => {
    if (_codec == null) {
      _codec = message<Row>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.key != null && obj.key.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.key)
        }

        if ((obj.value != null && obj.value.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.value)
        }

        if (obj.facts != null) {
          w.uint32(26)
          RowFacts.codec().encode(obj.facts, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          key: noBytes,
          value: noBytes
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
              obj.value = reader.bytes()
              break
            }
            case 3: {
              obj.facts = RowFacts.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.facts
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
                field: `${prefix}.key`,
                value: reader.bytes()
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
            case 3: {
              yield * RowFacts.codec().stream(reader, reader.uint32(), `${prefix}.facts`, {
                limits: opts.limits?.facts
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

  export interface RowKeyFieldEvent {
    field: '$.key'
    value: Uint8Array
  }

  export interface RowValueFieldEvent {
    field: '$.value'
    value: Uint8Array
  }

  export interface RowFactsCreateRevisionFieldEvent {
    field: '$.facts.createRevision'
    value: number
  }

  export interface RowFactsModRevisionFieldEvent {
    field: '$.facts.modRevision'
    value: number
  }

  export interface RowFactsVersionFieldEvent {
    field: '$.facts.version'
    value: number
  }

  export interface RowFactsLeaseFieldEvent {
    field: '$.facts.lease'
    value: number
  }

  export function encode (obj: Partial<Row>): Uint8Array {
    return encodeMessage(obj, Row.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Row>): Row {
    return decodeMessage(buf, Row.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Row>): Generator<RowKeyFieldEvent | RowValueFieldEvent | RowFactsCreateRevisionFieldEvent | RowFactsModRevisionFieldEvent | RowFactsVersionFieldEvent | RowFactsLeaseFieldEvent> {
    return streamMessage(buf, Row.codec(), opts)
  }
}

export interface Scan {
  from: Uint8Array
  to?: Uint8Array
  limit: number
  keysOnly: boolean
  reverse: boolean
  consistency: Consistency
  maxAgeMs?: number
}

export namespace Scan {
  let _codec: Codec<Scan>

  export const codec = (): Codec<Scan> => {
    if (_codec == null) {
      _codec = message<Scan>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.from != null && obj.from.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.from)
        }

        if (obj.to != null) {
          w.uint32(18)
          w.bytes(obj.to)
        }

        if ((obj.limit != null && obj.limit !== 0)) {
          w.uint32(24)
          w.uint32(obj.limit)
        }

        if ((obj.keysOnly != null && obj.keysOnly !== false)) {
          w.uint32(32)
          w.bool(obj.keysOnly)
        }

        if ((obj.reverse != null && obj.reverse !== false)) {
          w.uint32(40)
          w.bool(obj.reverse)
        }

        if (obj.consistency != null && __ConsistencyValues[obj.consistency] !== 0) {
          w.uint32(48)
          Consistency.codec().encode(obj.consistency, w)
        }

        if (obj.maxAgeMs != null) {
          w.uint32(56)
          w.uint32(obj.maxAgeMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          from: noBytes,
          limit: 0,
          keysOnly: false,
          reverse: false,
          consistency: Consistency.LINEARIZABLE
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.from = reader.bytes()
              break
            }
            case 2: {
              obj.to = reader.bytes()
              break
            }
            case 3: {
              obj.limit = reader.uint32()
              break
            }
            case 4: {
              obj.keysOnly = reader.bool()
              break
            }
            case 5: {
              obj.reverse = reader.bool()
              break
            }
            case 6: {
              obj.consistency = Consistency.codec().decode(reader)
              break
            }
            case 7: {
              obj.maxAgeMs = reader.uint32()
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
                field: `${prefix}.from`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.to`,
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
                field: `${prefix}.keysOnly`,
                value: reader.bool()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.reverse`,
                value: reader.bool()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.consistency`,
                value: Consistency.codec().decode(reader)
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.maxAgeMs`,
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

  export interface ScanFromFieldEvent {
    field: '$.from'
    value: Uint8Array
  }

  export interface ScanToFieldEvent {
    field: '$.to'
    value: Uint8Array
  }

  export interface ScanLimitFieldEvent {
    field: '$.limit'
    value: number
  }

  export interface ScanKeysOnlyFieldEvent {
    field: '$.keysOnly'
    value: boolean
  }

  export interface ScanReverseFieldEvent {
    field: '$.reverse'
    value: boolean
  }

  export interface ScanConsistencyFieldEvent {
    field: '$.consistency'
    value: Consistency
  }

  export interface ScanMaxAgeMsFieldEvent {
    field: '$.maxAgeMs'
    value: number
  }

  export function encode (obj: Partial<Scan>): Uint8Array {
    return encodeMessage(obj, Scan.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Scan>): Scan {
    return decodeMessage(buf, Scan.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Scan>): Generator<ScanFromFieldEvent | ScanToFieldEvent | ScanLimitFieldEvent | ScanKeysOnlyFieldEvent | ScanReverseFieldEvent | ScanConsistencyFieldEvent | ScanMaxAgeMsFieldEvent> {
    return streamMessage(buf, Scan.codec(), opts)
  }
}

export interface RowList {
  rows: Row[]
  more: boolean
  freshness?: Freshness
}

export namespace RowList {
  let _codec: Codec<RowList>

  export const codec = (): Codec<RowList> => {
    if (_codec == null) {
      _codec = message<RowList>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.rows != null && obj.rows.length > 0) {
          for (const value of obj.rows) {
            w.uint32(10)
            Row.codec().encode(value, w)
          }
        }

        if ((obj.more != null && obj.more !== false)) {
          w.uint32(16)
          w.bool(obj.more)
        }

        if (obj.freshness != null) {
          w.uint32(26)
          Freshness.codec().encode(obj.freshness, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          rows: [],
          more: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.rows != null && obj.rows.length === opts.limits.rows) {
                throw new MaxLengthError('Decode error - repeated field "rows" had too many elements')
              }

              obj.rows.push(Row.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.rows$
              }))
              break
            }
            case 2: {
              obj.more = reader.bool()
              break
            }
            case 3: {
              obj.freshness = Freshness.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.freshness
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
          rows: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.rows != null && obj.rows === opts.limits.rows) {
                throw new MaxLengthError('Streaming decode error - repeated field "rows" had too many elements')
              }

              for (const evt of Row.codec().stream(reader, reader.uint32(), `${prefix}.rows[]`, {
                limits: opts.limits?.rows$
              })) {
                yield {
                  ...evt,
                  index: obj.rows
                }
              }

              obj.rows++

              break
            }
            case 2: {
              yield {
                field: `${prefix}.more`,
                value: reader.bool()
              }
              break
            }
            case 3: {
              yield * Freshness.codec().stream(reader, reader.uint32(), `${prefix}.freshness`, {
                limits: opts.limits?.freshness
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

  export interface RowListRowsKeyFieldEvent {
    field: '$.rows[].key'
    value: Uint8Array
    index: number
  }

  export interface RowListRowsValueFieldEvent {
    field: '$.rows[].value'
    value: Uint8Array
    index: number
  }

  export interface RowListRowsFactsCreateRevisionFieldEvent {
    field: '$.rows[].facts.createRevision'
    value: number
    index: number
  }

  export interface RowListRowsFactsModRevisionFieldEvent {
    field: '$.rows[].facts.modRevision'
    value: number
    index: number
  }

  export interface RowListRowsFactsVersionFieldEvent {
    field: '$.rows[].facts.version'
    value: number
    index: number
  }

  export interface RowListRowsFactsLeaseFieldEvent {
    field: '$.rows[].facts.lease'
    value: number
    index: number
  }

  export interface RowListMoreFieldEvent {
    field: '$.more'
    value: boolean
  }

  export interface RowListFreshnessRevisionFieldEvent {
    field: '$.freshness.revision'
    value: number
  }

  export interface RowListFreshnessAgeMsFieldEvent {
    field: '$.freshness.ageMs'
    value: number
  }

  export function encode (obj: Partial<RowList>): Uint8Array {
    return encodeMessage(obj, RowList.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RowList>): RowList {
    return decodeMessage(buf, RowList.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RowList>): Generator<RowListRowsKeyFieldEvent | RowListRowsValueFieldEvent | RowListRowsFactsCreateRevisionFieldEvent | RowListRowsFactsModRevisionFieldEvent | RowListRowsFactsVersionFieldEvent | RowListRowsFactsLeaseFieldEvent | RowListMoreFieldEvent | RowListFreshnessRevisionFieldEvent | RowListFreshnessAgeMsFieldEvent> {
    return streamMessage(buf, RowList.codec(), opts)
  }
}

export interface Changes {
  from: Uint8Array
  to?: Uint8Array
  revision: number
  skip: number
  waitMs: number
  maxBytes: number
}

export namespace Changes {
  let _codec: Codec<Changes>

  export const codec = (): Codec<Changes> => {
    if (_codec == null) {
      _codec = message<Changes>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.from != null && obj.from.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.from)
        }

        if (obj.to != null) {
          w.uint32(18)
          w.bytes(obj.to)
        }

        if ((obj.revision != null && obj.revision !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.revision)
        }

        if ((obj.skip != null && obj.skip !== 0)) {
          w.uint32(32)
          w.uint32(obj.skip)
        }

        if ((obj.waitMs != null && obj.waitMs !== 0)) {
          w.uint32(40)
          w.uint32(obj.waitMs)
        }

        if ((obj.maxBytes != null && obj.maxBytes !== 0)) {
          w.uint32(48)
          w.uint32(obj.maxBytes)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          from: noBytes,
          revision: 0,
          skip: 0,
          waitMs: 0,
          maxBytes: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.from = reader.bytes()
              break
            }
            case 2: {
              obj.to = reader.bytes()
              break
            }
            case 3: {
              obj.revision = reader.uint64Number()
              break
            }
            case 4: {
              obj.skip = reader.uint32()
              break
            }
            case 5: {
              obj.waitMs = reader.uint32()
              break
            }
            case 6: {
              obj.maxBytes = reader.uint32()
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
                field: `${prefix}.from`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.to`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.revision`,
                value: reader.uint64Number()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.skip`,
                value: reader.uint32()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.waitMs`,
                value: reader.uint32()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.maxBytes`,
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

  export interface ChangesFromFieldEvent {
    field: '$.from'
    value: Uint8Array
  }

  export interface ChangesToFieldEvent {
    field: '$.to'
    value: Uint8Array
  }

  export interface ChangesRevisionFieldEvent {
    field: '$.revision'
    value: number
  }

  export interface ChangesSkipFieldEvent {
    field: '$.skip'
    value: number
  }

  export interface ChangesWaitMsFieldEvent {
    field: '$.waitMs'
    value: number
  }

  export interface ChangesMaxBytesFieldEvent {
    field: '$.maxBytes'
    value: number
  }

  export function encode (obj: Partial<Changes>): Uint8Array {
    return encodeMessage(obj, Changes.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Changes>): Changes {
    return decodeMessage(buf, Changes.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Changes>): Generator<ChangesFromFieldEvent | ChangesToFieldEvent | ChangesRevisionFieldEvent | ChangesSkipFieldEvent | ChangesWaitMsFieldEvent | ChangesMaxBytesFieldEvent> {
    return streamMessage(buf, Changes.codec(), opts)
  }
}

export interface ChangeList {
  changes: RowChange[]
  next: number
  nextSkip: number
  compacted?: number
}

export namespace ChangeList {
  let _codec: Codec<ChangeList>

  export const codec = (): Codec<ChangeList> => {
    if (_codec == null) {
      _codec = message<ChangeList>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.changes != null && obj.changes.length > 0) {
          for (const value of obj.changes) {
            w.uint32(10)
            RowChange.codec().encode(value, w)
          }
        }

        if ((obj.next != null && obj.next !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.next)
        }

        if ((obj.nextSkip != null && obj.nextSkip !== 0)) {
          w.uint32(24)
          w.uint32(obj.nextSkip)
        }

        if (obj.compacted != null) {
          w.uint32(32)
          w.uint64Number(obj.compacted)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          changes: [],
          next: 0,
          nextSkip: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.changes != null && obj.changes.length === opts.limits.changes) {
                throw new MaxLengthError('Decode error - repeated field "changes" had too many elements')
              }

              obj.changes.push(RowChange.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.changes$
              }))
              break
            }
            case 2: {
              obj.next = reader.uint64Number()
              break
            }
            case 3: {
              obj.nextSkip = reader.uint32()
              break
            }
            case 4: {
              obj.compacted = reader.uint64Number()
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

              for (const evt of RowChange.codec().stream(reader, reader.uint32(), `${prefix}.changes[]`, {
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
                field: `${prefix}.next`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.nextSkip`,
                value: reader.uint32()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.compacted`,
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

  export interface ChangeListChangesRowKeyFieldEvent {
    field: '$.changes[].row.key'
    value: Uint8Array
    index: number
  }

  export interface ChangeListChangesRowValueFieldEvent {
    field: '$.changes[].row.value'
    value: Uint8Array
    index: number
  }

  export interface ChangeListChangesRowFactsCreateRevisionFieldEvent {
    field: '$.changes[].row.facts.createRevision'
    value: number
    index: number
  }

  export interface ChangeListChangesRowFactsModRevisionFieldEvent {
    field: '$.changes[].row.facts.modRevision'
    value: number
    index: number
  }

  export interface ChangeListChangesRowFactsVersionFieldEvent {
    field: '$.changes[].row.facts.version'
    value: number
    index: number
  }

  export interface ChangeListChangesRowFactsLeaseFieldEvent {
    field: '$.changes[].row.facts.lease'
    value: number
    index: number
  }

  export interface ChangeListChangesDeletedFieldEvent {
    field: '$.changes[].deleted'
    value: Uint8Array
    index: number
  }

  export interface ChangeListChangesRevisionFieldEvent {
    field: '$.changes[].revision'
    value: number
    index: number
  }

  export interface ChangeListNextFieldEvent {
    field: '$.next'
    value: number
  }

  export interface ChangeListNextSkipFieldEvent {
    field: '$.nextSkip'
    value: number
  }

  export interface ChangeListCompactedFieldEvent {
    field: '$.compacted'
    value: number
  }

  export function encode (obj: Partial<ChangeList>): Uint8Array {
    return encodeMessage(obj, ChangeList.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ChangeList>): ChangeList {
    return decodeMessage(buf, ChangeList.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ChangeList>): Generator<ChangeListChangesRowKeyFieldEvent | ChangeListChangesRowValueFieldEvent | ChangeListChangesRowFactsCreateRevisionFieldEvent | ChangeListChangesRowFactsModRevisionFieldEvent | ChangeListChangesRowFactsVersionFieldEvent | ChangeListChangesRowFactsLeaseFieldEvent | ChangeListChangesDeletedFieldEvent | ChangeListChangesRevisionFieldEvent | ChangeListNextFieldEvent | ChangeListNextSkipFieldEvent | ChangeListCompactedFieldEvent> {
    return streamMessage(buf, ChangeList.codec(), opts)
  }
}

export interface RowChange {
  row?: Row
  deleted: Uint8Array
  revision: number
}

export namespace RowChange {
  let _codec: Codec<RowChange>

  export const codec = (): Codec<RowChange> => {
    if (_codec == null) {
      _codec = message<RowChange>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.row != null) {
          w.uint32(10)
          Row.codec().encode(obj.row, w)
        }

        if ((obj.deleted != null && obj.deleted.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.deleted)
        }

        if ((obj.revision != null && obj.revision !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.revision)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          deleted: noBytes,
          revision: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.row = Row.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.row
              })
              break
            }
            case 2: {
              obj.deleted = reader.bytes()
              break
            }
            case 3: {
              obj.revision = reader.uint64Number()
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
              yield * Row.codec().stream(reader, reader.uint32(), `${prefix}.row`, {
                limits: opts.limits?.row
              })

              break
            }
            case 2: {
              yield {
                field: `${prefix}.deleted`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.revision`,
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

  export interface RowChangeRowKeyFieldEvent {
    field: '$.row.key'
    value: Uint8Array
  }

  export interface RowChangeRowValueFieldEvent {
    field: '$.row.value'
    value: Uint8Array
  }

  export interface RowChangeRowFactsCreateRevisionFieldEvent {
    field: '$.row.facts.createRevision'
    value: number
  }

  export interface RowChangeRowFactsModRevisionFieldEvent {
    field: '$.row.facts.modRevision'
    value: number
  }

  export interface RowChangeRowFactsVersionFieldEvent {
    field: '$.row.facts.version'
    value: number
  }

  export interface RowChangeRowFactsLeaseFieldEvent {
    field: '$.row.facts.lease'
    value: number
  }

  export interface RowChangeDeletedFieldEvent {
    field: '$.deleted'
    value: Uint8Array
  }

  export interface RowChangeRevisionFieldEvent {
    field: '$.revision'
    value: number
  }

  export function encode (obj: Partial<RowChange>): Uint8Array {
    return encodeMessage(obj, RowChange.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RowChange>): RowChange {
    return decodeMessage(buf, RowChange.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RowChange>): Generator<RowChangeRowKeyFieldEvent | RowChangeRowValueFieldEvent | RowChangeRowFactsCreateRevisionFieldEvent | RowChangeRowFactsModRevisionFieldEvent | RowChangeRowFactsVersionFieldEvent | RowChangeRowFactsLeaseFieldEvent | RowChangeDeletedFieldEvent | RowChangeRevisionFieldEvent> {
    return streamMessage(buf, RowChange.codec(), opts)
  }
}

export interface KeepAlive {
  leases: number[]
}

export namespace KeepAlive {
  let _codec: Codec<KeepAlive>

  export const codec = (): Codec<KeepAlive> => {
    if (_codec == null) {
      _codec = message<KeepAlive>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.leases != null && obj.leases.length > 0) {
          for (const value of obj.leases) {
            w.uint32(8)
            w.uint64Number(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          leases: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.leases != null && obj.leases.length === opts.limits.leases) {
                throw new MaxLengthError('Decode error - repeated field "leases" had too many elements')
              }

              obj.leases.push(reader.uint64Number())
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
          leases: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.leases != null && obj.leases === opts.limits.leases) {
                throw new MaxLengthError('Streaming decode error - repeated field "leases" had too many elements')
              }

              yield {
                field: `${prefix}.leases[]`,
                index: obj.leases,
                value: reader.uint64Number()
              }

              obj.leases++

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

  export interface KeepAliveLeasesFieldEvent {
    field: '$.leases[]'
    index: number
    value: number
  }

  export function encode (obj: Partial<KeepAlive>): Uint8Array {
    return encodeMessage(obj, KeepAlive.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<KeepAlive>): KeepAlive {
    return decodeMessage(buf, KeepAlive.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<KeepAlive>): Generator<KeepAliveLeasesFieldEvent> {
    return streamMessage(buf, KeepAlive.codec(), opts)
  }
}

export interface LeaseStatus {
  lease: number
}

export namespace LeaseStatus {
  let _codec: Codec<LeaseStatus>

  export const codec = (): Codec<LeaseStatus> => {
    if (_codec == null) {
      _codec = message<LeaseStatus>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.lease != null && obj.lease !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.lease)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          lease: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.lease = reader.uint64Number()
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
                field: `${prefix}.lease`,
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

  export interface LeaseStatusLeaseFieldEvent {
    field: '$.lease'
    value: number
  }

  export function encode (obj: Partial<LeaseStatus>): Uint8Array {
    return encodeMessage(obj, LeaseStatus.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LeaseStatus>): LeaseStatus {
    return decodeMessage(buf, LeaseStatus.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LeaseStatus>): Generator<LeaseStatusLeaseFieldEvent> {
    return streamMessage(buf, LeaseStatus.codec(), opts)
  }
}

export interface ListLeases {
  after: number
  limit: number
}

export namespace ListLeases {
  let _codec: Codec<ListLeases>

  export const codec = (): Codec<ListLeases> => {
    if (_codec == null) {
      _codec = message<ListLeases>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.after != null && obj.after !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.after)
        }

        if ((obj.limit != null && obj.limit !== 0)) {
          w.uint32(16)
          w.uint32(obj.limit)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          after: 0,
          limit: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.after = reader.uint64Number()
              break
            }
            case 2: {
              obj.limit = reader.uint32()
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
                field: `${prefix}.after`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.limit`,
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

  export interface ListLeasesAfterFieldEvent {
    field: '$.after'
    value: number
  }

  export interface ListLeasesLimitFieldEvent {
    field: '$.limit'
    value: number
  }

  export function encode (obj: Partial<ListLeases>): Uint8Array {
    return encodeMessage(obj, ListLeases.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ListLeases>): ListLeases {
    return decodeMessage(buf, ListLeases.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ListLeases>): Generator<ListLeasesAfterFieldEvent | ListLeasesLimitFieldEvent> {
    return streamMessage(buf, ListLeases.codec(), opts)
  }
}

export interface Lease {
  id: number
  ttlMs: number
}

export namespace Lease {
  let _codec: Codec<Lease>

  export const codec = (): Codec<Lease> => {
    if (_codec == null) {
      _codec = message<Lease>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.id != null && obj.id !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.id)
        }

        if ((obj.ttlMs != null && obj.ttlMs !== 0)) {
          w.uint32(16)
          w.uint32(obj.ttlMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          id: 0,
          ttlMs: 0
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
              obj.ttlMs = reader.uint32()
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
                field: `${prefix}.ttlMs`,
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

  export interface LeaseIdFieldEvent {
    field: '$.id'
    value: number
  }

  export interface LeaseTtlMsFieldEvent {
    field: '$.ttlMs'
    value: number
  }

  export function encode (obj: Partial<Lease>): Uint8Array {
    return encodeMessage(obj, Lease.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Lease>): Lease {
    return decodeMessage(buf, Lease.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Lease>): Generator<LeaseIdFieldEvent | LeaseTtlMsFieldEvent> {
    return streamMessage(buf, Lease.codec(), opts)
  }
}

export interface LeaseList {
  leases: Lease[]
  more: boolean
}

export namespace LeaseList {
  let _codec: Codec<LeaseList>

  export const codec = (): Codec<LeaseList> => {
    if (_codec == null) {
      _codec = message<LeaseList>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.leases != null && obj.leases.length > 0) {
          for (const value of obj.leases) {
            w.uint32(10)
            Lease.codec().encode(value, w)
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
          leases: [],
          more: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.leases != null && obj.leases.length === opts.limits.leases) {
                throw new MaxLengthError('Decode error - repeated field "leases" had too many elements')
              }

              obj.leases.push(Lease.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.leases$
              }))
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
          leases: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.leases != null && obj.leases === opts.limits.leases) {
                throw new MaxLengthError('Streaming decode error - repeated field "leases" had too many elements')
              }

              for (const evt of Lease.codec().stream(reader, reader.uint32(), `${prefix}.leases[]`, {
                limits: opts.limits?.leases$
              })) {
                yield {
                  ...evt,
                  index: obj.leases
                }
              }

              obj.leases++

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

  export interface LeaseListLeasesIdFieldEvent {
    field: '$.leases[].id'
    value: number
    index: number
  }

  export interface LeaseListLeasesTtlMsFieldEvent {
    field: '$.leases[].ttlMs'
    value: number
    index: number
  }

  export interface LeaseListMoreFieldEvent {
    field: '$.more'
    value: boolean
  }

  export function encode (obj: Partial<LeaseList>): Uint8Array {
    return encodeMessage(obj, LeaseList.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LeaseList>): LeaseList {
    return decodeMessage(buf, LeaseList.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LeaseList>): Generator<LeaseListLeasesIdFieldEvent | LeaseListLeasesTtlMsFieldEvent | LeaseListMoreFieldEvent> {
    return streamMessage(buf, LeaseList.codec(), opts)
  }
}

export interface LeaseState {
  ttlMs: number
  remainingMs: number
  keys: Uint8Array[]
}

export namespace LeaseState {
  let _codec: Codec<LeaseState>

  export const codec = (): Codec<LeaseState> => {
    if (_codec == null) {
      _codec = message<LeaseState>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.ttlMs != null && obj.ttlMs !== 0)) {
          w.uint32(8)
          w.uint32(obj.ttlMs)
        }

        if ((obj.remainingMs != null && obj.remainingMs !== 0)) {
          w.uint32(16)
          w.uint32(obj.remainingMs)
        }

        if (obj.keys != null && obj.keys.length > 0) {
          for (const value of obj.keys) {
            w.uint32(26)
            w.bytes(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          ttlMs: 0,
          remainingMs: 0,
          keys: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.ttlMs = reader.uint32()
              break
            }
            case 2: {
              obj.remainingMs = reader.uint32()
              break
            }
            case 3: {
              if (opts.limits?.keys != null && obj.keys.length === opts.limits.keys) {
                throw new MaxLengthError('Decode error - repeated field "keys" had too many elements')
              }

              obj.keys.push(reader.bytes())
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
              yield {
                field: `${prefix}.ttlMs`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.remainingMs`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
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

  export interface LeaseStateTtlMsFieldEvent {
    field: '$.ttlMs'
    value: number
  }

  export interface LeaseStateRemainingMsFieldEvent {
    field: '$.remainingMs'
    value: number
  }

  export interface LeaseStateKeysFieldEvent {
    field: '$.keys[]'
    index: number
    value: Uint8Array
  }

  export function encode (obj: Partial<LeaseState>): Uint8Array {
    return encodeMessage(obj, LeaseState.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LeaseState>): LeaseState {
    return decodeMessage(buf, LeaseState.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LeaseState>): Generator<LeaseStateTtlMsFieldEvent | LeaseStateRemainingMsFieldEvent | LeaseStateKeysFieldEvent> {
    return streamMessage(buf, LeaseState.codec(), opts)
  }
}

export interface Publish {
  topic: string
  data: Uint8Array
}

export namespace Publish {
  let _codec: Codec<Publish>

  export const codec = (): Codec<Publish> => {
    if (_codec == null) {
      _codec = message<Publish>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.topic != null && obj.topic !== '')) {
          w.uint32(10)
          w.string(obj.topic)
        }

        if ((obj.data != null && obj.data.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.data)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          topic: '',
          data: noBytes
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.topic = reader.string()
              break
            }
            case 2: {
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
                field: `${prefix}.topic`,
                value: reader.string()
              }
              break
            }
            case 2: {
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

  export interface PublishTopicFieldEvent {
    field: '$.topic'
    value: string
  }

  export interface PublishDataFieldEvent {
    field: '$.data'
    value: Uint8Array
  }

  export function encode (obj: Partial<Publish>): Uint8Array {
    return encodeMessage(obj, Publish.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Publish>): Publish {
    return decodeMessage(buf, Publish.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Publish>): Generator<PublishTopicFieldEvent | PublishDataFieldEvent> {
    return streamMessage(buf, Publish.codec(), opts)
  }
}

export interface Published {
  told: number
}

export namespace Published {
  let _codec: Codec<Published>

  export const codec = (): Codec<Published> => {
    if (_codec == null) {
      _codec = message<Published>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.told != null && obj.told !== 0)) {
          w.uint32(8)
          w.uint32(obj.told)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          told: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.told = reader.uint32()
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
                field: `${prefix}.told`,
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

  export interface PublishedToldFieldEvent {
    field: '$.told'
    value: number
  }

  export function encode (obj: Partial<Published>): Uint8Array {
    return encodeMessage(obj, Published.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Published>): Published {
    return decodeMessage(buf, Published.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Published>): Generator<PublishedToldFieldEvent> {
    return streamMessage(buf, Published.codec(), opts)
  }
}

export interface Listen {
  topic: string
  epoch: number
  position: number
  waitMs: number
}

export namespace Listen {
  let _codec: Codec<Listen>

  export const codec = (): Codec<Listen> => {
    if (_codec == null) {
      _codec = message<Listen>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.topic != null && obj.topic !== '')) {
          w.uint32(10)
          w.string(obj.topic)
        }

        if ((obj.epoch != null && obj.epoch !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.epoch)
        }

        if ((obj.position != null && obj.position !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.position)
        }

        if ((obj.waitMs != null && obj.waitMs !== 0)) {
          w.uint32(32)
          w.uint32(obj.waitMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          topic: '',
          epoch: 0,
          position: 0,
          waitMs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.topic = reader.string()
              break
            }
            case 2: {
              obj.epoch = reader.uint64Number()
              break
            }
            case 3: {
              obj.position = reader.uint64Number()
              break
            }
            case 4: {
              obj.waitMs = reader.uint32()
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
                field: `${prefix}.topic`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.epoch`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.position`,
                value: reader.uint64Number()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.waitMs`,
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

  export interface ListenTopicFieldEvent {
    field: '$.topic'
    value: string
  }

  export interface ListenEpochFieldEvent {
    field: '$.epoch'
    value: number
  }

  export interface ListenPositionFieldEvent {
    field: '$.position'
    value: number
  }

  export interface ListenWaitMsFieldEvent {
    field: '$.waitMs'
    value: number
  }

  export function encode (obj: Partial<Listen>): Uint8Array {
    return encodeMessage(obj, Listen.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Listen>): Listen {
    return decodeMessage(buf, Listen.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Listen>): Generator<ListenTopicFieldEvent | ListenEpochFieldEvent | ListenPositionFieldEvent | ListenWaitMsFieldEvent> {
    return streamMessage(buf, Listen.codec(), opts)
  }
}

export interface Heard {
  sayings: Saying[]
  epoch: number
  position: number
  missed: boolean
}

export namespace Heard {
  let _codec: Codec<Heard>

  export const codec = (): Codec<Heard> => {
    if (_codec == null) {
      _codec = message<Heard>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.sayings != null && obj.sayings.length > 0) {
          for (const value of obj.sayings) {
            w.uint32(10)
            Saying.codec().encode(value, w)
          }
        }

        if ((obj.epoch != null && obj.epoch !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.epoch)
        }

        if ((obj.position != null && obj.position !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.position)
        }

        if ((obj.missed != null && obj.missed !== false)) {
          w.uint32(32)
          w.bool(obj.missed)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          sayings: [],
          epoch: 0,
          position: 0,
          missed: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.sayings != null && obj.sayings.length === opts.limits.sayings) {
                throw new MaxLengthError('Decode error - repeated field "sayings" had too many elements')
              }

              obj.sayings.push(Saying.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.sayings$
              }))
              break
            }
            case 2: {
              obj.epoch = reader.uint64Number()
              break
            }
            case 3: {
              obj.position = reader.uint64Number()
              break
            }
            case 4: {
              obj.missed = reader.bool()
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
          sayings: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.sayings != null && obj.sayings === opts.limits.sayings) {
                throw new MaxLengthError('Streaming decode error - repeated field "sayings" had too many elements')
              }

              for (const evt of Saying.codec().stream(reader, reader.uint32(), `${prefix}.sayings[]`, {
                limits: opts.limits?.sayings$
              })) {
                yield {
                  ...evt,
                  index: obj.sayings
                }
              }

              obj.sayings++

              break
            }
            case 2: {
              yield {
                field: `${prefix}.epoch`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.position`,
                value: reader.uint64Number()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.missed`,
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

  export interface HeardSayingsDataFieldEvent {
    field: '$.sayings[].data'
    value: Uint8Array
    index: number
  }

  export interface HeardSayingsPublisherFieldEvent {
    field: '$.sayings[].publisher'
    value: string
    index: number
  }

  export interface HeardEpochFieldEvent {
    field: '$.epoch'
    value: number
  }

  export interface HeardPositionFieldEvent {
    field: '$.position'
    value: number
  }

  export interface HeardMissedFieldEvent {
    field: '$.missed'
    value: boolean
  }

  export function encode (obj: Partial<Heard>): Uint8Array {
    return encodeMessage(obj, Heard.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Heard>): Heard {
    return decodeMessage(buf, Heard.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Heard>): Generator<HeardSayingsDataFieldEvent | HeardSayingsPublisherFieldEvent | HeardEpochFieldEvent | HeardPositionFieldEvent | HeardMissedFieldEvent> {
    return streamMessage(buf, Heard.codec(), opts)
  }
}

export interface Saying {
  data: Uint8Array
  publisher: string
}

export namespace Saying {
  let _codec: Codec<Saying>

  export const codec = (): Codec<Saying> => {
    if (_codec == null) {
      _codec = message<Saying>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.data != null && obj.data.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.data)
        }

        if ((obj.publisher != null && obj.publisher !== '')) {
          w.uint32(18)
          w.string(obj.publisher)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          data: noBytes,
          publisher: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.data = reader.bytes()
              break
            }
            case 2: {
              obj.publisher = reader.string()
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
                field: `${prefix}.data`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.publisher`,
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

  export interface SayingDataFieldEvent {
    field: '$.data'
    value: Uint8Array
  }

  export interface SayingPublisherFieldEvent {
    field: '$.publisher'
    value: string
  }

  export function encode (obj: Partial<Saying>): Uint8Array {
    return encodeMessage(obj, Saying.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Saying>): Saying {
    return decodeMessage(buf, Saying.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Saying>): Generator<SayingDataFieldEvent | SayingPublisherFieldEvent> {
    return streamMessage(buf, Saying.codec(), opts)
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
