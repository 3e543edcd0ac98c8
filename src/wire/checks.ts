import { MalformedFrameError } from '../errors.js'

/** Run a decoder; whatever it throws becomes a MalformedFrameError that says what was being read. */
export function decoding<T> (what: string, decode: () => T): T {
  try {
    return decode()
  } catch (err) {
    if (err instanceof MalformedFrameError) throw err
    throw new MalformedFrameError(`cannot read ${what}: ${err instanceof Error ? err.message : String(err)}`, { cause: err })
  }
}

/** protons reads a 64-bit field as a double: one that a double cannot hold exactly is refused. */
export function checkedInteger (value: number, name: string, least = 0): number {
  if (!Number.isSafeInteger(value) || value < least) throw new MalformedFrameError(`${name} is ${value}, expected a safe integer of at least ${least}`)
  return value
}
