import type { Logger } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'

/**
 * From the call on no stream of this protocol is taken. libp2p then notes it in its peer store: with a full disk that fails, which must
 * not keep a node from closing.
 */
export async function unhandle (registrar: Pick<Registrar, 'unhandle'>, protocol: string, log: Logger): Promise<void> {
  try {
    await registrar.unhandle(protocol)
  } catch (error) {
    log.error('could not note that %s is not served any more: %e', protocol, error)
  }
}
