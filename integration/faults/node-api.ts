import type { NodeMethods } from '../../examples/support/node-api.js'

/** Exit code of a node whose closing was rejected, which is not a crash. */
export const CLOSING_FAILED = 3

export interface FaultNodeConfig {
  readonly dataDir: string
  /** The Unix socket to listen on. */
  readonly socket: string
  /** What others dial in its place. */
  readonly announce: string
  /** The loopback address to dial from. */
  readonly localAddress: string
  readonly bootstrap: readonly string[]
}

/** A node's own applied state. Complete as of `applied`, since nothing was applied while it was read. */
export interface State { readonly applied: number, readonly rows: ReadonlyArray<readonly [key: string, value: string]> }

export interface FaultNodeMethods extends Pick<NodeMethods, 'join' | 'set' | 'get' | 'delete' | 'batch' | 'barrier' | 'stats'> {
  start: (config: FaultNodeConfig) => Promise<{ peer: string }>
  /** Undefined: something was applied meanwhile; ask again. */
  state: (args: { namespace: string }) => Promise<State | undefined>
}
