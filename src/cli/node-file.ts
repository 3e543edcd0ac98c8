import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { InvalidArgumentError, UnavailableError } from '../errors.js'

export const DEFAULT_DATA_DIR = './raftmesh-data'
const NAME = 'node.json'

/** How other commands on this machine find a running node. */
export interface NodeFile { readonly peer: string, readonly pid: number, readonly addresses: readonly string[], readonly namespaces: readonly string[] }

/** Written beside and renamed, so that whoever reads it never sees half of it. */
export async function writeNodeFile (dataDir: string, content: NodeFile): Promise<void> {
  const path = join(dataDir, NAME)
  const draft = `${path}.${process.pid}.tmp`
  await writeFile(draft, `${JSON.stringify(content, null, 2)}\n`)
  await rename(draft, path)
}

export async function removeNodeFile (dataDir: string): Promise<void> {
  await rm(join(dataDir, NAME), { force: true })
}

/** Addresses of the node that runs on `dataDir`. */
export async function readNodeFile (dataDir: string): Promise<NodeFile> {
  const path = join(dataDir, NAME)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw new UnavailableError(`${path} cannot be read`, { cause })
    throw new UnavailableError(`No node runs on ${dataDir} (there is no ${path}): start one with raftmesh start --data ${dataDir}, or name one with --peer <multiaddr>`)
  }
  try {
    const content = JSON.parse(text) as Partial<NodeFile> | null
    if (Array.isArray(content?.addresses) && content.addresses.every(address => typeof address === 'string')) return content as NodeFile
  } catch { /* told below */ }
  throw new InvalidArgumentError(`${path} is not what raftmesh start writes: remove it and start the node again, or name a node with --peer <multiaddr>`)
}
