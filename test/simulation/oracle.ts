import type { Core, Entry, InitialState, MemberId, Message, Ready, SnapshotMeta, StorageWrite } from '../../src/raft/types.js'
import type { CommittedLog } from './committed-log.js'
import type { CoreDisk } from './core-disk.js'

/** A promise of the protocol was broken. The runner adds the seed and how to replay it. */
export class Violation extends Error {
  override readonly name = 'Violation'
  constructor (readonly oracle: string, readonly detail: string) { super(`${oracle}: ${detail}`) }
}

/** What an oracle may see of a node. */
export interface NodeView {
  readonly id: MemberId
  readonly raft: Core
  readonly up: boolean
  /** What a crash now would leave for certain, and what the node believes that it has. */
  readonly disk: CoreDisk
  readonly image: CoreDisk
  readonly applied: number
  /** Of everything applied, in order. */
  readonly digest: number
  /** Ticks since this start. */
  readonly ticks: number
  readonly waitingWrites: number
}

export interface WorldView {
  readonly now: number
  readonly nodes: readonly NodeView[]
  readonly committed: CommittedLog
  /** Where leaders read by lease: how long it lasts, by a clock that is right. */
  readonly leaseMs: number | undefined
}

export interface Write { readonly id: number, readonly index: number, readonly term: number, readonly beganAt: number }
export interface Read {
  readonly context: number
  readonly lease: boolean
  readonly beganAt: number
  /** The node's own ticks when it began. */
  readonly beganTick: number
  /** Highest index that anybody had handed out as committed when the read began. */
  readonly floor: number
}

/** Watches one promise. Each method is called at the moment that its name says; all do nothing unless overridden. */
export abstract class Oracle {
  abstract readonly name: string

  constructor (protected readonly world: WorldView) {}

  started (_node: NodeView, _initial: InitialState): void {}
  crashed (_node: NodeView): void {}
  ticked (_node: NodeView): void {}
  /** A ready was taken: its entries are in `node.image` by now, nothing else of it has happened. */
  ready (_node: NodeView, _ready: Ready): void {}
  stored (_node: NodeView, _write: StorageWrite): void {}
  /** A message leaves the node. */
  sent (_node: NodeView, _message: Message): void {}
  applied (_node: NodeView, _entry: Entry): void {}
  installed (_node: NodeView, _meta: SnapshotMeta): void {}
  acknowledged (_node: NodeView, _write: Write): void {}
  readBegan (_node: NodeView, _read: Read): void {}
  /** The core told its index, or refused it. */
  readAnswered (_node: NodeView, _read: Read, _index: number | undefined): void {}
  /** Refused, or that index is applied by now. */
  readDone (_node: NodeView, _read: Read, _index: number | undefined): void {}
  /** The run has healed and settled. */
  finished (): void {}

  protected fail (detail: string): never {
    throw new Violation(this.name, detail)
  }
}
