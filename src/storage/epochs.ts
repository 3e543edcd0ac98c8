import { createHmac } from 'node:crypto'
import { CodecError, Reader, seal, unseal, Writer } from './codec.js'
import { equalBytes } from './bytes.js'
import { Sealer } from '../keys/index.js'
import type { EncryptionKey } from '../keys/index.js'

/**
 * One opening of a group's storage, or one key's time in it. Its key is used by one process, which counts up from 0: so no nonce can come
 * twice, whatever a crash takes back, and no key has to last for ever.
 */
export class Epoch {
  readonly keyId: string
  readonly check: Uint8Array
  readonly sealer: Sealer
  readonly key: Uint8Array
  readonly #tagKey: Uint8Array

  constructor (readonly number: number, readonly idBytes: Uint8Array, readonly salt: Uint8Array, key: EncryptionKey, namespace: string) {
    this.keyId = hex(idBytes)
    this.key = key.derive('at rest', salt, [namespace])
    this.sealer = new Sealer(this.key)
    this.check = key.derive('at rest check', salt, [namespace]).subarray(0, CHECK_BYTES)
    this.#tagKey = key.derive('at rest epochs', salt, [namespace])
  }

  tag (at: Uint8Array, body: Uint8Array): Uint8Array {
    return new Uint8Array(createHmac('sha256', this.#tagKey).update(at).update(body).digest())
  }
}

/** An epoch as it stands on disk: nothing secret. `check` tells whether a key of that id is the one. */
export interface EpochLine { readonly number: number, readonly idBytes: Uint8Array, readonly salt: Uint8Array, readonly check: Uint8Array }

export interface EpochsRecord {
  /** Records that are not sealed may be left from before encryption. */
  readonly plain: boolean
  /** By rising number, and at least one. */
  readonly lines: readonly EpochLine[]
  /** Over the rest, under the last epoch's key: otherwise whoever can write to the disk could say that plain records are left. */
  readonly tag: Uint8Array
}

/** Continues the numbers of records.ts. */
const EPOCHS = 10
const ID_BYTES = 8
export const SALT_BYTES = 32
const CHECK_BYTES = 16
const TAG_BYTES = 32

export function encodeEpochs (key: Uint8Array, { plain, lines, tag }: EpochsRecord): Uint8Array {
  return seal(EPOCHS, key, new Writer().raw(epochsBody(plain, lines)).raw(tag).finish())
}

/** What the tag is over. */
export function epochsBody (plain: boolean, lines: readonly EpochLine[]): Uint8Array {
  const body = new Writer().u8(plain ? 1 : 0).u32(lines.length)
  for (const { number, idBytes, salt, check } of lines) body.u32(number).raw(idBytes).raw(salt).raw(check)
  return body.finish()
}

export function decodeEpochs (key: Uint8Array, stored: Uint8Array): EpochsRecord {
  const body = new Reader(unseal(EPOCHS, key, stored))
  const plain = body.u8()
  const count = body.u32()
  if (plain > 1) throw new CodecError(`plain records marked ${plain}`)
  if (count === 0 || body.left !== count * (4 + ID_BYTES + SALT_BYTES + CHECK_BYTES) + TAG_BYTES) throw new CodecError(`${count} epochs in ${body.left} bytes`)
  const lines: EpochLine[] = []
  for (let last = 0; lines.length < count; last = lines[lines.length - 1].number) {
    const line = { number: body.u32(), idBytes: new Uint8Array(body.raw(ID_BYTES)), salt: new Uint8Array(body.raw(SALT_BYTES)), check: new Uint8Array(body.raw(CHECK_BYTES)) }
    if (line.number <= last) throw new CodecError(`epoch ${line.number} after ${last}`)
    lines.push(line)
  }
  return { plain: plain === 1, lines, tag: new Uint8Array(body.raw(TAG_BYTES)) }
}

export function taggedEpochs (at: Uint8Array, plain: boolean, epochs: readonly Epoch[]): Uint8Array {
  const tag = epochs[epochs.length - 1].tag(at, epochsBody(plain, epochs))
  return encodeEpochs(at, { plain, lines: epochs, tag })
}

export function isTagged (at: Uint8Array, { plain, lines, tag }: EpochsRecord, last: Epoch): boolean {
  return equalBytes(last.tag(at, epochsBody(plain, lines)), tag)
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
