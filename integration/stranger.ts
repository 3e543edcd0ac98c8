import '../src/polyfill.js'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import type { Libp2p, Stream } from '@libp2p/interface'

/** A peer of the mesh that speaks no raftmesh, and writes to raftmesh's protocols what it likes. */
export class Stranger implements AsyncDisposable {
  private constructor (readonly libp2p: Libp2p) {}

  static async create (): Promise<Stranger> {
    return new Stranger(await createLibp2p({
      // It pings, and closes the connection where the answer takes long: on a busy machine, in the middle of a test.
      connectionMonitor: { enabled: false },
      transports: [tcp()], connectionEncrypters: [noise()], streamMuxers: [yamux()], services: { identify: identify() }
    }))
  }

  async open (address: string, protocol: string): Promise<Stream> {
    const connection = await this.libp2p.dial(multiaddr(address))
    return await connection.newStream(protocol, { maxOutboundStreams: 10_000 })
  }

  async [Symbol.asyncDispose] (): Promise<void> { await this.libp2p.stop() }
}

/** As much as the peer takes, and then the rest when it takes more; resolves with false when the stream is over before that. */
export async function pour (stream: Stream, pieces: Iterable<Uint8Array>): Promise<boolean> {
  for (const piece of pieces) {
    if (stream.writeStatus === 'closed' || stream.writeStatus === 'closing' || stream.status !== 'open') return false
    if (stream.send(piece)) continue
    try {
      await stream.onDrain({ signal: AbortSignal.timeout(10_000) })
    } catch {
      return false
    }
  }
  return stream.status === 'open'
}
