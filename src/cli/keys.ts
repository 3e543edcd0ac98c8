import { open, readFile } from 'node:fs/promises'
import { EncryptionKeyError, InvalidArgumentError } from '../errors.js'
import { generateKey, KeyRing } from '../keys/index.js'
import type { Parsed } from './args.js'
import type { Output } from './output.js'

/** Makes a key; prints it, or writes it where nobody else can read it. Returns the exit code. */
export async function runKeygen (parsed: Parsed, { output }: { output: Output }): Promise<number> {
  const key = generateKey()
  const path = parsed.text('out')
  if (path === undefined) {
    output.out(key)
    return 0
  }
  await writeKeyFile(path, key)
  output.err(`wrote a key with id ${new KeyRing(key).current.id} to ${path}: give it to all members and clients of the namespace, and to nobody else`)
  return 0
}

async function writeKeyFile (path: string, key: string): Promise<void> {
  try {
    // Never over another: what is sealed with that one could not be opened any more.
    await using file = await open(path, 'wx', 0o600)
    await file.writeFile(`${key}\n`)
    await file.sync()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') throw new InvalidArgumentError(`${path} exists already: a key is never written over a file`)
    throw new InvalidArgumentError(`The key could not be written to ${path}`, { cause })
  }
}

/** The ring in --key-file: a key in each line, of which the first is current. Undefined without the option. */
export async function keyRing (parsed: Parsed): Promise<KeyRing | undefined> {
  const path = parsed.text('key-file')
  if (path === undefined) return undefined
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new EncryptionKeyError(`The key file ${path} cannot be read`, { cause })
  }
  const keys = text.split('\n').map(line => line.trim()).filter(line => line !== '')
  if (keys.length === 0) throw new EncryptionKeyError(`The key file ${path} is empty: make a key with raftmesh keygen --out FILE`)
  try {
    return new KeyRing({ keys })
  } catch (cause) {
    throw new EncryptionKeyError(`The key file ${path} holds what is no key: ${(cause as Error).message}`, { cause })
  }
}
