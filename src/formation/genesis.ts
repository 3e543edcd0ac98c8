import { encodeConfiguration, makeConfiguration } from '../raft/configuration.js'
import type { Entry, MemberId } from '../raft/types.js'

/**
 * The first entry of a founded group, the same to the byte at every founder: so each can put it in its own log, committed by the
 * founders' promises rather than by Raft, and elect a leader from there. Its time is 0 because founders' clocks differ.
 */
export function genesisEntry (founders: readonly MemberId[]): Entry {
  return { index: 1, term: 1, kind: 'config', time: 0, data: encodeConfiguration(makeConfiguration(founders)) }
}
