import { randomBytes } from 'node:crypto'
import { publicKeyFromProtobuf, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey, peerIdFromPublicKey } from '@libp2p/peer-id'
import { ForeignClusterError, InvalidArgumentError, MalformedFrameError, NotAuthorizedError } from '../errors.js'
import { checkedInteger, decoding } from '../wire/checks.js'
import { checkedIncarnation, isIncarnation } from '../wire/member-id.js'
import { JoinBody } from '../wire/pb/command.js'
import type { JoinClaim, SignedJoin } from './types.js'
import type { PrivateKey, PublicKey } from '@libp2p/interface'

const NONCE_BYTES = 16
const MAX_BODY_BYTES = 16 * 1024
const MAX_KEY_BYTES = 4 * 1024
const MAX_SIGNATURE_BYTES = 1_024
const MAX_ADDRESSES = 32
const MAX_ADDRESS_LENGTH = 512
const MAX_NAMESPACE_LENGTH = 255

/** What is signed is prefixed with its purpose: no other message signed by the same key can pass for a join. */
const PURPOSE = new TextEncoder().encode('raftmesh join v1\0')

/**
 * Ask to become a member, in this node's own name: whoever carries the request to the leader cannot change it or make one for a third
 * peer, and by the index of the configuration it was made at, cannot use it again once that has changed. Each call has a fresh nonce.
 */
export async function signJoin (privateKey: PrivateKey, claim: Omit<JoinClaim, 'peer' | 'nonce'>): Promise<SignedJoin> {
  if (!isIncarnation(claim.incarnation)) throw new InvalidArgumentError(`"${claim.incarnation}" is no incarnation`)
  if (claim.clusterId.length !== 32) throw new InvalidArgumentError(`a cluster id has 32 bytes, got ${claim.clusterId.length}`)
  const body = JoinBody.encode({
    namespace: claim.namespace,
    clusterId: claim.clusterId.slice(),
    peer: peerIdFromPrivateKey(privateKey).toString(),
    incarnation: claim.incarnation,
    voter: claim.voter,
    // A node with very many addresses is still found by the first of them.
    addresses: claim.addresses.filter(address => address.length <= MAX_ADDRESS_LENGTH).slice(0, MAX_ADDRESSES),
    nonce: new Uint8Array(randomBytes(NONCE_BYTES)),
    configurationIndex: claim.configurationIndex
  })
  return { body, publicKey: publicKeyToProtobuf(privateKey.publicKey), signature: await privateKey.sign(signed(body)) }
}

/**
 * The claim, if its signature is by the key of the peer that it names, and it is for this namespace and group. Throws
 * MalformedFrameError, NotAuthorizedError (signature, namespace) or ForeignClusterError.
 */
export async function verifyJoin (join: SignedJoin, group: { namespace: string, clusterId: Uint8Array }): Promise<JoinClaim> {
  check(join.body.length <= MAX_BODY_BYTES && join.publicKey.length <= MAX_KEY_BYTES && join.signature.length <= MAX_SIGNATURE_BYTES, 'is too long')
  const claim = decoding('a join request', () => JoinBody.decode(join.body, { limits: { addresses: MAX_ADDRESSES } }))
  check(claim.nonce.length === NONCE_BYTES, `has a nonce of ${claim.nonce.length} bytes`)
  check(claim.clusterId.length === 32, `has a cluster id of ${claim.clusterId.length} bytes`)
  check(claim.namespace.length <= MAX_NAMESPACE_LENGTH && claim.addresses.every(address => address.length <= MAX_ADDRESS_LENGTH), 'has a field that is too long')
  checkedIncarnation(claim.incarnation)
  checkedInteger(claim.configurationIndex, 'configuration index of a join request')
  const publicKey: PublicKey = decoding('the key of a join request', () => publicKeyFromProtobuf(join.publicKey))
  const signer = peerIdFromPublicKey(publicKey).toString()
  if (signer !== claim.peer) throw new NotAuthorizedError(`a join request in the name of ${claim.peer} was signed by ${signer}: a node can only ask for itself`)
  if (!await verifies(publicKey, join)) throw new NotAuthorizedError(`a join request of ${claim.peer} has a wrong signature`)
  if (claim.namespace !== group.namespace) throw new NotAuthorizedError(`a join request of ${claim.peer} for ${claim.namespace} was sent to ${group.namespace}`)
  if (Buffer.compare(claim.clusterId, group.clusterId) !== 0) {
    throw new ForeignClusterError(`${claim.peer} asks to join another group of ${group.namespace} than this one: it has to find this group anew`)
  }
  return { ...claim, clusterId: claim.clusterId.slice(), nonce: claim.nonce.slice() }
}

/** Keys throw at a signature that can't be one, for instance by its length. */
async function verifies (publicKey: PublicKey, { body, signature }: SignedJoin): Promise<boolean> {
  try {
    return await publicKey.verify(signed(body), signature)
  } catch {
    return false
  }
}

function signed (body: Uint8Array): Uint8Array {
  const message = new Uint8Array(PURPOSE.length + body.length)
  message.set(PURPOSE)
  message.set(body, PURPOSE.length)
  return message
}

function check (ok: boolean, what: string): void {
  if (!ok) throw new MalformedFrameError(`a join request ${what}: the peer sent a broken message`)
}
