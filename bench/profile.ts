import { readFile } from 'node:fs/promises'
import { table } from '../examples/support/table.js'

interface ProfileNode {
  readonly id: number
  readonly callFrame: { readonly functionName: string, readonly url: string, readonly lineNumber: number }
}

/** What `node --cpu-prof` writes. */
interface Profile { readonly nodes: readonly ProfileNode[], readonly samples: readonly number[], readonly timeDeltas: readonly number[] }

const IDLE = '(idle)'

/** `dist/src/engine/group.js` → `src/engine/group.ts`, a library → its name. */
function source (url: string): string {
  const library = /node_modules\/((?:@[^/]+\/)?[^/]+)(?!.*node_modules\/)/.exec(url)?.[1]
  if (library !== undefined) return library
  return url.replace(/^.*\/dist\//, '').replace(/\.js$/, '.ts')
}

/** A layer of raftmesh, a library, or what node does by itself. */
function layer (where: string): string {
  return /^(src\/[^/]+)\//.exec(where)?.[1] ?? (where.startsWith('node:') ? 'node' : where)
}

/** Where the CPU time of a process went, by layer or library and by function, as parts of the time that it was busy. */
export async function summarise (path: string, top = 25): Promise<string> {
  const { nodes, samples, timeDeltas } = JSON.parse(await readFile(path, 'utf8')) as Profile
  const byId = new Map(nodes.map(node => [node.id, node]))
  const layers = new Map<string, number>()
  const functions = new Map<string, number>()
  let busy = 0
  let idle = 0
  for (const [i, id] of samples.entries()) {
    const { functionName = '', url = '', lineNumber = 0 } = byId.get(id)?.callFrame ?? {}
    const time = timeDeltas[i] ?? 0
    if (functionName === IDLE) { idle += time; continue }
    busy += time
    // Without a file: the garbage collector, and calls of node's own into C++, such as a write to a socket.
    const where = url === '' ? `${functionName === '' ? '(native)' : functionName}` : source(url)
    const name = url === '' ? where : `${where}:${lineNumber + 1} ${functionName === '' ? '(anonymous)' : functionName}`
    layers.set(layer(where), (layers.get(layer(where)) ?? 0) + time)
    functions.set(name, (functions.get(name) ?? 0) + time)
  }
  const part = (time: number): string => `${(time / busy * 100).toFixed(1)} %`
  const rows = (times: Map<string, number>, count: number): string[][] =>
    [...times].sort((a, b) => b[1] - a[1]).slice(0, count).map(([name, time]) => [part(time), name])
  const seconds = (micros: number): string => (micros / 1e6).toFixed(1)
  return `busy ${seconds(busy)} s of ${seconds(busy + idle)} s\n\n${table(['time', 'layer or library'], rows(layers, 15))}\n\n${table(['time', 'function'], rows(functions, top))}`
}
