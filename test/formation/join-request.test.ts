import { generateKeyPair, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { describe, expect, it } from 'vitest'
import { ForeignClusterError, InvalidArgumentError, MalformedFrameError, NotAuthorizedError } from '../../src/errors.js'
import { signJoin, verifyJoin } from '../../src/formation/join-request.js'
import { JoinBody } from '../../src/wire/pb/command.js'

const group = { namespace: '/raft/test', clusterId: new Uint8Array(32).fill(3) }
const claim = { ...group, incarnation: '0123456789abcdef', voter: true, addresses: ['/ip4/127.0.0.1/tcp/4001'], configurationIndex: 7 }

describe('join requests', () => {
  it.each(['Ed25519', 'secp256k1', 'RSA'] as const)('are verified by the key of the node that asks: %s', async type => {
    const key = type === 'RSA' ? await generateKeyPair('RSA', 2_048) : await generateKeyPair(type as 'Ed25519')
    const verified = await verifyJoin(await signJoin(key, claim), group)
    expect(verified).toMatchObject({ ...claim, peer: peerIdFromPrivateKey(key).toString() })
    expect(verified.nonce).toHaveLength(16)
  })

  it('have a fresh nonce each', async () => {
    const key = await generateKeyPair('Ed25519')
    const [a, b] = await Promise.all([signJoin(key, claim), signJoin(key, claim)])
    expect(Buffer.from(a.body).equals(b.body)).toBe(false)
  })

  it('are refused when anything in them was changed on the way', async () => {
    const key = await generateKeyPair('Ed25519')
    const join = await signJoin(key, claim)
    for (let at = 0; at < join.body.length; at++) {
      const body = join.body.slice()
      body[at] ^= 1
      await expect(verifyJoin({ ...join, body }, group)).rejects.toThrow()
    }
    const signature = join.signature.slice()
    signature[0] ^= 1
    await expect(verifyJoin({ ...join, signature }, group)).rejects.toThrow(NotAuthorizedError)
  })

  it('can be made for nobody else', async () => {
    const [own, other] = await Promise.all([generateKeyPair('Ed25519'), generateKeyPair('Ed25519')])
    const join = await signJoin(own, claim)
    const body = JoinBody.encode({ ...JoinBody.decode(join.body), peer: peerIdFromPrivateKey(other).toString() })
    await expect(verifyJoin({ ...join, body }, group)).rejects.toThrow(/in the name of/)
    await expect(verifyJoin({ ...join, publicKey: publicKeyToProtobuf(other.publicKey) }, group)).rejects.toThrow(NotAuthorizedError)
  })

  it('are for one namespace and one group', async () => {
    const join = await signJoin(await generateKeyPair('Ed25519'), claim)
    await expect(verifyJoin(join, { ...group, namespace: '/raft/other' })).rejects.toThrow(NotAuthorizedError)
    await expect(verifyJoin(join, { ...group, clusterId: new Uint8Array(32) })).rejects.toThrow(ForeignClusterError)
  })

  it('are refused when malformed or over their bounds', async () => {
    const key = await generateKeyPair('Ed25519')
    const join = await signJoin(key, claim)
    const spoilt = (change: Partial<JoinBody>): Uint8Array => JoinBody.encode({ ...JoinBody.decode(join.body), ...change })
    for (const body of [
      new Uint8Array(20 * 1024), new Uint8Array(10).fill(255), spoilt({ nonce: new Uint8Array(3) }), spoilt({ clusterId: new Uint8Array(3) }), spoilt({ incarnation: 'a.b' }),
      spoilt({ addresses: ['x'.repeat(600)] }), spoilt({ addresses: Array<string>(33).fill('x') }), spoilt({ namespace: 'x'.repeat(300) })
    ]) await expect(verifyJoin({ ...join, body }, group)).rejects.toThrow(MalformedFrameError)
    await expect(verifyJoin({ ...join, publicKey: new Uint8Array(4) }, group)).rejects.toThrow(MalformedFrameError)
    await expect(signJoin(key, { ...claim, incarnation: 'a.b' })).rejects.toThrow(InvalidArgumentError)
  })
})
