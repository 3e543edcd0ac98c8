import type { ClientOptions } from '../../src/index.js'
import type { NodeMethods } from '../../examples/support/node-api.js'

/** Exit code of a node whose closing was rejected, which is not a crash. */
export const CLOSING_FAILED = 3

export interface FaultNodeConfig {
  /** Without one, and without an address to listen on: a client. */
  readonly dataDir?: string
  readonly listen?: string
  /** What others dial. */
  readonly announce?: string
  /** The address to dial from. */
  readonly localAddress?: string
  readonly bootstrap: readonly string[]
}

/** A node's own applied state. Complete as of `applied`, since nothing was applied while it was read. */
export interface State { readonly applied: number, readonly rows: ReadonlyArray<readonly [key: string, value: string]> }

export interface FaultNodeMethods extends Pick<NodeMethods, 'join' | 'set' | 'get' | 'delete' | 'batch' | 'barrier' | 'stats'> {
  start: (config: FaultNodeConfig) => Promise<{ peer: string }>
  /** In place of `join`: as a client. */
  visit: (args: { namespace: string, options: ClientOptions }) => Promise<void>
  /** Undefined: something was applied meanwhile; ask again. */
  state: (args: { namespace: string }) => Promise<State | undefined>
}
