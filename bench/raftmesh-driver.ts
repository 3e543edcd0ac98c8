import { multiaddr } from '@multiformats/multiaddr'
import { createNode } from '../src/index.js'
import type { Driver, Target } from './driver.js'
import type { Client, RaftNode } from '../src/index.js'

/** The library's own client, in a node without data, as any program outside the group would use it. */
export class RaftmeshDriver implements Driver {
  private constructor (readonly node: RaftNode, readonly client: Client) {}

  static async open (target: Extract<Target, { system: 'raftmesh' }>): Promise<RaftmeshDriver> {
    const node = await createNode({ bootstrap: [...target.addresses] })
    const client = node.raft.client(target.namespace, { peers: target.addresses.map(address => multiaddr(address)) })
    await client.barrier()
    return new RaftmeshDriver(node, client)
  }

  async put (key: string, value: Uint8Array): Promise<void> { await this.client.set(key, value) }

  async get (key: string): Promise<void> {
    if (await this.client.get(key) === undefined) throw new Error(`${key} was not found`)
  }

  async close (): Promise<void> {
    await this.client.close()
    await this.node.stop()
  }
}
