import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { InvalidArgumentError, InvalidNamespaceError } from '../../src/errors.js'
import { generateKey, KeyRing } from '../../src/keys/index.js'
import { checkPeer, resolveClientOptions, resolveInit, resolveJoinOptions } from '../../src/service/options.js'
import { presets } from '../../src/service/presets.js'
import { checkNamespace } from '../../src/service/validate.js'
import type { JoinOptions } from '../../src/service/api.js'

const peer = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))

describe('checkNamespace', () => {
  it.each(['/raft/cron', '/raft/a/b/c', '/raft/A.b_c-9', `/raft/${'x'.repeat(249)}`])('takes %s', namespace => {
    expect(() => { checkNamespace(namespace) }).not.toThrow()
  })

  it.each(['', '/', '/raft', '/raft/', '/raft//a', '/raft/a/', '/raft/a b', '/Raft/a', 'raft/a', '/raft/ä', '/raft/a\n', '/other/a', `/raft/${'x'.repeat(250)}`, 7, null, undefined, {}])('refuses %j', namespace => {
    expect(() => { checkNamespace(namespace) }).toThrow(InvalidNamespaceError)
  })

  it('does not repeat megabytes in its message', () => {
    expect(() => { checkNamespace(`/raft/${'x'.repeat(1 << 20)}`) }).toThrow(expect.objectContaining({ message: expect.stringMatching(/^.{1,250}$/) as string }))
  })
})

describe('resolveJoinOptions', () => {
  it('makes a key ring of a key, and takes one that is there', () => {
    const key = new Uint8Array(32).fill(1)
    const ring = new KeyRing(key)
    expect(resolveJoinOptions({ encryptionKey: key })).toMatchObject({ encryptAtRest: true, keys: { ids: ring.ids } })
    expect(resolveJoinOptions({ encryptionKey: ring, encryptAtRest: false })).toMatchObject({ encryptAtRest: false, keys: ring })
    expect(resolveClientOptions({ encryptionKey: { keys: [key, generateKey()] } }).keys?.keys).toHaveLength(2)
  })

  it.each<[string, unknown, string]>([
    ['a short key', new Uint8Array(8), 'EncryptionKeyError'], ['no keys', { keys: [] }, 'EncryptionKeyError'], ['keys that are none', { keys: [1] }, 'InvalidArgumentError'],
    ['a list that is none', { keys: 'x' }, 'InvalidArgumentError'], ['a word that nobody knows', { keys: [], colour: 'green' }, 'InvalidArgumentError']
  ])('refuses %s as encryptionKey', (_what, encryptionKey, name) => {
    expect(() => resolveJoinOptions({ encryptionKey: encryptionKey as never })).toThrow(expect.objectContaining({ name }) as Error)
  })

  it('refuses to encrypt at rest without a key', () => {
    expect(() => resolveJoinOptions({ encryptAtRest: true })).toThrow(InvalidArgumentError)
  })

  it('has a default for everything', () => {
    expect(resolveJoinOptions()).toEqual({
      bootstrap: { mode: 'auto', timeout: 10_000, threshold: 0.8 },
      timings: { heartbeatMs: 150, electionMs: 1_500, leaseMs: 1_350 },
      requestMs: 10_000,
      snapshots: { intervalMs: 120_000, threshold: 8_192, trailing: 10_240, retain: 3 },
      limits: { key: 4_096, value: 1 << 20, command: 4 << 20, batch: 10_000, uncommitted: 64 << 20 },
      history: { revisions: 100_000, age: Infinity, bytes: 64 << 20 },
      machine: undefined,
      role: 'voter',
      maxVoters: 5,
      leaseReads: false,
      admission: 'open', encryptAtRest: false
    })
  })

  it('lays own timeouts over a preset', () => {
    const { timings, requestMs } = resolveJoinOptions({ preset: 'local', timeouts: { election: 300 } })
    expect(timings).toEqual({ heartbeatMs: presets.local.heartbeat, electionMs: 300, leaseMs: 270 })
    expect(requestMs).toBe(presets.local.request)
  })

  it('stretches the election timeout with a heartbeat that outgrows it', () => {
    expect(resolveJoinOptions({ timeouts: { heartbeat: 1_000 } }).timings.electionMs).toBe(5_000)
  })

  it('makes room in a command for the largest key and value', () => {
    const { limits } = resolveJoinOptions({ limits: { value: 5 << 20 } })
    expect(limits.command).toBeGreaterThan((5 << 20) + limits.key)
  })

  it('takes founders as peer ids or strings, sorted', () => {
    const { bootstrap } = resolveJoinOptions({ bootstrap: { mode: 'founders', founders: [peer] } })
    expect(bootstrap.founders).toEqual([peer.toString()])
  })

  const bad: Array<[string, unknown, RegExp]> = [
    ['an unknown option', { bootstrp: {} }, /Unknown option "bootstrp"/],
    ['an unknown bootstrap option', { bootstrap: { timout: 1 } }, /Unknown option "timout" in bootstrap/],
    ['history of no time', { history: { age: 0 } }, /history.age/],
    ['an unknown limit', { limits: { keys: 1 } }, /Unknown option "keys" in limits/],
    ['options that are no object', 7, /must be an object/],
    ['an unknown preset', { preset: 'lunar' }, /preset must be one of local, regional, global/],
    ['an unknown mode', { bootstrap: { mode: 'maybe' } }, /bootstrap.mode/],
    ['expect without its number', { bootstrap: { mode: 'expect' } }, /bootstrap.expect/],
    ['a number without expect', { bootstrap: { expect: 3 } }, /bootstrap.expect/],
    ['expect of nobody', { bootstrap: { mode: 'expect', expect: 0 } }, /from 1 to 9/],
    ['expect of a half', { bootstrap: { mode: 'expect', expect: 2.5 } }, /an integer/],
    ['founders without their names', { bootstrap: { mode: 'founders' } }, /bootstrap.founders/],
    ['founders that are no peer ids', { bootstrap: { mode: 'founders', founders: ['bob'] } }, /"bob" is not a peer id/],
    ['a founder twice', { bootstrap: { mode: 'founders', founders: [peer, peer.toString()] } }, /twice/],
    ['a threshold over 1', { bootstrap: { threshold: 1.5 } }, /bootstrap.threshold/],
    ['an election timeout too near to the heartbeat', { timeouts: { heartbeat: 100, election: 200 } }, /at least 3/],
    ['NaN', { timeouts: { request: NaN } }, /timeouts.request/],
    ['a number as a string', { maxVoters: '3' }, /maxVoters/],
    ['a role that is none', { role: 'boss' }, /role/],
    ['a machine without restore', { machine: { apply: () => [], snapshot: () => [] } }, /no method restore/],
    ['a command larger than a frame', { limits: { command: 64 << 20 } }, /limits.command/]
  ]
  it.each(bad)('refuses %s', (_what, options, message) => {
    expect(() => resolveJoinOptions(options as JoinOptions)).toThrow(InvalidArgumentError)
    expect(() => resolveJoinOptions(options as JoinOptions)).toThrow(message)
  })
})

describe('resolveClientOptions', () => {
  it('leaves time for a second attempt', () => {
    const { requestMs, attemptMs } = resolveClientOptions({ timeouts: { request: 900 } })
    expect({ requestMs, attemptMs }).toEqual({ requestMs: 900, attemptMs: 300 })
  })

  it('takes peer ids and addresses with a peer id', () => {
    const address = multiaddr(`/ip4/127.0.0.1/tcp/1/p2p/${peer.toString()}`)
    expect(resolveClientOptions({ peers: [peer, address] }).peers).toEqual([peer, address])
  })

  it('refuses an address without a peer id: it could not tell who answers', () => {
    expect(() => resolveClientOptions({ peers: [multiaddr('/ip4/127.0.0.1/tcp/1')] })).toThrow(/names no peer id/)
  })

  it('refuses what is neither', () => {
    expect(() => resolveClientOptions({ peers: ['x' as never] })).toThrow(InvalidArgumentError)
    expect(() => resolveClientOptions({ peer: [] } as never)).toThrow(/Unknown option "peer"/)
  })
})

describe('resolveInit and checkPeer', () => {
  it('takes a directory or a store, not both', () => {
    expect(resolveInit({ dataDir: 'x' })).toMatchObject({ dataDir: 'x', advertise: 64, limits: { frameBytes: 8 << 20, streams: 16, requests: 8_192, joins: 30, watches: 1_024 } })
    expect(() => resolveInit({ dataDir: 'x', store: {} as never })).toThrow(/not both/)
    expect(() => resolveInit({ dataDir: '' })).toThrow(/must be a path/)
    expect(() => resolveInit({ advertise: 1_000 })).toThrow(/advertise/)
  })

  it.each<[string, object, RegExp]>([
    ['a frame that holds no command', { frameBytes: 1 << 20 }, /limits.frameBytes/], ['no streams', { streams: 0 }, /limits.streams/],
    ['less than a frame for frames', { partialBytes: 1 << 20 }, /limits.partialBytes/], ['half a join', { joins: 0.5 }, /limits.joins/],
    ['a limit that nobody knows', { colour: 1 }, /Unknown option "colour" in limits/]
  ])('refuses limits with %s', (_what, limits, message) => {
    expect(() => resolveInit({ limits })).toThrow(message)
  })

  it('takes a peer id in both forms', () => {
    expect(checkPeer(peer.toString(), 'peer').equals(peer)).toBe(true)
    expect(() => checkPeer('nobody', 'peer')).toThrow(InvalidArgumentError)
    expect(() => checkPeer(undefined, 'peer')).toThrow(/must be a peer id/)
  })
})
