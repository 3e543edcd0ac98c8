import { BrokenSealError } from './errors.js'
import { MalformedFrameError } from '../errors.js'
import { decodeLinkFrame } from './link-frames.js'
import { StreamSeal, keyName } from './stream-seal.js'
import { isSealed } from './group-keys.js'
import type { GroupKeys, SealedGroup } from './group-keys.js'
import type { Lane } from './link-frames.js'
import type { LinkCounters } from './link-stats.js'
import type { LinkFrame, SealedBox } from './pb/transport.js'
import type { StreamSealInit } from './stream-seal.js'

/** Why a box was not opened. `reason` is short, for limits on what is logged; without a text, nobody here is concerned. */
export interface Dropped { readonly reason: string, readonly text?: string }

/** What a lane that opened is to say first, and with which both ends' keys are derived. */
export type LaneSeal = Omit<StreamSealInit, 'use'> & { readonly lane: Lane }

/** Seals and opens what groups say on one stream of the link. */
export class LinkSeal {
  private readonly stream: StreamSeal

  constructor (private readonly groups: GroupKeys, private readonly counters: Pick<LinkCounters, 'sealedOut' | 'sealedIn' | 'sealBroken'>, private readonly peer: string, { lane, ...init }: LaneSeal) {
    this.stream = new StreamSeal({ ...init, use: `raft link, ${lane} lane` })
  }

  /** `frame`: as it would go in clear. */
  box ({ namespace, keys, clusterId }: SealedGroup, frame: Uint8Array): SealedBox {
    this.counters.sealedOut++
    return { clusterId, ...this.stream.seal(namespace, keys.current, frame, clusterId) }
  }

  /** Throws MalformedFrameError: the stream is then of no more use. */
  open (box: SealedBox): { group: SealedGroup, frame: LinkFrame } | Dropped {
    const group = this.groups.hosted(box.clusterId)
    // A group that was closed, or is not open yet: so it is with those in clear.
    if (group === undefined) return { reason: 'unknown group' }
    const id = keyName(box.keyId)
    if (!isSealed(group)) {
      return { reason: 'no key', text: `dropped what ${this.peer} sealed for ${group.namespace} with key ${id}: this node has no key for it, give join() the namespace's encryptionKey` }
    }
    const key = group.keys.get(id)
    if (key === undefined) {
      return { reason: 'other key', text: `dropped what ${this.peer} sealed for ${group.namespace} with key ${id}: this node has key ${group.keys.ids}, give join() the namespace's encryptionKey` }
    }
    const frame = decodeLinkFrame(this.opened(group, key, box))
    if (frame.sealed !== undefined || frame.hello !== undefined) throw new MalformedFrameError('a sealed box with more than one group\'s frame in it')
    // The box names one group, whose key it is. What is in it may not speak for another.
    for (const { clusterId } of [...frame.batches, ...(frame.offer === undefined ? [] : [frame.offer])]) {
      if (Buffer.compare(clusterId, box.clusterId) !== 0) throw new MalformedFrameError(`a sealed box of ${group.namespace} with another group's frame in it`)
    }
    this.counters.sealedIn++
    return { group, frame }
  }

  private opened (group: SealedGroup, key: Parameters<StreamSeal['open']>[1], box: SealedBox): Uint8Array {
    try {
      return this.stream.open(group.namespace, key, box, group.clusterId)
    } catch (err) {
      if (err instanceof BrokenSealError) this.counters.sealBroken++
      throw err
    }
  }
}

/** A frame in clear of a group that is sealed here. */
export function inClear (peer: string, { namespace, keys }: SealedGroup): Dropped & { text: string } {
  return { reason: 'in clear', text: `dropped what ${peer} said in clear for ${namespace}, which is sealed with key ${keys.current.id} here: give join() on that node the namespace's encryptionKey` }
}
