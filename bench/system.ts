import type { Target } from './driver.js'

/** Three members of a system under test, each a process of its own. */
export interface System extends AsyncDisposable {
  readonly name: 'raftmesh' | 'etcd'
  /** Those that are alive. */
  processes: () => Array<{ name: string, pid: number }>
  leaderName: () => Promise<string>
  /** Where the load goes, as of now. */
  target: () => Promise<Target>
  /** SIGKILL. Returns the wall time of the kill in ms. */
  killLeader: () => Promise<number>
  /** Starts again what was killed, and waits until it has caught up with the rest. */
  heal: () => Promise<void>
}
