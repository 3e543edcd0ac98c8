import { decodeKvCommand } from '../machine/index.js'
import { toSpan } from './spans.js'
import type { Query } from './queries.js'
import type { KvCommand, TxnOp } from '../machine/kv-types.js'
import type { KeySpan } from '../machine/types.js'

/** What it takes: a right to a key, to all keys of a span, to some key at least, or, for `admin`, to the namespace. */
export type Need =
  | { readonly role: 'read' | 'write', readonly key: Uint8Array }
  | { readonly role: 'read' | 'write', readonly span: KeySpan }
  | { readonly role: 'read' | 'write', readonly some: string }
  | { readonly role: 'admin', readonly what: string }

const encoder = new TextEncoder()

/** Of a command of the KV. What its leases hold is to be looked up: see {@link leasesOf}. */
export function needsOf (command: KvCommand): Need[] {
  switch (command.type) {
    case 'put': case 'delete': return [{ role: 'write', key: command.key }]
    case 'batch': return command.ops.map(({ key }) => ({ role: 'write', key }))
    // Of both branches: which of them it takes is known only when it is done.
    case 'txn': return [...command.compare.map(({ key }): Need => ({ role: 'read', key })), ...[...command.then, ...command.else].map(needOf)]
    case 'grant': return [{ role: 'write', some: 'grant leases' }]
    case 'revoke': return [{ role: 'write', some: 'revoke leases' }]
    case 'compact': return [{ role: 'admin', what: 'compact history' }]
    case 'session': return needsOf(decodeKvCommand(command.command))
    default: return [{ role: 'write', span: toSpan({ prefix: encoder.encode(`\0queue/${command.queue}/`) }) }]
  }
}

/** Leases that a command ends, or hangs keys on. That takes the right to all that they hold: see {@link checkLeaseKeys}. */
export function leasesOf (command: KvCommand): readonly number[] {
  switch (command.type) {
    case 'session': return leasesOf(decodeKvCommand(command.command))
    case 'revoke': return command.leases
    case 'put': return attachedTo([command])
    case 'batch': return attachedTo(command.ops)
    case 'txn': return attachedTo([...command.then, ...command.else])
    default: return []
  }
}

const attachedTo = (ops: readonly TxnOp[]): number[] => ops.flatMap(op => (op.type === 'put' || op.type === 'append') && (op.lease ?? 0) !== 0 ? [op.lease as number] : [])

export function needsOfQuery (query: Query): Need[] {
  switch (query.type) {
    case 'row': return [{ role: 'read', key: query.key }]
    case 'rows': case 'changes': return [{ role: 'read', span: query.span }]
    case 'keepAlive': return [{ role: 'write', some: 'keep leases alive' }]
    case 'leaseStatus': case 'leases': return [{ role: 'read', some: 'look at leases' }]
    case 'publish': return [{ role: 'write', key: encoder.encode(query.topic) }]
    case 'listen': return [{ role: 'read', key: encoder.encode(query.topic) }]
  }
}

function needOf (op: TxnOp): Need {
  switch (op.type) {
    case 'get': return { role: 'read', key: op.key }
    case 'delete-range': return { role: 'write', span: op }
    // Without a prefix it is a key that begins with a zero byte, which a range that names nothing leaves out.
    case 'append': return { role: 'write', span: op.prefix.byteLength === 0 ? { from: op.prefix } : toSpan({ prefix: op.prefix }) }
    default: return { role: 'write', key: op.key }
  }
}
