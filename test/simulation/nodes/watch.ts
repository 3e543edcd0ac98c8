import { drain } from './drain.js'
import { Image } from './image.js'
import { CommittedLog, hex } from './oracle.js'
import { LogReplay } from './replay.js'
import { nodeOracles } from './oracles/index.js'
import { byteString } from '../../../src/storage/bytes.js'
import type { GroupPlaces, Stored } from './image.js'
import type { NodeOracle, OracleWorld } from './oracle.js'
import type { SimNode } from './sim-node.js'
import type { NamespaceHost } from '../../../src/service/namespace-host.js'
import type { RecordedBatch } from '../../../src/storage/index.js'
import type { GroupFrame } from '../../../src/wire/index.js'

/** Tells the oracles what happens, in terms of groups. */
export class Watch implements OracleWorld {
  readonly committed = new CommittedLog()
  readonly oracles: readonly NodeOracle[]
  private readonly images = new Map<SimNode, Map<string, Image>>()
  /** By the plan's name for each group. */
  private readonly replays = new Map<string, LogReplay>()
  /** Namespace of each group that was seen. */
  private readonly namespaces = new Map<string, string>()

  constructor (
    readonly nodes: readonly SimNode[], readonly places: ReadonlyMap<string, GroupPlaces>, readonly fail: (oracle: string, detail: string) => void,
    private readonly now: () => number, more: (world: OracleWorld) => NodeOracle[] = () => []
  ) {
    this.oracles = [...nodeOracles(this), ...more(this)]
  }

  imageOf (node: SimNode, namespace: string): Image {
    let images = this.images.get(node)
    if (images === undefined) this.images.set(node, images = new Map())
    let image = images.get(namespace)
    if (image === undefined) images.set(namespace, image = new Image(this.places.get(namespace) as GroupPlaces))
    return image
  }

  /** Of the disk as it is: after a crash some of what was there is not. False: it can't be read, and nothing is said of it. */
  started (node: SimNode): void {
    const rows: Array<[Uint8Array, Uint8Array]> = []
    void (async () => {
      for await (const page of node.disk.store.range({ gte: Uint8Array.of(0), lt: Uint8Array.of(255) })) rows.push(...page)
    })()
    drain()
    for (const [namespace, { all }] of this.places) {
      try {
        this.imageOf(node, namespace).load(rows.filter(([key]) => byteString(key).startsWith(all)))
      } catch {
        // A flipped bit: the node itself must find it, and will be told by its operator to begin anew.
        this.images.get(node)?.delete(namespace)
      }
    }
    for (const oracle of this.oracles) oracle.started(node)
  }

  landed (node: SimNode, { ops, sync }: RecordedBatch): void {
    const touched = new Set<string>()
    for (const { key } of ops) {
      if (key[0] !== 0x67) continue
      touched.add(Buffer.from(key.buffer, key.byteOffset + 1, key.indexOf(0) - 1).toString('latin1'))
    }
    for (const namespace of touched) {
      if (!this.places.has(namespace)) continue
      const image = this.imageOf(node, namespace)
      const entries = image.apply(ops)
      if (image.identity !== undefined) this.namespaces.set(hex(image.identity.clusterId), namespace)
      for (const oracle of this.oracles) oracle.landed(node, namespace, image, entries, sync)
    }
  }

  sent (node: SimNode, frame: GroupFrame): void {
    const namespace = this.namespaces.get(hex(frame.clusterId))
    if (namespace === undefined) {
      this.fail('frames are of groups that exist', `${node.name} sent a frame of the unknown group ${hex(frame.clusterId)}`)
      return
    }
    for (const oracle of this.oracles) oracle.sent(node, namespace, frame)
  }

  /** A host of a process: its groups come and go. */
  hosted (node: SimNode, host: NamespaceHost): void {
    const { life } = node
    let group: NamespaceHost['group']
    let last = 0
    const look = (): void => {
      if (node.life !== life || host.group === undefined || host.group === group) return
      const current = host.group
      group = current
      last = current.status().applied
      current.addEventListener('applied', ({ detail: index }) => {
        if (node.life !== life || index <= last) return
        const from = last + 1
        last = index
        this.applied(node, host, from, index)
      })
    }
    host.cluster.addEventListener('leader', look)
    host.cluster.addEventListener('state', look)
  }

  opened (node: SimNode, host: NamespaceHost): void {
    for (const oracle of this.oracles) oracle.opened(node, host)
  }

  replayOf (group: string): LogReplay {
    let replay = this.replays.get(group)
    if (replay === undefined) this.replays.set(group, replay = new LogReplay(this.now))
    return replay
  }

  finished (): void {
    for (const oracle of this.oracles) oracle.finished()
  }

  private applied (node: SimNode, host: NamespaceHost, from: number, index: number): void {
    for (const oracle of this.oracles) oracle.applied(node, host, from, index)
    if (host.group === undefined) return
    const cluster = hex(host.group.clusterId)
    const committed = this.committed.of(cluster)
    const { entries } = this.imageOf(node, host.namespace)
    for (let i = from; i <= index; i++) {
      const stored = entries.get(i)
      if (stored === undefined || committed.has(i)) continue
      committed.set(i, stored)
      for (const oracle of this.oracles) oracle.committed(cluster, stored)
    }
    this.replay(this.replayOf(node.wanted.get(host.namespace)?.group ?? host.namespace), index, at => committed.get(at) ?? entries.get(at))
  }

  /** What a leader applies before its own disk has it is run when another member has applied it. */
  private replay (replay: LogReplay, index: number, entryAt: (index: number) => Stored | undefined): void {
    replay.applied.note(index)
    while (replay.revision < index) {
      const stored = entryAt(replay.revision + 1)
      if (stored === undefined) return
      const step = replay.run(stored.entry, command => { for (const oracle of this.oracles) oracle.executing(replay, command) })
      if (step !== undefined) for (const oracle of this.oracles) oracle.executed(replay, step)
    }
  }
}
