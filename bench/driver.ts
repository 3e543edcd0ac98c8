/** What the load process needs of a system under test. Both systems get the same calls, from the same loop. */
export interface Driver {
  put: (key: string, value: Uint8Array) => Promise<void>
  /** A linearizable read. Rejects if the key is not there. */
  get: (key: string) => Promise<void>
  close: () => Promise<void>
}

export type Target =
  | { readonly system: 'raftmesh', readonly addresses: readonly string[], readonly namespace: string }
  | { readonly system: 'etcd', readonly endpoints: readonly string[], readonly leader: string }
