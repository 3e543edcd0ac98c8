import { peerIdFromString } from '@libp2p/peer-id'
import { isMultiaddr } from '@multiformats/multiaddr'
import { InvalidArgumentError } from '../errors.js'
import { KeyRing } from '../keys/index.js'
import { resolveNodeLimits } from './node-limits.js'
import { DEFAULT_PRESET, presets } from './presets.js'
import { checkBoolean, checkKeys, checkNumber, checkOneOf, describe } from './validate.js'
import type { AdmissionFunction, BootstrapOptions, ClientOptions, HistoryOptions, JoinOptions, LimitOptions, Preset, RaftInit, SnapshotOptions, TimeoutOptions } from './api.js'
import type { HistoryPolicy } from './history-keeper.js'
import type { NodeLimits } from './node-limits.js'
import type { StateMachine } from '../machine/types.js'
import type { GroupTimings, SnapshotPolicy } from '../engine/types.js'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const DAY = 24 * 60 * 60 * 1_000

/** JoinOptions, checked, with every default filled in. */
export interface ResolvedJoinOptions {
  readonly bootstrap: Required<Pick<BootstrapOptions, 'timeout' | 'threshold' | 'mode'>> & { readonly expect?: number, readonly founders?: readonly string[] }
  readonly timings: GroupTimings
  readonly requestMs: number
  readonly snapshots: SnapshotPolicy
  readonly limits: Readonly<Required<LimitOptions>>
  readonly history: HistoryPolicy
  readonly machine?: StateMachine
  readonly role: 'voter' | 'learner'
  readonly maxVoters: number
  readonly leaseReads: boolean
  readonly keys?: KeyRing
  readonly encryptAtRest: boolean
  readonly admission: 'open' | 'key' | 'allow-list' | AdmissionFunction
}

export interface ResolvedClientOptions {
  readonly peers: ReadonlyArray<PeerId | Multiaddr>
  readonly requestMs: number
  readonly attemptMs: number
  readonly keys?: KeyRing
}

export const defaultLimits: Readonly<Required<LimitOptions>> = {
  key: 4_096, value: 1 << 20, command: 4 << 20, batch: 10_000, uncommitted: 64 << 20
}

/** Checks everything before anything is touched: a refused join leaves no trace. */
export function resolveJoinOptions (options: JoinOptions = {}): ResolvedJoinOptions {
  checkKeys(options, ['signal', 'bootstrap', 'preset', 'timeouts', 'snapshots', 'limits', 'history', 'machine', 'role', 'maxVoters', 'leaseReads', 'encryptionKey', 'encryptAtRest', 'admission'], 'the options of join')
  const timeouts = resolveTimeouts(options.preset, options.timeouts)
  const leaseReads = checkBoolean(options.leaseReads, false, 'leaseReads')
  const keys = resolveKeyRing(options.encryptionKey)
  if (keys === undefined && options.encryptAtRest === true) throw new InvalidArgumentError('encryptAtRest goes with encryptionKey: there is no key to seal with')
  return {
    bootstrap: resolveBootstrap(options.bootstrap),
    timings: {
      heartbeatMs: timeouts.heartbeat,
      electionMs: timeouts.election,
      // A tenth of the election timeout is left for clocks that run at different rates.
      leaseMs: Math.floor(timeouts.election * 0.9)
    },
    requestMs: timeouts.request,
    snapshots: resolveSnapshots(options.snapshots),
    limits: resolveLimits(options.limits),
    history: resolveHistory(options.history),
    machine: checkMachine(options.machine),
    role: checkOneOf(options.role, ['voter', 'learner'], 'voter', 'role'),
    maxVoters: checkNumber(options.maxVoters, 5, 'maxVoters', { min: 1, max: 9, integer: true }),
    leaseReads,
    keys,
    encryptAtRest: checkBoolean(options.encryptAtRest, keys !== undefined, 'encryptAtRest'),
    admission: resolveAdmission(options.admission, keys)
  }
}

function resolveAdmission (own: JoinOptions['admission'], keys: KeyRing | undefined): ResolvedJoinOptions['admission'] {
  if (typeof own === 'function') return own
  const admission = checkOneOf(own, ['open', 'key', 'allow-list'], keys === undefined ? 'open' : 'key', 'admission')
  if (admission === 'key' && keys === undefined) throw new InvalidArgumentError('admission "key" goes with encryptionKey: without one, nobody can prove to hold it')
  return admission
}

export function resolveClientOptions (options: ClientOptions = {}): ResolvedClientOptions {
  checkKeys(options, ['peers', 'timeouts', 'encryptionKey'], 'the options of client')
  checkKeys(options.timeouts, ['request', 'attempt'], 'timeouts')
  const peers = options.peers ?? []
  if (!Array.isArray(peers)) throw new InvalidArgumentError(`peers must be an array of peer ids and multiaddrs, got ${describe(peers)}`)
  for (const peer of peers) {
    if (isMultiaddr(peer)) {
      if (!peer.getComponents().some(part => part.name === 'p2p')) throw new InvalidArgumentError(`The address ${peer.toString()} in peers names no peer id: add /p2p/<peer id>`)
    } else if (typeof peer !== 'object' || peer === null || typeof peer.toMultihash !== 'function') {
      throw new InvalidArgumentError(`peers must hold peer ids and multiaddrs, got ${describe(peer)}`)
    }
  }
  const requestMs = checkNumber(options.timeouts?.request, presets[DEFAULT_PRESET].request, 'timeouts.request', { min: 1, max: DAY })
  return {
    peers,
    requestMs,
    keys: resolveKeyRing(options.encryptionKey),
    // An attempt that hangs (a peer that is cut off but not closed) must leave time for another elsewhere.
    attemptMs: checkNumber(options.timeouts?.attempt, Math.max(1, Math.min(requestMs, Math.floor(requestMs / 3))), 'timeouts.attempt', { min: 1, max: DAY })
  }
}

/** @throws EncryptionKeyError for what is no key */
function resolveKeyRing (own: JoinOptions['encryptionKey']): KeyRing | undefined {
  if (own === undefined || own instanceof KeyRing) return own
  if (typeof own !== 'string' && !(own instanceof Uint8Array)) {
    checkKeys(own, ['keys', 'current'], 'encryptionKey')
    if (!Array.isArray(own.keys)) throw new InvalidArgumentError(`encryptionKey.keys must be an array of keys, got ${describe(own.keys)}`)
    for (const key of own.keys as unknown[]) if (typeof key !== 'string' && !(key instanceof Uint8Array)) throw new InvalidArgumentError(`encryptionKey.keys must hold bytes or base64, got ${typeof key}`)
  }
  return new KeyRing(own)
}

export function resolveInit (init: RaftInit = {}): { dataDir?: string, advertise: number, limits: NodeLimits } & Pick<RaftInit, 'store'> {
  checkKeys(init, ['dataDir', 'store', 'advertise', 'limits'], 'the options of raft')
  if (init.dataDir !== undefined && init.store !== undefined) throw new InvalidArgumentError('raft takes dataDir or store (one that is open already), not both')
  if (init.dataDir !== undefined && (typeof init.dataDir !== 'string' || init.dataDir === '')) throw new InvalidArgumentError(`dataDir must be a path, got ${describe(init.dataDir)}`)
  return { ...init, advertise: checkNumber(init.advertise, 64, 'advertise', { min: 0, max: 256, integer: true }), limits: resolveNodeLimits(init.limits) }
}

function resolveTimeouts (preset: Preset | undefined, own: TimeoutOptions | undefined): Required<TimeoutOptions> {
  checkKeys(own, ['heartbeat', 'election', 'request'], 'timeouts')
  const base = presets[checkOneOf(preset, Object.keys(presets) as Preset[], DEFAULT_PRESET, 'preset')]
  const heartbeat = checkNumber(own?.heartbeat, base.heartbeat, 'timeouts.heartbeat', { min: 5, max: 60_000 })
  const election = checkNumber(own?.election, Math.max(base.election, heartbeat * 5), 'timeouts.election', { min: 20, max: 600_000 })
  if (election < heartbeat * 3) {
    throw new InvalidArgumentError(`timeouts.election (${election} ms) must be at least 3 × timeouts.heartbeat (${heartbeat} ms), or one lost heartbeat starts an election`)
  }
  return { heartbeat, election, request: checkNumber(own?.request, base.request, 'timeouts.request', { min: 1, max: DAY }) }
}

function resolveBootstrap (own: BootstrapOptions = {}): ResolvedJoinOptions['bootstrap'] {
  checkKeys(own, ['timeout', 'threshold', 'mode', 'expect', 'founders'], 'bootstrap')
  const mode = checkOneOf(own.mode, ['auto', 'expect', 'join', 'force', 'founders'], 'auto', 'bootstrap.mode')
  if ((mode === 'expect') !== (own.expect !== undefined)) throw new InvalidArgumentError('bootstrap.expect (how many founders) goes with bootstrap.mode "expect", and only with it')
  if ((mode === 'founders') !== (own.founders !== undefined)) throw new InvalidArgumentError('bootstrap.founders (their peer ids) goes with bootstrap.mode "founders", and only with it')
  const bootstrap = {
    timeout: checkNumber(own.timeout, 10_000, 'bootstrap.timeout', { min: 50, max: DAY }),
    threshold: checkNumber(own.threshold, 0.8, 'bootstrap.threshold', { min: 0.05, max: 1 }),
    mode
  }
  if (mode === 'expect') return { ...bootstrap, expect: checkNumber(own.expect, 0, 'bootstrap.expect', { min: 1, max: 9, integer: true }) }
  if (mode === 'founders') return { ...bootstrap, founders: checkFounders(own.founders) }
  return bootstrap
}

function checkFounders (founders: unknown): string[] {
  if (!Array.isArray(founders) || founders.length === 0 || founders.length > 9) throw new InvalidArgumentError(`bootstrap.founders must list 1 to 9 peer ids, got ${describe(founders)}`)
  const ids = founders.map(founder => checkPeer(founder, 'bootstrap.founders').toString()).sort()
  if (new Set(ids).size !== ids.length) throw new InvalidArgumentError('bootstrap.founders names a peer twice')
  return ids
}

/** A peer id, or its string form. */
export function checkPeer (peer: unknown, what: string): PeerId {
  if (typeof peer === 'object' && peer !== null && typeof (peer as PeerId).toMultihash === 'function') return peer as PeerId
  if (typeof peer === 'string') {
    try {
      return peerIdFromString(peer)
    } catch (cause) {
      throw new InvalidArgumentError(`${what}: ${describe(peer)} is not a peer id`, { cause })
    }
  }
  throw new InvalidArgumentError(`${what} must be a peer id, got ${describe(peer)}`)
}

function resolveSnapshots (own: SnapshotOptions | undefined): SnapshotPolicy {
  checkKeys(own, ['interval', 'threshold', 'trailing', 'retain'], 'snapshots')
  return {
    intervalMs: checkNumber(own?.interval, 120_000, 'snapshots.interval', { min: 10, max: DAY }),
    threshold: checkNumber(own?.threshold, 8_192, 'snapshots.threshold', { min: 1, max: 1e9, integer: true }),
    trailing: checkNumber(own?.trailing, 10_240, 'snapshots.trailing', { min: 0, max: 1e9, integer: true }),
    retain: checkNumber(own?.retain, 3, 'snapshots.retain', { min: 1, max: 100, integer: true })
  }
}

function resolveHistory (own: HistoryOptions | undefined): HistoryPolicy {
  checkKeys(own, ['revisions', 'age', 'bytes'], 'history')
  return {
    revisions: checkNumber(own?.revisions, 100_000, 'history.revisions', { min: 1, max: 1e9, integer: true }),
    age: own?.age === undefined ? Infinity : checkNumber(own.age, 0, 'history.age', { min: 1_000, max: 365 * DAY }),
    bytes: checkNumber(own?.bytes, 64 << 20, 'history.bytes', { min: 1_024, max: 2 ** 36 })
  }
}

/** What fits in one frame of the wire, with room for the frame's other fields. */
const MAX_COMMAND = 7 << 20

function resolveLimits (own: LimitOptions | undefined): Required<LimitOptions> {
  checkKeys(own, ['key', 'value', 'command', 'batch', 'uncommitted'], 'limits')
  const key = checkNumber(own?.key, defaultLimits.key, 'limits.key', { min: 1, max: 1 << 16, integer: true })
  const value = checkNumber(own?.value, defaultLimits.value, 'limits.value', { min: 0, max: MAX_COMMAND - (1 << 17), integer: true })
  const command = checkNumber(own?.command, Math.max(defaultLimits.command, key + value + 1_024), 'limits.command', { min: 1, max: MAX_COMMAND, integer: true })
  return {
    key,
    value,
    command,
    batch: checkNumber(own?.batch, defaultLimits.batch, 'limits.batch', { min: 1, max: 1_000_000, integer: true }),
    uncommitted: checkNumber(own?.uncommitted, defaultLimits.uncommitted, 'limits.uncommitted', { min: 1_024, max: 2 ** 31, integer: true })
  }
}

function checkMachine (machine: unknown): StateMachine | undefined {
  if (machine === undefined) return undefined
  const candidate = machine as Partial<StateMachine> | null
  for (const method of ['apply', 'snapshot', 'restore'] as const) {
    if (typeof candidate?.[method] !== 'function') throw new InvalidArgumentError(`machine must be a StateMachine, but it has no method ${method}()`)
  }
  return machine as StateMachine
}
