import '../src/polyfill.js'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { tunedNoise, tunedYamux } from '../src/wire/index.js'
import type { LinkComponents } from '../src/wire/index.js'
import type { Libp2p } from '@libp2p/interface'

export interface WireNode {
  readonly libp2p: Libp2p
  readonly components: LinkComponents
  readonly peer: string
  stop: () => Promise<void>
}

/** A bare libp2p node on loopback, and the components that a service of it would get. */
export async function wireNode (stack: 'stock' | 'tuned' = 'stock'): Promise<WireNode> {
  let components!: LinkComponents
  const libp2p = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [stack === 'tuned' ? tunedNoise() : noise()],
    streamMuxers: [stack === 'tuned' ? tunedYamux() : yamux()],
    connectionManager: { inboundConnectionThreshold: 1_000 },
    services: {
      probe: (c: LinkComponents) => {
        components = c
        return {}
      }
    }
  })
  return { libp2p, components, peer: libp2p.peerId.toString(), stop: async () => { await libp2p.stop() } }
}

/** `a` knows where to find `b`. */
export async function introduce (a: WireNode, b: WireNode): Promise<void> {
  await a.libp2p.peerStore.merge(b.libp2p.peerId, { multiaddrs: b.libp2p.getMultiaddrs() })
}

/** Values that a test waits for, in the order that they come. */
export class Inbox<T> {
  readonly all: T[] = []
  private waiting: Array<{ test: (value: T) => boolean, resolve: (value: T) => void }> = []

  push (value: T): void {
    this.all.push(value)
    this.waiting = this.waiting.filter(w => {
      if (!w.test(value)) return true
      w.resolve(value)
      return false
    })
  }

  /** The first value that passes, of those that came and those to come. */
  async find (test: (value: T) => boolean): Promise<T> {
    const found = this.all.find(test)
    return found ?? this.next(test)
  }

  /** The next value that passes. */
  async next (test: (value: T) => boolean = () => true): Promise<T> {
    return new Promise(resolve => { this.waiting.push({ test, resolve }) })
  }
}
