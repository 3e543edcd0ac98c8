import type { ProfilerMethods } from './profiler.js'
import type { BatchOperation, ClusterState, ClusterStats, Consistency, JoinOptions, NodeLimitOptions, NodeStats, Role, Written } from '../../src/index.js'

/** The join options that can be told to another process. */
export type RemoteJoinOptions = Omit<JoinOptions, 'signal' | 'machine'>

export interface NodeConfig {
  readonly dataDir: string
  readonly listen: readonly string[]
  /** Addresses of any nodes of the mesh; none for its first. */
  readonly bootstrap: readonly string[]
  /** As a protobuf. Default: made at the first start, and kept in the data directory. */
  readonly privateKey?: Uint8Array
  readonly limits?: NodeLimitOptions
}

export interface NodeInfo { readonly peer: string, readonly addresses: readonly string[] }

export interface RemoteMember { readonly peer: string, readonly incarnation: string, readonly voter: boolean, readonly leader: boolean, readonly self: boolean }

interface Named { readonly namespace: string }

/** What a node process does for the process that started it. Each is one call of the public API, told over IPC. */
export interface NodeMethods extends ProfilerMethods {
  start: (config: NodeConfig) => Promise<NodeInfo>
  /** Resolves when the namespace is hosted, not when it has a leader. */
  join: (args: Named & { options?: RemoteJoinOptions }) => Promise<void>
  leave: (args: Named) => Promise<void>
  connectedPeers: (args: null) => Promise<string[]>
  namespaces: (args: null) => Promise<string[]>

  set: (args: Named & { key: string | Uint8Array, value: string | Uint8Array, forward?: boolean, timeoutMs?: number }) => Promise<Written>
  get: (args: Named & { key: string, consistency?: Consistency, timeoutMs?: number }) => Promise<string | undefined>
  delete: (args: Named & { key: string }) => Promise<Written>
  keys: (args: Named & { prefix?: string, consistency?: Consistency, limit?: number, after?: string }) => Promise<string[]>
  batch: (args: Named & { operations: readonly BatchOperation[] }) => Promise<Written>
  barrier: (args: Named & { timeoutMs?: number }) => Promise<number>
  /** Everything under a prefix in this node's own applied state, whatever the others hold. */
  dump: (args: Named & { prefix: string }) => Promise<Array<[key: string, value: string]>>

  waitForLeader: (args: Named & { timeoutMs?: number }) => Promise<string>
  /** Until as many voters (and learners, where given) are members, as seen by this node. */
  waitForMembers: (args: Named & { voters: number, learners?: number, timeoutMs?: number }) => Promise<RemoteMember[]>
  waitForState: (args: Named & { states: readonly ClusterState[], timeoutMs?: number }) => Promise<ClusterState>
  isLeader: (args: Named) => Promise<boolean>
  members: (args: Named) => Promise<RemoteMember[]>
  stats: (args: Named) => Promise<ClusterStats>
  nodeStats: (args: null) => Promise<NodeStats>
  /** Bytes in use on the JavaScript heap and beside it, after a collection. */
  memory: (args: null) => Promise<number>
  removeServer: (args: Named & { peer: string }) => Promise<void>
  addLearner: (args: Named & { peer: string, incarnation: string }) => Promise<void>
  addVoter: (args: Named & { peer: string, incarnation: string }) => Promise<void>
  transferLeadership: (args: Named & { to?: string }) => Promise<void>
  setRole: (args: Named & { peer: string, role: Role | 'default', prefix?: string }) => Promise<void>

  /** Closes everything and lets go; the process then ends by itself, or something keeps it alive that should not. */
  close: (args: null) => Promise<void>
}

/** Events that a node process tells, by name. */
export interface NodeEvents {
  'peer:connect': { peer: string }
  'peer:disconnect': { peer: string }
  'formation': { namespace: string, phase: string, detail: string, elapsedMs: number }
  'leader': { namespace: string, leader?: string, term: number }
  'members': { namespace: string, voters: number, learners: number, index: number }
  'state': { namespace: string, state: ClusterState, previous: ClusterState }
  'failed': { namespace: string, message: string }
}
