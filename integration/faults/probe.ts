import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { Namespace } from './namespace.js'
import type { Tools } from './shaping.js'

/** Those that are not in the PATH. */
export async function absent (programs: readonly string[]): Promise<string[]> {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const isThere = async (program: string): Promise<boolean> => {
    const tries = await Promise.allSettled(folders.map(async folder => { await access(join(folder, program), constants.X_OK) }))
    return tries.some(({ status }) => status === 'fulfilled')
  }
  const found = await Promise.all(programs.map(isThere))
  return programs.filter((_, i) => !found[i])
}

/** Asked of the kernel itself: that a program is there says nothing of what was built into the kernel, or may be loaded. */
export async function probeTools (namespace: Namespace): Promise<Tools & { readonly kill: boolean }> {
  const works = async (...commands: string[]): Promise<boolean> => {
    try {
      await namespace.run(['tc', '-batch', '-'], `${commands.join('\n')}\n`)
      return true
    } catch {
      return false
    }
  }
  // The switch itself carries nothing of ours that could suffer.
  return {
    netem: await works('qdisc add dev switch root netem delay 1ms', 'qdisc del dev switch root'),
    bucket: await works('qdisc add dev switch root tbf rate 1mbit burst 8kb latency 1ms', 'qdisc del dev switch root'),
    filter: await works('qdisc add dev switch clsact', 'filter add dev switch egress pref 1 bpf direct-action bytecode "1,6 0 0 0"', 'qdisc del dev switch clsact'),
    kill: await canKill(namespace)
  }
}

const CONNECTED = `
  const server = require('net').createServer(socket => socket.on('error', () => {}))
  server.listen(0, '127.0.0.1', () => require('net').connect(server.address().port, '127.0.0.1', () => console.log('connected')).on('error', () => {}))
`

/** A kernel that cannot end connections says nothing, and neither does ss: it lists those that it has ended. */
async function canKill (namespace: Namespace): Promise<boolean> {
  const [program, ...args] = namespace.entrance
  const pair = spawn(program, [...args, process.execPath, '-e', CONNECTED], { stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = once(pair, 'close')
  try {
    await Promise.race([once(pair.stdout, 'data'), ended])
    return (await namespace.run(['ss', '--kill', '--no-header', '--tcp', 'dst', '127.0.0.1'])).trim() !== ''
  } catch {
    return false
  } finally {
    pair.kill('SIGKILL')
    await ended
  }
}
