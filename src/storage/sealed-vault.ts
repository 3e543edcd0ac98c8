import { ClosedError, EncryptionKeyError } from '../errors.js'
import { openSealed, SealError } from '../keys/index.js'
import { equalBytes } from './bytes.js'
import { CodecError } from './codec.js'
import { corrupt, readable } from './damage.js'
import { firstKey } from './delete-range.js'
import { decodeEpochs, Epoch, hex, isTagged, SALT_BYTES, taggedEpochs } from './epochs.js'
import { reseal } from './reseal.js'
import { decodeSealed, encodeSealed, epochOf, isSealed } from './sealed-record.js'
import type { KeyRing } from '../keys/index.js'
import type { EpochLine } from './epochs.js'
import type { GroupKeys } from './keys.js'
import type { OrderedStore, StoreOp } from './types.js'
import type { AtRest, Vault } from './vault.js'

/** More are merged by rewriting what the oldest sealed: each start of the process makes one. */
const MAX_EPOCHS = 64

export interface VaultLog {
  (format: string, ...values: unknown[]): void
  error: (format: string, ...values: unknown[]) => void
}

export interface SealedVaultOptions {
  readonly store: OrderedStore
  readonly namespace: string
  readonly keys: GroupKeys
  readonly ring: KeyRing
  /** 16 hex digits. */
  readonly randomId: () => string
  readonly log: VaultLog
}

/**
 * Encryption at rest of one group. Every record is sealed for the key it stands under, so that it opens nowhere else; see `Epoch` for the
 * keys and their nonces. The record of epochs is written and synced before an epoch seals anything.
 *
 * When the ring's current key changes, a new epoch begins, and what older ones have sealed is sealed anew in the background.
 */
export class SealedVault implements Vault {
  readonly #init: SealedVaultOptions
  /** What the record of epochs names, by rising number. */
  #epochs: Epoch[]
  /** What the record says of plain records. */
  #plain: boolean
  /** Whether they are read: to the end of the process, for a view of the store from before may still be in use. */
  readonly #takesPlain: boolean
  /** Every epoch that was ever in the record while this process ran; for the same reason. */
  readonly #known = new Map<number, Epoch>()
  readonly #closing = new AbortController()
  #rewritten = 0
  #unreadable = 0
  #working: Promise<void> | undefined
  /** Changes of the record, one at a time. */
  #turn: Promise<void> = Promise.resolve()
  #unsubscribe = (): void => {}

  private constructor (init: SealedVaultOptions, epochs: Epoch[], plain: boolean) {
    this.#init = init
    this.#epochs = epochs
    this.#plain = this.#takesPlain = plain
    for (const epoch of epochs) this.#known.set(epoch.number, epoch)
  }

  /**
   * Begins an epoch. The storage is not being destroyed.
   *
   * @throws EncryptionKeyError if the ring lacks a key that the data on disk needs
   */
  static async open (init: SealedVaultOptions): Promise<SealedVault> {
    const { store, namespace, keys } = init
    const stored = await recordOf(store, namespace, keys)
    // Data, and no record of epochs: it was written before there was a key.
    const found = stored !== undefined ? openEpochs(init, stored) : { epochs: [], plain: await firstKey(store, keys.all) !== undefined }
    const vault = new SealedVault(init, found.epochs, found.plain)
    await vault.#begin()
    if (found.plain) init.log('%s: its data on this node is from before encryption, and is encrypted in the background', namespace)
    return vault
  }

  get status (): AtRest {
    return { key: this.#current.keyId, needs: [...new Set(this.#epochs.map(({ keyId }) => keyId))], plain: this.#plain, rewritten: this.#rewritten }
  }

  /** From here on it follows the ring, and rewrites what is behind it. */
  start (): void {
    this.#unsubscribe = this.#init.ring.onChange(() => { this.#ringChanged() })
    this.#ringChanged()
  }

  put (key: Uint8Array, value: Uint8Array): StoreOp {
    const seal = (): Uint8Array => this.#seal(key, value)
    let sealed: Uint8Array | undefined
    // When the store takes it: an operation that is made now and handed in later must not come in an epoch that has ended.
    return { type: 'put', key, get value () { return (sealed ??= seal()) } }
  }

  open (key: Uint8Array, stored: Uint8Array): Uint8Array {
    if (!isSealed(stored)) {
      if (this.#takesPlain) return stored
      throw new CodecError('it is not sealed, and everything of this namespace is')
    }
    const { epoch: number, counter, box } = decodeSealed(stored)
    const epoch = this.#known.get(number)
    if (epoch === undefined) throw new CodecError(`it is sealed in epoch ${number}, which is not known here`)
    try {
      const { buffer, byteOffset, length } = openSealed(epoch.key, counter, box, key)
      // Node deciphers into a Buffer, whose `slice` is a view where a Uint8Array's is a copy.
      return new Uint8Array(buffer, byteOffset, length)
    } catch (error) {
      throw error instanceof SealError ? new CodecError(error.message) : error
    }
  }

  /** Runs `empty`, which deletes everything, and hands it what the last of its batches must put back. */
  async emptied (empty: (last: () => StoreOp[]) => Promise<void>): Promise<void> {
    await this.#inTurn(async () => {
      await empty(() => [this.#record([this.#current], false)])
      this.#epochs = [this.#current]
      this.#plain = false
    })
  }

  /** Resolves when nothing of it runs any more. */
  async close (): Promise<void> {
    this.#unsubscribe()
    this.#closing.abort()
    await this.#turn
    await this.#working
  }

  /** Resolves when there is nothing to rewrite, or rewriting has been given up. */
  async settled (): Promise<void> {
    await this.#turn
    while (this.#working !== undefined) {
      await this.#working
      await this.#turn
    }
  }

  get #current (): Epoch { return this.#epochs[this.#epochs.length - 1] }

  #seal (key: Uint8Array, value: Uint8Array): Uint8Array {
    const { number, sealer } = this.#current
    const counter = sealer.next
    return encodeSealed({ epoch: number, counter, box: sealer.seal(value, key) })
  }

  #ringChanged (): void {
    const { ring, namespace, log } = this.#init
    for (const id of this.status.needs) {
      if (ring.get(id) === undefined) log.error('%s: key %s was dropped, and data on this node is still sealed with it: until it is rewritten, no start works without that key', namespace, id)
    }
    this.#inTurn(async () => {
      if (this.#closing.signal.aborted) return
      if (ring.current.id !== this.#current.keyId) await this.#begin()
      this.#rewrite()
    }).catch((error: unknown) => { this.#failed(error) })
  }

  /** A new epoch, of the ring's current key. */
  async #begin (): Promise<void> {
    const { store, namespace, ring } = this.#init
    const key = ring.current
    const number = (this.#epochs.at(-1)?.number ?? 0) + 1
    const epoch = new Epoch(number, key.idBytes, this.#salt(), key, namespace)
    const epochs = [...this.#epochs, epoch]
    await store.batch([this.#record(epochs, this.#plain)], { sync: true })
    this.#epochs = epochs
    this.#known.set(number, epoch)
  }

  #salt (): Uint8Array {
    return new Uint8Array(Buffer.from(Array.from({ length: SALT_BYTES / 8 }, this.#init.randomId).join(''), 'hex'))
  }

  #record (epochs: readonly Epoch[], plain: boolean): StoreOp {
    const { epochs: at } = this.#init.keys
    return { type: 'put', key: at, value: taggedEpochs(at, plain, epochs) }
  }

  #inTurn (work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => {})
    return done
  }

  get #hasOtherKeys (): boolean { return this.#plain || this.#epochs.some(({ keyId }) => keyId !== this.#current.keyId) }

  get #isBehind (): boolean { return this.#hasOtherKeys || this.#epochs.length > MAX_EPOCHS }

  #rewrite (): void {
    if (this.#working !== undefined || !this.#isBehind || this.#closing.signal.aborted) return
    this.#working = this.#rewriteAll().then(
      () => {
        this.#working = undefined
        // The ring may have changed since it looked for the last time.
        this.#rewrite()
      },
      (error: unknown) => {
        this.#working = undefined
        this.#failed(error)
      })
  }

  async #rewriteAll (): Promise<void> {
    const { store, keys, namespace, log } = this.#init
    const { signal } = this.#closing
    while (this.#isBehind) {
      const upTo = this.#current.number
      const erase = this.#hasOtherKeys
      this.#unreadable = 0
      // What was handed to the store in an older epoch has landed after this, and nothing follows it.
      await store.batch([], { sync: false })
      const change = (key: Uint8Array, stored: Uint8Array): Uint8Array | undefined => this.#sealedAnew(key, stored)
      const cuts = await reseal(store, keys.bulk, { wanted: (key, stored) => !equalBytes(key, keys.epochs) && epochOf(stored) < upTo, change, signal })
      // These are also written unsynced, and last: otherwise a power cut could take their newest form, or a compaction, and bring back an older epoch's.
      await reseal(store, keys.small, { wanted: key => !equalBytes(key, keys.destroying), change, signal })
      for (let i = 1; erase && i < cuts.length; i++) {
        signal.throwIfAborted()
        await store.compact({ gte: cuts[i - 1], lt: cuts[i] })
      }
      await this.#inTurn(async () => {
        signal.throwIfAborted()
        const epochs = this.#epochs.filter(({ number }) => number >= upTo)
        await store.batch([this.#record(epochs, false)], { sync: true })
        this.#epochs = epochs
        this.#plain = false
      })
    }
    if (this.#unreadable > 0) log.error('%s: %d records on this node could not be opened, and were left as they are: whoever reads one is told that it is damaged', namespace, this.#unreadable)
    log('%s: all of its data on this node is sealed with key %s now, and needs no other', namespace, this.#current.keyId)
  }

  #sealedAnew (key: Uint8Array, stored: Uint8Array): Uint8Array | undefined {
    try {
      const value = this.open(key, stored)
      this.#rewritten += stored.length
      return this.#seal(key, value)
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      // No key opens it, so no key has to be kept for it.
      this.#unreadable++
      return undefined
    }
  }

  #failed (error: unknown): void {
    const { store, namespace, log } = this.#init
    if (this.#closing.signal.aborted || store.failure !== undefined || error instanceof ClosedError) return
    log.error('%s: rewriting its data with the current key failed, the next start tries again: %s', namespace, (error as Error).message)
  }
}

/** Without a key: refuses data that needs one. */
export async function refuseSealed (store: OrderedStore, namespace: string, keys: GroupKeys): Promise<void> {
  const stored = await recordOf(store, namespace, keys)
  if (stored === undefined) return
  const { lines } = readable(namespace, 'the record of its encryption', () => decodeEpochs(keys.epochs, stored))
  throw new EncryptionKeyError(`The data of ${namespace} on this node is encrypted with key ${idsOf(lines)}, and no key was given: join with that encryptionKey, and encryptAtRest`)
}

async function recordOf (store: OrderedStore, namespace: string, keys: GroupKeys): Promise<Uint8Array | undefined> {
  const [stored, identity] = await store.getMany([keys.epochs, keys.identity])
  // Nothing may be written then: whoever has a copy of the record can put it back.
  if (stored === undefined && identity !== undefined && isSealed(identity)) throw corrupt(namespace, 'it is encrypted, and what its keys are derived from is gone')
  return stored
}

function openEpochs (init: SealedVaultOptions, stored: Uint8Array): { epochs: Epoch[], plain: boolean } {
  const { namespace, keys, ring } = init
  const record = readable(namespace, 'the record of its encryption', () => decodeEpochs(keys.epochs, stored))
  const missing = record.lines.filter(({ idBytes }) => ring.get(hex(idBytes)) === undefined)
  if (missing.length > 0) {
    throw new EncryptionKeyError(`The data of ${namespace} on this node is encrypted with key ${idsOf(missing)}, and the key ring has ${ring.ids}: add that key to encryptionKey, or remove this namespace's data on this node and join again`)
  }
  const epochs = record.lines.map(line => openEpoch(init, line))
  if (!isTagged(keys.epochs, record, epochs[epochs.length - 1])) throw corrupt(namespace, 'the record of its encryption was not written by a holder of its key')
  return { epochs, plain: record.plain }
}

function openEpoch ({ namespace, ring }: SealedVaultOptions, { number, idBytes, salt, check }: EpochLine): Epoch {
  const key = ring.get(hex(idBytes))
  const epoch = key === undefined ? undefined : new Epoch(number, idBytes, salt, key, namespace)
  if (epoch === undefined || !equalBytes(epoch.check, check)) {
    throw new EncryptionKeyError(`The data of ${namespace} on this node is encrypted with a key that has the id ${hex(idBytes)}, as one of the key ring has, and is another: give it the key that it was written with`)
  }
  return epoch
}

const idsOf = (lines: readonly EpochLine[]): string => [...new Set(lines.map(({ idBytes }) => hex(idBytes)))].join(', ')
