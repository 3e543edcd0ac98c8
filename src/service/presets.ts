import type { Preset, TimeoutOptions } from './api.js'

/**
 * Heartbeat, election and request timeouts in ms. The election timeout is what a failover waits for at worst, and must be well over a
 * round trip plus a slow disk's sync (Raft §5.6: broadcast time ≪ election timeout): 10 heartbeats here, so that one lost heartbeat,
 * or a pause of the garbage collector, elects nobody.
 *
 * - `local`: one machine or one rack, round trips under 10 ms.
 * - `regional`: one region or several nearby, round trips up to 50 ms.
 * - `global`: between continents, round trips up to 300 ms.
 */
export const presets: Readonly<Record<Preset, Readonly<Required<TimeoutOptions>>>> = {
  local: { heartbeat: 50, election: 500, request: 5_000 },
  regional: { heartbeat: 150, election: 1_500, request: 10_000 },
  global: { heartbeat: 500, election: 5_000, request: 30_000 }
}

export const DEFAULT_PRESET: Preset = 'regional'
