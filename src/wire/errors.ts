import { MalformedFrameError, RaftMeshError } from '../errors.js'
import type { Outcome } from '../errors.js'

/**
 * A request got no answer: its stream died, or its caller gave up (`cause` is then the signal's reason). `sent` says whether it had
 * been handed to the stream. If not, the peer never saw it and it can safely be sent again; if so, a write may have happened.
 */
export class RequestLostError extends RaftMeshError {
  static override readonly name: string = 'RequestLostError'
  override readonly outcome: Outcome
  constructor (message: string, readonly sent: boolean, options?: ErrorOptions) {
    super(message, options)
    this.outcome = sent ? 'unknown' : 'refused'
  }
}

/** A sealed box under a key that is known here, which does not open or comes out of turn. Its stream is closed. */
export class BrokenSealError extends MalformedFrameError { static override readonly name: string = 'MalformedFrameError' }

/** Whatever was thrown, as an Error. */
export function asError (err: unknown): Error {
  return err instanceof Error ? err : new Error(String(err))
}
