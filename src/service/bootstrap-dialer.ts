import { multiaddr } from '@multiformats/multiaddr'
import { peerIdFromString } from '@libp2p/peer-id'
import { BootstrapError } from '../errors.js'
import type { BootstrapStatus } from './api.js'
import type { Clock, Timer } from '../clock.js'
import type { Libp2pEvents, Logger, PeerId } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { TypedEventTarget } from 'main-event'

const FIRST_RETRY_MS = 250
const LAST_RETRY_MS = 30_000

export interface BootstrapDialerInit {
  readonly connectionManager: Pick<ConnectionManager, 'openConnection' | 'getConnections'>
  readonly events: TypedEventTarget<Libp2pEvents>
  readonly self: PeerId
  readonly clock: Clock
  readonly random: () => number
  readonly log: Logger
  readonly onChange: (status: BootstrapStatus) => void
}

interface Target { readonly address: Multiaddr, readonly peer: PeerId | undefined, connectedTo?: string, failures: number, error?: Error, timer?: Timer }

/**
 * Keeps the node connected to the addresses it enters the mesh by, for as long as it runs: libp2p's own `bootstrap` dials once and
 * its KEEP_ALIVE tag gives up after half a minute, so a node whose only known peer restarts slowly would stay alone for ever.
 */
export class BootstrapDialer {
  private readonly targets: Target[]
  private readonly abort = new AbortController()
  private readonly onDisconnect = (event: CustomEvent<PeerId>): void => {
    for (const target of this.targets) {
      if (target.connectedTo === event.detail.toString()) this.lost(target)
    }
  }

  constructor (addresses: readonly Multiaddr[], private readonly init: BootstrapDialerInit) {
    this.targets = addresses
      .map((address): Target => ({ address, peer: peerOfAddress(address), failures: 0 }))
      // A node may be given the same list as all the others, its own address included.
      .filter(target => target.peer === undefined || !target.peer.equals(init.self))
  }

  start (): void {
    this.init.events.addEventListener('peer:disconnect', this.onDisconnect)
    for (const target of this.targets) this.dial(target)
  }

  stop (): void {
    this.init.events.removeEventListener('peer:disconnect', this.onDisconnect)
    this.abort.abort()
    for (const target of this.targets) target.timer?.cancel()
  }

  status (): BootstrapStatus[] {
    return this.targets.map(statusOf)
  }

  private dial (target: Target): void {
    target.timer = undefined
    const { connectionManager, onChange } = this.init
    connectionManager.openConnection(target.address, { signal: this.abort.signal }).then(connection => {
      if (this.abort.signal.aborted) return
      target.connectedTo = connection.remotePeer.toString()
      target.failures = 0
      target.error = undefined
      onChange(statusOf(target))
      // It may have closed between the dial and this turn: then no event will come any more.
      if (connectionManager.getConnections(connection.remotePeer).length === 0) this.lost(target)
    }, (cause: Error) => {
      if (this.abort.signal.aborted) return
      target.failures++
      target.error = new BootstrapError(`Bootstrap address ${target.address.toString()} could not be dialled (${cause.message}); trying again, check that a node listens there`, { cause })
      // The first failure, and then ever more rarely: an address that stays dead must not fill the log.
      if (Number.isInteger(Math.log2(target.failures))) this.init.log.error('%s', target.error.message)
      onChange(statusOf(target))
      this.retry(target)
    })
  }

  private lost (target: Target): void {
    target.connectedTo = undefined
    this.init.onChange(statusOf(target))
    this.retry(target)
  }

  private retry (target: Target): void {
    if (this.abort.signal.aborted || target.timer !== undefined) return
    const backOff = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(target.failures, 10))
    target.timer = this.init.clock.setTimer(backOff * (0.5 + this.init.random() / 2), () => { this.dial(target) })
  }
}

function statusOf (target: Target): BootstrapStatus {
  return {
    address: target.address.toString(),
    connected: target.connectedTo !== undefined,
    failures: target.failures,
    ...(target.error === undefined ? {} : { error: target.error })
  }
}

function peerOfAddress (address: Multiaddr): PeerId | undefined {
  const id = address.getComponents().findLast(part => part.name === 'p2p')?.value
  return id === undefined ? undefined : peerIdFromString(id)
}

/**
 * Parses every bootstrap address. Those that are no multiaddr are reported; it throws BootstrapError only if some were given and
 * none of them is valid: a mesh's first node has none.
 */
export function parseBootstrap (addresses: ReadonlyArray<string | Multiaddr>, report: (error: BootstrapError) => void): Multiaddr[] {
  const valid: Multiaddr[] = []
  for (const address of addresses) {
    try {
      const parsed = multiaddr(address)
      peerOfAddress(parsed)
      valid.push(parsed)
    } catch (cause) {
      const error = new BootstrapError(`Bootstrap address "${String(address)}" is not a multiaddr such as /ip4/192.0.2.1/tcp/4001/p2p/<peer id>`, { cause })
      if (addresses.length === 1) throw error
      report(error)
    }
  }
  if (addresses.length > 0 && valid.length === 0) throw new BootstrapError('None of the bootstrap addresses is a valid multiaddr such as /ip4/192.0.2.1/tcp/4001/p2p/<peer id>')
  return valid
}
