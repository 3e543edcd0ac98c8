import type { Recipes } from '../recipes/recipes.js'
import type { Key, KeyValue, Session, SessionOptions, WriteOptions } from '../recipes/types.js'
import type { KeyRing, KeyRingInit, Secret } from '../keys/index.js'
import type { Configuration } from '../raft/types.js'
import type { StateMachine } from '../machine/types.js'
import type { AtRest, NodeStore } from '../storage/index.js'
import type { CommandServerStats, LinkStats } from '../wire/index.js'
import type { AbortOptions, Libp2p, PeerId, PrivateKey, ServiceMap, TypedEventTarget } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Libp2pOptions } from 'libp2p'

// All but what recipes are built on.
export type {
  BatchOperation, Comparison, Condition, Consistency, Deleted, DeleteOptions, DeleteRangeOptions, Key, KeyRange, KeysOptions, KeyValue, Lease, LeaseOperations, LeaseOptions, LeaseStatus,
  LiveEvent, LiveSubscription, Page, ReadOptions, ReadResult, Row, ScanOptions, Session, SessionOptions, SetOptions, Txn, TxnOperation, TxnOperationResult, TxnResult, Value, Watch,
  WatchEvent, WatchOptions, WriteOptions, Written
} from '../recipes/types.js'

export type Preset = 'local' | 'regional' | 'global'

/** All in ms. A preset sets them together; each can be set alone. */
export interface TimeoutOptions {
  heartbeat?: number
  /** Randomised in [n, 2n). */
  election?: number
  /** How long a request waits before it gives up. */
  request?: number
}

export interface BootstrapOptions {
  /** Length of the formation phase in ms. Default 10,000. */
  timeout?: number
  /** Part of `timeout` in which a peer that is seen is a founder; later ones are late joiners. Default 0.8. */
  threshold?: number
  /** Default `auto`. See the README's table. */
  mode?: 'auto' | 'expect' | 'join' | 'force' | 'founders'
  /** For `expect`: how many founders exactly. */
  expect?: number
  /** For `founders`: their peer ids. */
  founders?: Array<PeerId | string>
}

export interface LimitOptions {
  /** Bytes. Default 4,096. */
  key?: number
  /** Bytes. Default 1 MiB. */
  value?: number
  /** Bytes of one command, batches included. Default 4 MiB. */
  command?: number
  /** Operations in one batch. Default 10,000. */
  batch?: number
  /** Uncommitted bytes a leader takes before it answers BusyError. Default 64 MiB. */
  uncommitted?: number
}

export interface SnapshotOptions {
  /** ms. Default 120,000. */
  interval?: number
  /** Entries. Default 8,192. */
  threshold?: number
  /** Entries. Default 10,240. */
  trailing?: number
  /** Default 3. */
  retain?: number
}

/** How much of what has changed is kept, for watches to begin in, or go on in after a while. The bounds of the member that leads are in force. */
export interface HistoryOptions {
  /** The newest so many. Default 100,000. */
  revisions?: number
  /** ms. Default: however old. */
  age?: number
  /** Roughly. Default 64 MiB. */
  bytes?: number
}

export interface JoinOptions extends AbortOptions {
  bootstrap?: BootstrapOptions
  preset?: Preset
  timeouts?: TimeoutOptions
  snapshots?: SnapshotOptions
  limits?: LimitOptions
  history?: HistoryOptions
  /** Your own state machine in place of the built-in KV. `set`, `get`, `delete`, `keys` and `batch` are then refused; use `apply`. */
  machine?: StateMachine
  /** Become a voter (default), or stay a learner that only reads. */
  role?: 'voter' | 'learner'
  /** Voters the group grows to by itself; later members stay learners. Default 5. */
  maxVoters?: number
  /** Opt-in lease reads; set it alike on all members. Default false. */
  leaseReads?: boolean
  /**
   * What all members and clients of the namespace share, and nobody else knows: one secret of at least 32 bytes, or a ring of them. With it,
   * all that leaves this node for the namespace is sealed (AES-256-GCM), and nothing else is taken. Give a `KeyRing` to rotate keys while
   * the group runs. Default: none.
   */
  encryptionKey?: Secret | KeyRingInit | KeyRing
  /**
   * Who may become a member. `open` (default without an `encryptionKey`): whoever asks. `key` (default with one): whoever holds the key.
   * `allow-list`: whoever the group has authorized, with `cluster.authorize`; the list is the group's own, and stays in force once a leader
   * with this option has made it, whatever others are told. A function: asked at the leader, so give it to all members alike; no answer in
   * time, or a throw, is a no.
   */
  admission?: 'open' | 'key' | 'allow-list' | AdmissionFunction
  /** With an `encryptionKey`: seal what is on this node's disk as well. Default true. */
  encryptAtRest?: boolean
}

/** `claim`: what the node that asks says of itself; `peer` is proven by its signature. */
export type AdmissionFunction = (claim: { readonly peer: string, readonly voter: boolean, readonly addresses: readonly string[] }, options: { signal: AbortSignal }) => boolean | Promise<boolean>

/**
 * What a peer that is no member may do; each includes those before it. `read`: get, keys, barrier, members, stats. `write`: set, delete, batch,
 * apply. `admin`: change the members and the policy, transfer leadership. Members may do everything.
 */
export type Role = 'none' | 'read' | 'write' | 'admin'

/** Who may become a member, and what those may do who are none. */
export interface GroupPolicy {
  /** `allow-list`: only `authorized` peers become members. Otherwise each leader's own option decides. */
  readonly admission?: 'allow-list'
  /** Peer ids. */
  readonly authorized: readonly string[]
  /** The longest prefix wins; a peer's own rules go before those of `*`, which are for everybody without one. */
  readonly roles: ReadonlyArray<{ readonly peer: string, readonly prefix: Uint8Array, readonly role: Role }>
}

export interface RoleOptions extends ChangeOptions { /** Only for keys that begin with it. Default: all. */ prefix?: Key }

/** The group's policy, which is replicated with its membership. For members, and for clients with the role `admin`. */
export interface PolicyOperations {
  /** Lets that peer become a member of a group with an allow-list, and write as a client. */
  authorize: (peer: PeerId | string, options?: ChangeOptions) => Promise<void>
  /** Takes that back, and removes the peer from the group in the same step if it is a member: what it sends is dropped from then on. */
  deauthorize: (peer: PeerId | string, options?: ChangeOptions) => Promise<void>
  /** `peer` may be `*`: everybody without a rule of their own. `default`: as if it had never been set. */
  setRole: (peer: PeerId | string, role: Role | 'default', options?: RoleOptions) => Promise<void>
}

export interface Member {
  readonly peer: PeerId
  readonly incarnation: string
  readonly voter: boolean
  readonly leader: boolean
  readonly self: boolean
  readonly addresses: Multiaddr[]
}

/**
 * `joining`: not a member yet, or removed and on its way back as a new one. `removed`: removed, with a state machine of the program's own
 * that has no `reset`: close the handle, and join again with a fresh machine.
 */
export type ClusterState = 'forming' | 'joining' | 'follower' | 'candidate' | 'leader' | 'removed' | 'failed' | 'closed'

export interface ClusterStats {
  readonly namespace: string
  readonly clusterId: string
  readonly state: ClusterState
  readonly term: number
  readonly leader?: string
  readonly commitIndex: number
  readonly appliedIndex: number
  readonly lastIndex: number
  readonly firstIndex: number
  readonly storedIndex: number
  readonly configuration: Configuration
  readonly configurationIndex: number
  readonly provisional: boolean
  readonly quiesced: boolean
  readonly logBytes: number
  readonly proposals: number
  readonly reads: number
  readonly elections: number
  readonly leaderChanges: number
  readonly snapshotsTaken: number
  readonly snapshotsInstalled: number
  /** Requests refused here, since the one who asked has no right to them. */
  readonly refused: number
  /** Raft messages and snapshots that were dropped here, since no member sent them. */
  readonly strangers: number
  /** Encryption at rest on that node; see docs/decisions/0003-storage.md. */
  readonly atRest?: AtRest
  /** On the leader: how far each member is. */
  readonly progress: ReadonlyArray<{ peer: string, match: number, state: string, active: boolean }>
}

export interface ClusterEvents {
  'leader': CustomEvent<{ leader?: PeerId, term: number }>
  'members': CustomEvent<{ members: Member[], index: number }>
  'state': CustomEvent<{ state: ClusterState, previous: ClusterState }>
  /** Formation as it happens: for people and demos. */
  'formation': CustomEvent<{ phase: string, detail: string, elapsedMs: number }>
  'failed': CustomEvent<Error>
}

/** A member's handle on a namespace. */
export interface Cluster extends KeyValue, Recipes, PolicyOperations, AsyncDisposable, TypedEventTarget<ClusterEvents> {
  readonly namespace: string
  /** Hex; undefined while forming. */
  readonly clusterId: string | undefined
  /** Raw bytes for the group's state machine; its result. */
  apply: (command: Uint8Array, options?: WriteOptions) => Promise<{ index: number, result: Uint8Array }>
  /** A handle whose writes are done exactly once. */
  session: (options?: SessionOptions) => Promise<Session>
  /** Afterwards, local state (and `stale` reads) holds all that was committed anywhere before the call. Resolves with that index. */
  barrier: (options?: AbortOptions) => Promise<number>
  isLeader: () => boolean
  leader: () => PeerId | undefined
  state: () => ClusterState
  /** Resolves with the leader's peer id once there is one and this member follows (or is) it. */
  waitForLeader: (options?: AbortOptions) => Promise<PeerId>
  members: () => Member[]
  addVoter: (peer: PeerId | string, incarnation: string, options?: ChangeOptions) => Promise<void>
  addLearner: (peer: PeerId | string, incarnation: string, options?: ChangeOptions) => Promise<void>
  removeServer: (peer: PeerId | string, options?: ChangeOptions) => Promise<void>
  transferLeadership: (to?: PeerId | string, options?: AbortOptions) => Promise<void>
  /** As this member knows it. */
  policy: () => GroupPolicy
  stats: () => ClusterStats
  /** Hands leadership over first. The data stays; joining again goes on from it. */
  close: (options?: AbortOptions) => Promise<void>
}

export interface ChangeOptions extends AbortOptions { /** Only if the configuration is still the one of this index. */ expectedIndex?: number }

/** A handle for anyone in the mesh who is no member. */
export interface Client extends KeyValue, Recipes, PolicyOperations, AsyncDisposable {
  readonly namespace: string
  apply: (command: Uint8Array, options?: AbortOptions) => Promise<{ index: number, result: Uint8Array }>
  /** As {@link Cluster.session}. */
  session: (options?: SessionOptions) => Promise<Session>
  barrier: (options?: AbortOptions) => Promise<number>
  members: (options?: AbortOptions) => Promise<RemoteMembers>
  stats: (options?: AbortOptions) => Promise<ClusterStats>
  policy: (options?: AbortOptions) => Promise<GroupPolicy>
  /** Ask the group to take this very node (its own signature goes along) as a voter. The node must host the namespace to take part. */
  joinVoter: (options?: AbortOptions & { incarnation?: string }) => Promise<void>
  exchangePeers: (options?: AbortOptions) => Promise<Array<{ peer: PeerId, addresses: Multiaddr[] }>>
  /** Which peers serve the namespace, as far as known. */
  peers: () => PeerId[]
  close: () => Promise<void>
}

export interface RemoteMembers {
  readonly clusterId: string
  readonly leader?: PeerId
  readonly term: number
  readonly configurationIndex: number
  readonly provisional: boolean
  readonly members: ReadonlyArray<{ peer: PeerId, incarnation: string, voter: boolean, addresses: Multiaddr[] }>
}

export interface ClientOptions {
  /** As in {@link JoinOptions}: the secret of a namespace whose members have one. */
  encryptionKey?: Secret | KeyRingInit | KeyRing
  /** Peers to ask first (multiaddrs or peer ids); others are found through the mesh. */
  peers?: Array<PeerId | Multiaddr>
  timeouts?: { request?: number, attempt?: number }
}

/** What peers, all or each, can make this node hold or do. Over a bound, the peer gets a refusal, and the node goes on serving the others. */
export interface NodeLimitOptions {
  /** Bytes of one frame, both ways; set it alike on all nodes. Default, and at least, 8 MiB. */
  frameBytes?: number
  /** Bytes of frames that are not complete, over all streams: the stream that has been waiting for longest ends. Default 256 MiB. */
  partialBytes?: number
  /** Command streams that one peer may have open here. Default 16. */
  streams?: number
  /** Requests in flight to, or from, one peer. Default 8,192. */
  requests?: number
  /** And their bytes, and those of answers that it does not read. Default 64 MiB. */
  requestBytes?: number
  /** Bytes of votes, heartbeats and the like that may wait for one peer; more is dropped. Default 4 MiB. */
  controlQueueBytes?: number
  /** And of log entries. Default 64 MiB. */
  logQueueBytes?: number
  /** Snapshots that one peer may be sending here at a time. Default 4. */
  snapshots?: number
  /** Requests to join of one peer in a minute. Default 30. */
  joins?: number
  /** Watches of one peer that wait here for something to happen; and eight times as many of all peers. Default 1,024. */
  watches?: number
  /** Scans, and lists of leases, of one peer that are read here at a time, a page of up to 1 MiB each; and eight times as many of all peers. Default 16. */
  scans?: number
}

/** What a node does and refuses, over all its namespaces. */
export interface NodeStats {
  readonly commands: CommandServerStats
  readonly links: LinkStats
  /** How much of the bounds is in use, or was refused for them; see {@link NodeLimitOptions}. */
  readonly used: { readonly partialBytes: number, readonly partialEvicted: number, readonly streams: number, readonly requests: number, readonly queuedBytes: number, readonly joinsRefused: number, readonly watches: number, readonly watchesRefused: number, readonly scans: number, readonly scansRefused: number }
}

export interface RaftInit {
  limits?: NodeLimitOptions
  /** Data directory. Without one (and without `store`) the service makes clients, and `join` is refused. */
  dataDir?: string
  /** A store that is open already, as `createNode` hands in so that libp2p's datastore and raft share one. Its owner closes it. */
  store?: NodeStore
  /** Namespaces up to which each gets a protocol name of its own. Default 64. */
  advertise?: number
}

export interface CreateNodeOptions extends AbortOptions {
  /** Everything that the node keeps. Without one it has no identity beyond its run and hosts no namespace: enough for clients. */
  dataDir?: string
  /** Default `/ip4/0.0.0.0/tcp/0`; none for a node without `dataDir`. */
  listen?: Array<string | Multiaddr>
  /** Addresses to tell others, in place of those listened on. */
  announce?: Array<string | Multiaddr>
  /** Nodes to enter the mesh by; dialled again and again, with back-off, while the node runs. The first node of a mesh has none. */
  bootstrap?: Array<string | Multiaddr>
  /** Default: made at the first start and kept in the store. */
  privateKey?: PrivateKey
  /** Look for nodes on the local network too. Default false. */
  mdns?: boolean
  /** See {@link RaftInit}. */
  advertise?: number
  limits?: NodeLimitOptions
  /** Laid over what `createNode` makes. `addresses`, `connectionManager` and `services` are merged, the rest replaces. */
  libp2p?: Libp2pOptions
}

/** How it stands with one bootstrap address. */
export interface BootstrapStatus {
  readonly address: string
  readonly connected: boolean
  /** Dials that failed in a row, and why the last one did. */
  readonly failures: number
  readonly error?: Error
}

export interface RaftNodeEvents {
  /** A bootstrap address was reached, was lost, or could not be dialled. */
  'bootstrap': CustomEvent<BootstrapStatus>
}

/** What `createNode` makes: a started libp2p node and its raft service. */
export interface RaftNode extends AsyncDisposable, TypedEventTarget<RaftNodeEvents> {
  readonly libp2p: Libp2p<ServiceMap & { raft: Raft }>
  readonly raft: Raft
  readonly peerId: PeerId
  /** Where others reach this node, `/p2p/<peer id>` included. */
  addresses: () => Multiaddr[]
  bootstrap: () => BootstrapStatus[]
  /** Short for `raft.join` and `raft.client`. */
  join: Raft['join']
  client: Raft['client']
  /** Leaves every namespace (leadership handed over first), stops libp2p, closes the store. */
  stop: () => Promise<void>
}

/** `node.services.raft` */
export interface Raft {
  join: (namespace: string, options?: JoinOptions) => Promise<Cluster>
  client: (namespace: string, options?: ClientOptions) => Client
  /** Namespaces that this node hosts now. */
  namespaces: () => string[]
  stats: () => NodeStats
}
