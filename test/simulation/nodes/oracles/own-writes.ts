import type { KvCommand, TxnOp } from '../../../../src/machine/kv-types.js'

interface Put { readonly key: Uint8Array, readonly value: Uint8Array }

/** What programs write, no two of which are alike. Recipes say the same again and again, and a session's writes may well be there twice. */
export function ownWrites (command: KvCommand): Put[] {
  const ops: readonly TxnOp[] = command.type === 'batch' ? command.ops : command.type === 'txn' ? command.then : command.type === 'put' ? [command] : []
  return ops.filter(op => op.type === 'put').filter(({ key }) => key[0] !== 0)
}
