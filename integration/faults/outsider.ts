import { tcp } from '@libp2p/tcp'
import { createNode } from '../../src/index.js'
import { startChild } from './spawn.js'
import { NAMESPACE, REQUEST_MS } from './serving.js'
import { clientTarget, processTarget } from './target.js'
import type { ClientOptions } from '../../src/index.js'
import type { Place } from './network.js'
import type { FaultNodeMethods } from './node-api.js'
import type { Target } from './target.js'

/** A client that is no member of the group. */
export interface Outsider {
  readonly name: string
  readonly target: Target
  readonly close: () => Promise<void>
}

const TIMEOUTS: ClientOptions['timeouts'] = { request: REQUEST_MS, attempt: 500 }

export async function createOutsider (name: string, place: Place, bootstrap: readonly string[]): Promise<Outsider> {
  return await (place.execPath === undefined ? here : elsewhere)(name, place, bootstrap)
}

async function here (name: string, { localAddress }: Place, bootstrap: readonly string[]): Promise<Outsider> {
  const dialOpts = { noDelay: true, localAddress }
  const node = await createNode({ bootstrap: [...bootstrap], libp2p: { transports: [tcp({ dialOpts })] } })
  const client = node.client(NAMESPACE, { timeouts: TIMEOUTS })
  return { name, target: clientTarget(client), close: async () => { await client.close(); await node.stop() } }
}

/** This process is not where the nodes can be reached. */
async function elsewhere (name: string, { localAddress, execPath }: Place, bootstrap: readonly string[]): Promise<Outsider> {
  const child = startChild<FaultNodeMethods>({ name, script: 'node-process', execPath })
  try {
    await child.call('start', { bootstrap, localAddress })
    await child.call('visit', { namespace: NAMESPACE, options: { timeouts: TIMEOUTS } })
  } catch (error) {
    await child.kill()
    throw error
  }
  return { name, target: processTarget(() => child), close: async () => { await child.kill() } }
}
