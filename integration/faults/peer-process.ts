/** One end of a bare TCP connection, to see what a network does to it; and somebody who has a network, and is killed. */
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { serve } from '../../examples/support/rpc.js'
import { NamespaceNetwork } from './namespace-network.js'
import { startChild } from './spawn.js'
import type { Socket } from 'node:net'

export interface PeerMethods {
  listen: (args: { host: string, port: number }) => Promise<void>
  /** Resolves with 'connected', or with the code of what went wrong. */
  dial: (args: { host: string, port: number }) => Promise<string>
  /** On the newest connection, dialled or accepted, as all that follows. */
  say: (args: { text: string }) => Promise<void>
  heard: (args: null) => Promise<string>
  /** How the connection ended: a code, or '' for an ordinary end. */
  ended: (args: null) => Promise<string | undefined>
  hangUp: (args: null) => Promise<void>
  /** Makes a network with a process on it that is stopped. */
  ownNetwork: (args: { directory: string }) => Promise<void>
}

let socket: Socket | undefined
let heard = ''
let ended: string | undefined

function use (newest: Socket): void {
  socket?.destroy()
  socket = newest.setNoDelay(true)
  heard = ''
  ended = undefined
  let code = ''
  newest.on('data', bytes => { if (newest === socket) heard += bytes.toString() })
  newest.on('error', (error: NodeJS.ErrnoException) => { code = error.code ?? error.name })
  newest.on('close', () => { if (newest === socket) ended = code })
}

const methods: PeerMethods = {
  listen: async ({ host, port }) => { await once(createServer(use).listen(port, host), 'listening') },
  dial: async ({ host, port }) => {
    const dialled = connect({ host, port })
    use(dialled)
    return await once(dialled, 'connect').then(() => 'connected', (error: NodeJS.ErrnoException) => error.code ?? error.name)
  },
  say: async ({ text }) => { socket?.write(text) },
  heard: async () => heard,
  ended: async () => ended,
  hangUp: async () => { socket?.destroy() },
  ownNetwork: async ({ directory }) => {
    const network = await NamespaceNetwork.open(directory)
    const { execPath } = await network.client('stopped')
    const child = startChild<PeerMethods>({ name: 'stopped', script: 'peer-process', execPath })
    await child.call('heard', null)
    child.signal('SIGSTOP')
  }
}

serve({ ...methods })
