import { randomBytes } from 'node:crypto'
import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'
import { EncryptionKeyError } from '../errors.js'
import { deriveKey, KEY_BYTES } from './derive.js'

/** At least 32 random bytes, as they are or as base64 (either alphabet); `raftmesh keygen` and {@link generateKey} make them. */
export type Secret = Uint8Array | string

/** `current` is the id of the key to seal with; default: the first. */
export interface KeyRingInit { readonly keys: readonly Secret[], readonly current?: string }

const KEY_ID_BYTES = 8
const MAX_KEYS = 16
const NO_SALT = new Uint8Array(0)

/** One secret and its id, which is derived from it and gives nothing of it away: two nodes with the same secret call it the same. */
export class EncryptionKey {
  /** 16 hex digits. */
  readonly id: string
  readonly idBytes: Uint8Array
  readonly #secret: Uint8Array

  constructor (secret: Secret) {
    this.#secret = secretBytes(secret)
    this.idBytes = deriveKey(this.#secret, 'key id', NO_SALT, [], KEY_ID_BYTES)
    this.id = Buffer.from(this.idBytes).toString('hex')
  }

  /** A key for one use in one context; see `deriveKey`. */
  derive (use: string, salt: Uint8Array, context: ReadonlyArray<string | Uint8Array> = []): Uint8Array {
    return deriveKey(this.#secret, use, salt, context)
  }
}

/**
 * The keys that a namespace's members and clients share. What is sealed is sealed with the current key; what was sealed with any of them
 * is opened. To rotate without a gap: `add` the new key on every node, then `use` it on every node, then `drop` the old one on every node.
 */
export class KeyRing {
  readonly #keys = new Map<string, EncryptionKey>()
  readonly #listeners = new Set<() => void>()
  #current: EncryptionKey

  constructor (init: Secret | KeyRingInit) {
    const { keys, current } = typeof init === 'string' || init instanceof Uint8Array ? { keys: [init], current: undefined } : init
    for (const secret of keys) this.#add(secret)
    const [first] = this.#keys.values()
    if (first === undefined) throw new EncryptionKeyError('A key ring needs a key: make one with `raftmesh keygen`')
    this.#current = current === undefined ? first : this.#held(current)
  }

  get current (): EncryptionKey { return this.#current }
  /** In the order that they came. */
  get keys (): EncryptionKey[] { return [...this.#keys.values()] }
  /** For messages: ids only. */
  get ids (): string { return [...this.#keys.keys()].join(', ') }

  get (id: string): EncryptionKey | undefined { return this.#keys.get(id) }

  /** Opens what is sealed with it, from now on; what this node seals is as before. Resolves to its id. */
  add (secret: Secret): string {
    const { id } = this.#add(secret)
    this.#changed()
    return id
  }

  /** Seals with it from now on. Every other node must have it by then. */
  use (id: string): void {
    this.#current = this.#held(id)
    this.#changed()
  }

  /** Neither opens nor seals with it any more. No other node may seal with it by then. */
  drop (id: string): void {
    if (this.#held(id) === this.#current) throw new EncryptionKeyError(`Key ${id} is the current one: make another current first`)
    this.#keys.delete(id)
    this.#changed()
  }

  /** Called after each change; the result ends that. */
  onChange (listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }

  #add (secret: Secret): EncryptionKey {
    const key = new EncryptionKey(secret)
    const held = this.#keys.get(key.id)
    if (held !== undefined) return held
    if (this.#keys.size === MAX_KEYS) throw new EncryptionKeyError(`A key ring holds ${MAX_KEYS} keys: drop one that nobody seals with any more`)
    this.#keys.set(key.id, key)
    return key
  }

  #held (id: string): EncryptionKey {
    const key = this.#keys.get(id)
    if (key === undefined) throw new EncryptionKeyError(`This key ring has no key ${id}; it has ${this.ids}`)
    return key
  }

  #changed (): void { for (const listener of this.#listeners) listener() }
}

/** A new secret, as text to put in a file or a setting. */
export function generateKey (): string { return toString(randomBytes(KEY_BYTES), 'base64url') }

function secretBytes (secret: Secret): Uint8Array {
  const bytes = typeof secret === 'string' ? decoded(secret.trim()) : Uint8Array.from(secret)
  if (bytes.length < KEY_BYTES) throw new EncryptionKeyError(`An encryption key has at least ${KEY_BYTES} bytes, not ${bytes.length}: make one with \`raftmesh keygen\``)
  return bytes
}

function decoded (text: string): Uint8Array {
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) throw new EncryptionKeyError('An encryption key is bytes, or base64 of them: make one with `raftmesh keygen`')
  return fromString(text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''), 'base64url')
}
