import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'

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
