import { execFile } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Member } from './member.js'

const run = promisify(execFile)

/** Why a disk cannot be filled on this machine; undefined if it can. */
export async function diskFaultsMissing (): Promise<string | undefined> {
  try {
    await run('prlimit', ['--version'])
    return undefined
  } catch {
    return 'no full disks: they need the program prlimit, which is part of util-linux'
  }
}

/**
 * Lets the node's process write so many bytes more and then fails every write with EFBIG, part of the last one written, as a full disk does
 * with ENOSPC. Needs no rights. Node ignores SIGXFSZ, so the failed write is all that happens.
 */
export async function leaveRoom ({ pid, dataDir }: Pick<Member, 'pid' | 'dataDir'>, room: number): Promise<void> {
  await setLimit(pid, String(await writeAheadLogSize(dataDir) + room))
}

/** Somebody has tidied up. */
export async function makeRoom ({ pid }: Pick<Member, 'pid'>): Promise<void> { await setLimit(pid, 'unlimited') }

/** The soft limit only: the hard one could not be raised again. */
async function setLimit (pid: number, bytes: string): Promise<void> { await run('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`]) }

/** LevelDB appends everything to the newest of its .log files. */
async function writeAheadLogSize (directory: string): Promise<number> {
  const names = (await readdir(directory, { recursive: true })).filter(name => name.endsWith('.log'))
  const sizes = await Promise.all(names.map(async name => await size(join(directory, name))))
  return Math.max(0, ...sizes)
}

async function size (path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch {
    return 0 // LevelDB has moved on to another meanwhile.
  }
}
