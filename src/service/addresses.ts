import { multiaddr } from '@multiformats/multiaddr'
import { peerIdFromString } from '@libp2p/peer-id'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** None: a broken peer told of somebody who is nobody. What else it told may be worth something. */
export function peerIdOrNone (name: string): PeerId | undefined {
  try {
    return peerIdFromString(name)
  } catch {
    return undefined
  }
}

/** Those that can be read. One of a protocol that this version of multiaddr doesn't know is of no use here, and no harm. */
export function parseAddresses (addresses: readonly string[]): Multiaddr[] {
  return addresses.flatMap(address => {
    try {
      return [multiaddr(address)]
    } catch {
      return []
    }
  })
}
