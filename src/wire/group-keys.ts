import type { KeyRing } from '../keys/index.js'

/** A group that this node hosts. Without `keys`, what it says goes in clear. */
export interface HostedGroup { readonly namespace: string, readonly clusterId: Uint8Array, readonly keys?: KeyRing }
export interface SealedGroup extends HostedGroup { readonly keys: KeyRing }

/** Which groups of this node are sealed, and with what. The Raft link is told before a group is opened; the engine knows nothing of it. */
export class GroupKeys {
  private readonly groups = new Map<string, HostedGroup>()
  private sealedCount = 0

  open (clusterId: Uint8Array, { namespace, keys }: { namespace: string, keys?: KeyRing }): void {
    this.close(clusterId)
    this.groups.set(nameOf(clusterId), { clusterId: clusterId.slice(), namespace, keys })
    if (keys !== undefined) this.sealedCount++
  }

  close (clusterId: Uint8Array): void {
    const name = nameOf(clusterId)
    if (this.groups.get(name)?.keys !== undefined) this.sealedCount--
    this.groups.delete(name)
  }

  hosted (clusterId: Uint8Array): HostedGroup | undefined { return this.groups.get(nameOf(clusterId)) }

  /** Undefined: in clear, or not here. Asked for each batch: a node that seals nothing pays nothing. */
  sealed (clusterId: Uint8Array): SealedGroup | undefined {
    if (this.sealedCount === 0) return undefined
    const group = this.hosted(clusterId)
    return group !== undefined && isSealed(group) ? group : undefined
  }
}

export function isSealed (group: HostedGroup): group is SealedGroup { return group.keys !== undefined }

function nameOf (clusterId: Uint8Array): string {
  return Buffer.from(clusterId.buffer, clusterId.byteOffset, clusterId.byteLength).toString('latin1')
}
