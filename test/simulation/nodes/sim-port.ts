import { errorFromWire } from '../../../src/errors.js'
import { handleRequest } from '../../../src/service/command-handlers.js'
import { failureOf } from '../../../src/wire/commands.js'
import { RequestLostError } from '../../../src/wire/index.js'
import type { SimNode } from './sim-node.js'
import type { World } from './world.js'
import type { CommandPort } from '../../../src/service/requests.js'
import type { RequestBody, Response } from '../../../src/wire/index.js'
import type { PeerId } from '@libp2p/interface'

/** A node's command streams to others, in place of CommandStreams. */
export class SimPort implements CommandPort {
  constructor (private readonly world: World, private readonly node: SimNode) {}

  async request (peer: PeerId, body: RequestBody, { timeoutMs, signal }: { timeoutMs: number, signal?: AbortSignal }): Promise<Response> {
    const { node, world } = this
    const to = world.nodeOf(peer.toString())
    if (to === undefined) throw new RequestLostError(`${peer.toString()} is no node`, false)
    if (to === node) return { id: 0, ...await handleRequest(node.hosts.get(body.namespace), body, { peer: node.peer }) }
    const life = node.alive
    return await new Promise<Response>((resolve, reject) => {
      let over = false
      const end = (settle: () => void): void => {
        if (over) return
        over = true
        timer.cancel()
        signal?.removeEventListener('abort', onAbort)
        settle()
      }
      const lose = (sent: boolean, why: string): void => { end(() => { reject(new RequestLostError(`${node.name} to ${to.name}: ${why}`, sent)) }) }
      const onAbort = (): void => { lose(true, 'given up by its caller') }
      const timer = life.clock.setTimer(timeoutMs, () => { lose(true, 'no answer in time') })
      if (signal?.aborted === true) {
        lose(false, 'given up before it left')
        return
      }
      signal?.addEventListener('abort', onAbort)
      const reset = (sent: boolean): void => { life.after(world.mesh.delay(to, node), () => { lose(sent, 'the connection was reset') }) }
      if (!world.mesh.open(node, to)) {
        // Into a quiet cut: nobody will ever say anything.
        if (world.mesh.isLoud(node, to)) reset(false)
        return
      }
      this.deliver(to, body, reset, answer => { end(() => { settleWith(answer, resolve, reject) }) })
    })
  }

  private deliver (to: SimNode, body: RequestBody, reset: (sent: boolean) => void, answered: (answer: Response) => void): void {
    const { node, world } = this
    const there = to.alive
    const back = (answer: Response): void => {
      release()
      if (!there.alive) return
      if (world.mesh.open(to, node)) node.life?.after(world.mesh.delay(to, node), () => { answered(answer) })
      else if (world.mesh.isLoud(to, node)) reset(true)
    }
    // Whoever dies with a request in hand resets the connection.
    const release = there.onDeath(() => { reset(true) })
    there.after(world.mesh.delay(node, to), () => {
      if (!world.mesh.open(node, to)) {
        release()
        if (world.mesh.isLoud(node, to)) reset(true)
        return
      }
      handleRequest(to.hosts.get(body.namespace), body, { peer: node.peer }).then(
        response => { back({ id: 1, ...response }) },
        (error: unknown) => { back({ id: 1, failure: failureOf(error) }) })
    })
  }
}

function settleWith (answer: Response, resolve: (response: Response) => void, reject: (error: Error) => void): void {
  const { failure } = answer
  if (failure === undefined) resolve(answer)
  else reject(errorFromWire(failure.name, failure.message, failure.leader))
}
