import type { StoreOp } from './types.js'

/** Before any of them is taken, so that a bad operation can't leave half a batch behind in a write that others share. */
export function checkOps (ops: readonly StoreOp[]): void {
  for (const op of ops) {
    if (!(op.key instanceof Uint8Array) || op.key.length === 0 || (op.type === 'put' && !(op.value instanceof Uint8Array))) {
      throw new TypeError('a store operation needs a key of at least one byte, and a put a value, as Uint8Array')
    }
  }
}
