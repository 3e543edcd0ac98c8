import { InvalidArgumentError } from '../errors.js'
import { signJoin } from '../formation/index.js'
import type { NodeContext } from './node-context.js'
import type { Join } from '../wire/index.js'

/** The group as members tell of it. */
export interface GroupNow { readonly clusterId: Uint8Array, readonly configurationIndex: number }

/** This node's own request for a vote, by its own key. `incarnation`: of the storage that it hosts the namespace with. */
export async function signOwnJoin (node: NodeContext, namespace: string, { clusterId, configurationIndex }: GroupNow, incarnation: string | undefined): Promise<Join> {
  if (incarnation === undefined) {
    throw new InvalidArgumentError(`This node does not host ${namespace}, so it can't become a voter: call join('${namespace}'), which asks by itself, or give the incarnation`)
  }
  const { privateKey, addressManager } = node.components
  return await signJoin(privateKey, { namespace, clusterId, incarnation, voter: true, addresses: addressManager.getAddresses().map(String), configurationIndex }) as Join
}
