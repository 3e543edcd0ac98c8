import type { Clock } from '../clock.js'
import type { Entry, MemberChange, MemberId, RaftStatus } from '../raft/types.js'

/** Bootstrap options with every default filled in. */
export interface FormationOptions {
  readonly mode: 'auto' | 'expect' | 'join' | 'force' | 'founders'
  /** Length of the formation phase in ms. */
  readonly timeout: number
  /** Part of `timeout` in which a peer that is seen is a founder. */
  readonly threshold: number
  /** `expect` only: how many founders, exactly. */
  readonly expect?: number
  /** `founders` only: their peer ids, sorted. */
  readonly founders?: readonly string[]
  /** `auto` only: how many of those seen in time found the group, and so are its first voters; the rest join. Default 64, the most there can be. */
  readonly maxFounders?: number
}

/** Where candidates come from: peers that may serve the namespace. A hint, never membership. */
export interface CandidateSource {
  /** Peers known by now. */
  candidates: () => string[]
  /** Calls for each peer that turns up, and again when one is connected anew. Returns how to stop it. */
  onCandidate: (listener: (peer: string) => void) => () => void
}

/** What formation is given of the world. */
export interface FormationPorts {
  /** This node. The incarnation is the one for fresh storage; one that a formation in progress has made durable wins over it. */
  readonly self: { readonly peer: string, readonly incarnation: string }
  readonly namespace: string
  readonly clock: Clock
  /** [0, 1): jitter of retries only. */
  readonly random: () => number
  /** One formation message to a peer's namespace handler, and its answer. Rejects if the peer is unreachable or doesn't serve the namespace. */
  request: (peer: string, message: Uint8Array, options: { signal: AbortSignal }) => Promise<Uint8Array>
  /** The durable record of formation. `save` resolves once it is synced; undefined deletes it. */
  readonly promises: {
    load: () => Promise<Uint8Array | undefined>
    save: (record: Uint8Array | undefined) => Promise<void>
  }
  readonly discovery: CandidateSource
  /** For people: what happens, in plain words. Must not throw. */
  onProgress: (phase: FormationPhase, detail: string) => void
}

export type FormationPhase = 'discovering' | 'agreeing' | 'promising' | 'founded' | 'joining' | 'conflict' | 'waiting'

/**
 * How formation ended. `founded`: create storage with (clusterId, incarnation, genesis), then start Raft. `join`: create it with
 * (clusterId, incarnation) and an empty log, start Raft, and ask to join. In both, `incarnation` is the one to create storage with.
 */
export type FormationOutcome =
  | { readonly kind: 'founded', readonly clusterId: Uint8Array, readonly incarnation: string, readonly founders: readonly MemberId[], readonly provisional: boolean, readonly genesis: Entry }
  | { readonly kind: 'join', readonly clusterId: Uint8Array, readonly incarnation: string, readonly via: readonly string[] }

/** What a node that asks to become a member says of itself, verified: `peer` made the signature. */
export interface JoinClaim {
  readonly namespace: string
  /** 32 bytes. */
  readonly clusterId: Uint8Array
  readonly peer: string
  readonly incarnation: string
  /** False: asks to stay a learner. */
  readonly voter: boolean
  readonly addresses: readonly string[]
  /** 16 random bytes. */
  readonly nonce: Uint8Array
  /** Of the group's configuration as `peer` had heard of it when it asked. */
  readonly configurationIndex: number
}

/** A signed {@link JoinClaim}, as it travels (command.proto `Join`). */
export interface SignedJoin {
  readonly body: Uint8Array
  readonly publicKey: Uint8Array
  readonly signature: Uint8Array
}

/** What the steward needs of the group (the engine's GroupHandle has it). */
export interface StewardGroup {
  readonly self: MemberId
  status: () => RaftStatus
  changeMembers: (changes: readonly MemberChange[], options?: { signal?: AbortSignal, expectedIndex?: number }) => Promise<number>
}

/** What the joiner needs to know of the group on this node (the engine's GroupHandle has it). */
export interface JoinerGroup {
  readonly self: MemberId
  status: () => Pick<RaftStatus, 'configuration' | 'configurationIndex' | 'configurationPending' | 'committedConfigurationIndex' | 'lastTerm' | 'leader' | 'role' | 'commit'>
}
