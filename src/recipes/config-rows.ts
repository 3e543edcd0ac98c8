import { ownPrefix } from './names.js'
import { toId } from './queue-input.js'
import type { Row } from './types.js'

/**
 * The rows of a project:
 *
 *   k<key>                              what the key holds now, or that it is deleted. Never removed: its version goes on where it was
 *   h<length of key, 2 bytes><key><version, 8 bytes>   each version that is kept
 *
 * With its length before it, no key's history reaches into that of another which begins alike.
 */
export interface ConfigKeys {
  readonly heads: Uint8Array
  readonly head: (key: string) => Uint8Array
  readonly history: (key: string) => Uint8Array
  readonly version: (key: string, version: number) => Uint8Array
}

/** What is kept of a version: its value, or undefined where it is that the key was deleted. */
export type Stored = Uint8Array | undefined

export const MAX_CONFIG_KEY = 1_024

const DELETED = 0
const SET = 1

export function configKeys (project: string): ConfigKeys {
  const prefix = ownPrefix('config', project)
  const under = (letter: string, ...parts: Uint8Array[]): Uint8Array => Buffer.concat([prefix, Buffer.from(letter), ...parts])
  const bytes = (key: string): Uint8Array => toId(key, MAX_CONFIG_KEY, 'The key')
  const history = (key: string): Uint8Array => {
    const name = bytes(key)
    return under('h', Uint8Array.of(name.length >> 8, name.length & 0xff), name)
  }
  return {
    heads: under('k'),
    head: key => under('k', bytes(key)),
    history,
    version (key, version) {
      const number = new DataView(new ArrayBuffer(8))
      number.setBigUint64(0, BigInt(version))
      return Buffer.concat([history(key), new Uint8Array(number.buffer)])
    }
  }
}

export function encodeStored (value: Stored): Uint8Array {
  if (value === undefined) return Uint8Array.of(DELETED)
  const out = new Uint8Array(value.length + 1)
  out[0] = SET
  out.set(value, 1)
  return out
}

/** Of a copy: nobody may write into what it was read from. */
export function decodeStored (stored: Uint8Array): Stored {
  return stored[0] === SET ? new Uint8Array(stored.subarray(1)) : undefined
}

export function versionOf ({ key }: Row): number {
  return Number(new DataView(key.buffer, key.byteOffset, key.byteLength).getBigUint64(key.byteLength - 8))
}
