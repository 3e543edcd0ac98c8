import { fields, openSealed, sealAt, SealError } from '../keys/index.js'
import { MalformedFrameError } from '../errors.js'
import { BrokenSealError } from './errors.js'
import { plain } from './frames.js'
import type { EncryptionKey } from '../keys/index.js'

/** Of each side's part of the salt that a stream's keys are derived with. */
export const SALT_BYTES = 32
export const KEY_ID_BYTES = 8

export interface StreamSealInit {
  /** What the stream is for: no other use of the namespace's key gives the same keys. */
  readonly use: string
  /** Peer ids, as the connection has authenticated them. */
  readonly opener: string
  readonly acceptor: string
  readonly openerSalt: Uint8Array
  readonly acceptorSalt: Uint8Array
  readonly side: 'opener' | 'acceptor'
}

/** The parts of a sealed box that both protocols have. */
export interface Box { readonly keyId: Uint8Array, readonly sequence: number, readonly sealed: Uint8Array }

interface Counter { next: number }
interface DirectionKey { readonly key: Uint8Array, readonly counter: Counter, readonly place: Uint8Array, readonly associated: Uint8Array }

const NO_PLACE = new Uint8Array(0)

/**
 * Seals what goes out on one stream, and opens what comes in, for all namespaces. Keys are derived from the namespace's, from both sides'
 * salts, both peers and the direction: so nothing opens that was sealed for another stream, even of the same two peers, or the other way.
 */
export class StreamSeal {
  readonly #out: Direction
  readonly #in: Direction

  constructor (init: StreamSealInit) {
    const salt = new Uint8Array(2 * SALT_BYTES)
    salt.set(init.openerSalt)
    salt.set(init.acceptorSalt, SALT_BYTES)
    const there = new Direction(init, salt, 'opener to acceptor')
    const back = new Direction(init, salt, 'acceptor to opener')
    const opens = init.side === 'opener'
    this.#out = opens ? there : back
    this.#in = opens ? back : there
  }

  /** `place`: what else of the box is in clear and must be as it was, such as a cluster id. */
  seal (namespace: string, key: EncryptionKey, text: Uint8Array, place: Uint8Array = NO_PLACE): Box {
    const { key: derived, counter, associated } = this.#out.of(namespace, key, place)
    const sequence = counter.next++
    return { keyId: key.idBytes, sequence, sealed: sealAt(derived, sequence, text, associated) }
  }

  /** Throws {@link BrokenSealError}: the stream is then of no more use. */
  open (namespace: string, key: EncryptionKey, box: Box, place: Uint8Array = NO_PLACE): Uint8Array {
    const { key: derived, counter, associated } = this.#in.of(namespace, key, place)
    if (box.sequence < counter.next) throw new BrokenSealError(`box ${box.sequence} of ${namespace} came after box ${counter.next - 1}: repeated, or out of order`)
    try {
      // Not a Buffer, of which a slice would be a view that keeps all of the box in memory.
      const text = plain(openSealed(derived, box.sequence, box.sealed, associated))
      counter.next = box.sequence + 1
      return text
    } catch (err) {
      if (!(err instanceof SealError)) throw err
      throw new BrokenSealError(`a box of ${namespace} that claims key ${key.id} does not open: ${err.message}`, { cause: err })
    }
  }
}

class Direction {
  /** Gone with the key that they are derived from, when a ring drops it: nothing else holds that. */
  readonly #derived = new WeakMap<EncryptionKey, Map<string, DirectionKey>>()
  /** By namespace and key id, for as long as the stream lasts: a key that is dropped and added again would otherwise count from 0 again. */
  readonly #counters = new Map<string, Counter>()

  constructor (private readonly init: StreamSealInit, private readonly salt: Uint8Array, private readonly name: string) {}

  of (namespace: string, key: EncryptionKey, place: Uint8Array): DirectionKey {
    let byNamespace = this.#derived.get(key)
    if (byNamespace === undefined) this.#derived.set(key, byNamespace = new Map())
    const known = byNamespace.get(namespace)
    if (known !== undefined && Buffer.compare(known.place, place) === 0) return known
    const made = this.#derive(namespace, key, place)
    byNamespace.set(namespace, made)
    return made
  }

  #derive (namespace: string, key: EncryptionKey, place: Uint8Array): DirectionKey {
    const { use, opener, acceptor } = this.init
    const name = `${key.id} ${namespace}`
    let counter = this.#counters.get(name)
    if (counter === undefined) this.#counters.set(name, counter = { next: 0 })
    return {
      counter,
      place: place.slice(),
      key: key.derive(use, this.salt, [namespace, opener, acceptor, this.name]),
      associated: fields([use, this.name, namespace, key.idBytes, place])
    }
  }
}

export function checkSalt (salt: Uint8Array): Uint8Array {
  if (salt.byteLength !== SALT_BYTES) throw new MalformedFrameError(`a salt of ${salt.byteLength} bytes, expected ${SALT_BYTES}`)
  return salt.slice()
}

/** As key rings name it. */
export function keyName (id: Uint8Array): string {
  if (id.byteLength !== KEY_ID_BYTES) throw new MalformedFrameError(`a key id of ${id.byteLength} bytes, expected ${KEY_ID_BYTES}`)
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('hex')
}
