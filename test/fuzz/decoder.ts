import type fc from 'fast-check'
import type { ErrorClass } from './support.js'

/** Something that makes sense of bytes from a peer or from disk, and what is promised of it. */
export interface Decoder<T = unknown> {
  /** Also the name of its file in `corpus/`. */
  readonly name: string
  /** What the current version writes, of every kind. */
  readonly valid: fc.Arbitrary<Uint8Array>
  readonly decode: (bytes: Uint8Array) => T
  readonly encode: (value: T) => Uint8Array
  /** The classes of its refusals; nothing else may be thrown. */
  readonly refuses: readonly ErrorClass[]
  /** A message of protobuf, whose fields can be changed one by one. */
  readonly protobuf?: boolean
  /** Only one spelling is accepted: what decodes has been encoded so, to the byte. */
  readonly canonical?: boolean
  /** What the rest of the program relies on of whatever is accepted, besides that its numbers are safe integers of 0 or more. */
  readonly sound?: (value: T) => boolean
  /** The part of a result that is made anew for these bytes. Default: all of it. */
  readonly made?: (value: T) => unknown
}

/** Each has a type of its own; those that run through all of them need none. */
export function decoder<T> (of: Decoder<T>): Decoder {
  return of as unknown as Decoder
}
