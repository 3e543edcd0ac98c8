import type { Image, Stored } from './image.js'
import type { LogReplay, Step } from './replay.js'
import type { SimNode } from './sim-node.js'
import type { NamespaceHost } from '../../../src/service/namespace-host.js'
import type { Entry } from '../../../src/raft/types.js'
import type { KvCommand } from '../../../src/machine/kv-types.js'
import type { GroupFrame } from '../../../src/wire/index.js'

export { Violation } from '../oracle.js'

/** What an oracle may see of the world. */
export interface OracleWorld {
  readonly nodes: readonly SimNode[]
  readonly fail: (oracle: string, detail: string) => void
  readonly imageOf: (node: SimNode, namespace: string) => Image
  readonly committed: CommittedLog
}

/** Watches one promise over whole nodes. Each method is called at the moment that its name says; all do nothing unless overridden. */
export abstract class NodeOracle {
  abstract readonly name: string

  constructor (protected readonly world: OracleWorld) {}

  /** A batch of this group's landed on the node's disk; `entries` are those in it. */
  landed (_node: SimNode, _namespace: string, _image: Image, _entries: readonly Entry[], _synced: boolean): void {}
  /** A frame leaves the node. */
  sent (_node: SimNode, _namespace: string, _frame: GroupFrame): void {}
  /** The member has applied everything up to `index`. */
  applied (_node: SimNode, _host: NamespaceHost, _from: number, _index: number): void {}
  /** An entry is known to be committed for the first time. */
  committed (_cluster: string, _stored: Stored): void {}
  /** A committed command is about to be run, in the order of the log, on the state that is in `replay`. */
  executing (_replay: LogReplay, _command: KvCommand | undefined): void {}
  /** It was. */
  executed (_replay: LogReplay, _step: Step): void {}
  started (_node: SimNode): void {}
  /** The member's storage was read, and not refused. */
  opened (_node: SimNode, _host: NamespaceHost): void {}
  /** All has healed and settled, and nothing is asked of the groups any more. */
  finished (): void {}

  protected fail (detail: string): void { this.world.fail(this.name, detail) }
}

/** What is known to be committed, of each group: gathered from whoever applied it first. */
export class CommittedLog {
  private readonly groups = new Map<string, Map<number, Stored>>()

  of (cluster: string): Map<number, Stored> {
    let group = this.groups.get(cluster)
    if (group === undefined) this.groups.set(cluster, group = new Map())
    return group
  }
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, 6).toString('hex')
