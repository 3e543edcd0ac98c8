/** A node's store in a process of its own, so that the process can be given a full disk, and killed. */
import { Key } from 'interface-datastore'
import { openNodeStore } from '../../src/index.js'
import { serve } from '../../examples/support/rpc.js'
import type { NodeStore } from '../../src/index.js'

export interface StoreMethods {
  open: (args: { dataDir: string }) => Promise<void>
  /** As raftmesh writes: synced, so that what resolved is promised. */
  write: (args: { key: string }) => Promise<void>
  has: (args: { key: string }) => Promise<boolean>
  /** As libp2p writes. */
  put: (args: { key: string, bytes: number }) => Promise<void>
}

const utf8 = new TextEncoder()
let opened: NodeStore | undefined

function node (): NodeStore {
  if (opened === undefined) throw new Error('The store is not open')
  return opened
}

const methods: StoreMethods = {
  open: async ({ dataDir }) => { opened = await openNodeStore(dataDir) },
  write: async ({ key }) => { await node().store.batch([{ type: 'put', key: utf8.encode(key), value: new Uint8Array(100) }], { sync: true }) },
  has: async ({ key }) => await node().store.get(utf8.encode(key)) !== undefined,
  put: async ({ key, bytes }) => { await node().datastore.put(new Key(key), new Uint8Array(bytes)) }
}

serve({ ...methods })
