import { NamespaceNetwork, NamespacesMissing } from './namespace-network.js'
import { ProxyNetwork } from './proxy-network.js'
import type { Network } from './network.js'

export const NETWORKS = ['proxy', 'namespaces', 'auto'] as const
/** `auto`: namespaces where this machine allows them, or else the proxy. */
export type NetworkChoice = typeof NETWORKS[number]

/** What this machine cannot do is said. Only where a choice was left is there another way: a run that was asked for packets must not pass without any. */
export async function openNetwork (choice: NetworkChoice, directory: string, say: (line: string) => void): Promise<Network> {
  if (choice === 'proxy') return new ProxyNetwork(directory)
  try {
    const network = await NamespaceNetwork.open(directory)
    for (const why of network.missing) say(`SKIPPED: ${why}`)
    return network
  } catch (error) {
    if (choice === 'namespaces' || !(error instanceof NamespacesMissing)) throw error
    say(`SKIPPED: ${error.message}; a proxy takes their place`)
    return new ProxyNetwork(directory)
  }
}
