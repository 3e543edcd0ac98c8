import { drain } from './drain.js'
import { loseBlock } from './lost-block.js'
import { MemoryOrderedStore } from '../../../src/storage/index.js'
import type { GroupPlaces } from './image.js'
import type { Life } from './life.js'
import type { Loss } from './lost-block.js'
import type { DiskPlan } from './plan.js'
import type { Random } from '../random.js'
import type { MemoryStoreOptions, OrderedStore, RecordedBatch } from '../../../src/storage/index.js'

export interface DiskWatcher {
  /** A batch is on the disk as far as the process can tell; a crash may take it if it was not synced. */
  landed: (batch: RecordedBatch) => void
}

/** What lies under a node's store over all its restarts: slow, failing, and forgetful of what was not synced. */
export class SimDisk {
  store: MemoryOrderedStore
  /** Writes take this long on top, until the time. */
  stalledUntil = 0
  private life: Life | undefined
  /** All that was ever written and not lost, in order. */
  private written: RecordedBatch[] = []
  private failNext: Error | undefined
  /** Lands the batch that is being written; undefined where it will fail. */
  private inFlight: (() => void) | undefined
  /** Ends the wait of the batch that is being written, one way or the other. */
  private finishNow: (() => void) | undefined

  constructor (private readonly random: Random, private readonly now: () => number, private readonly plan: DiskPlan, private readonly remembers: boolean, private readonly watcher: DiskWatcher) {
    this.store = this.fresh()
  }

  open (life: Life): OrderedStore {
    this.life = life
    return this.store
  }

  stall (ms: number): void { this.stalledUntil = Math.max(this.stalledUntil, this.now() + ms) }

  heal (): void {
    this.stalledUntil = 0
    this.failNext = undefined
    this.finishNow?.()
  }

  failNextWrite (): void { this.failNext = new Error('EIO: i/o error, write') }

  /** The process is gone, and maybe the machine's power: what was being written is on the disk or not, what was not synced is there in part. */
  crash (keepAll = false): void {
    this.failNext = undefined
    if (this.inFlight !== undefined && (keepAll || this.random.chance(0.5))) {
      this.inFlight()
      drain()
    }
    this.inFlight = this.finishNow = undefined
    const { unsynced } = this.store
    const kept = keepAll ? unsynced : this.random.int(0, unsynced)
    this.store = this.store.crash(kept)
    if (this.remembers) this.written.length -= unsynced - kept
    this.stalledUntil = 0
  }

  wipe (): void {
    this.store = this.fresh()
    this.inFlight = this.finishNow = undefined
    this.failNext = undefined
  }

  /** Nobody has it open. */
  loseBlock (groups: ReadonlyMap<string, GroupPlaces>): Loss | undefined {
    const loss = loseBlock(this.written, groups, this.random)
    if (loss === undefined) return undefined
    this.written = [...loss.kept]
    this.store = MemoryOrderedStore.replay(this.written, this.storeOptions)
    return loss
  }

  /** One bit of one value of the group's, while nobody has it open. */
  async flipBit (): Promise<boolean> {
    const rows: Array<[Uint8Array, Uint8Array]> = []
    for await (const page of this.store.range({ gte: new TextEncoder().encode('g'), lt: new TextEncoder().encode('h') })) rows.push(...page)
    const filled = rows.filter(([, value]) => value.length > 0)
    if (filled.length === 0) return false
    const [key, value] = this.random.pick(filled)
    value[this.random.int(0, value.length - 1)] ^= 1 << this.random.int(0, 7)
    const life = this.life
    this.life = undefined
    await this.store.batch([{ type: 'put', key, value }], { sync: true })
    this.life = life
    return true
  }

  private get storeOptions (): MemoryStoreOptions {
    return { beforeWrite: async batch => { await this.write(batch) } }
  }

  private land (batch: RecordedBatch): void {
    if (this.remembers) this.written.push(batch)
  }

  private fresh (): MemoryOrderedStore {
    this.written = []
    return new MemoryOrderedStore(this.storeOptions)
  }

  private async write (batch: RecordedBatch): Promise<void> {
    const { life, plan, random } = this
    if (life === undefined) {
      this.land(batch)
      return
    }
    const failure = this.failNext
    this.failNext = undefined
    const stall = Math.max(0, this.stalledUntil - this.now())
    const took = batch.sync ? plan.writeMs + random.exponential(plan.syncMs) : plan.writeMs
    await new Promise<void>((resolve, reject) => {
      let over = false
      const finish = (): void => {
        over = true
        this.inFlight = this.finishNow = undefined
        if (failure !== undefined) {
          reject(failure)
          return
        }
        this.land(batch)
        this.watcher.landed(batch)
        resolve()
      }
      this.inFlight = failure === undefined ? finish : undefined
      const end = (): void => { if (!over) finish() }
      this.finishNow = () => { life.deliver(end) }
      life.after(stall + took, end)
    })
  }
}
