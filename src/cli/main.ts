#!/usr/bin/env node
import '../polyfill.js'
import { readFile } from 'node:fs/promises'
import { systemClock } from '../clock.js'
import { helpText, parseCommand } from './args.js'
import { exitCode, told } from './output.js'
import { stopSignal } from './stop-signal.js'
import type { Output } from './output.js'

const output: Output = { out: line => { console.log(line) }, err: line => { console.error(line) } }

/** Exit codes: as the help says. */
async function main (argv: readonly string[]): Promise<number> {
  const parsed = parseCommand(argv)
  if ('help' in parsed) {
    output.out(helpText(parsed.help))
    return 0
  }
  if ('version' in parsed) {
    output.out(await version())
    return 0
  }
  if (parsed.command === 'keygen') return await (await import('./keys.js')).runKeygen(parsed, { output })
  const signal = stopSignal(process, systemClock)
  // Not loaded for a word of help: libp2p takes half a second.
  if (parsed.command === 'start') return await (await import('./start.js')).runStart(parsed, { signal, output })
  return await (await import('./client-commands.js')).runClientCommand(parsed, { signal, output })
}

async function version (): Promise<string> {
  // dist/src/cli/main.js, or src/cli/main.ts: the package is a different number of folders up.
  for (const path of ['../../../package.json', '../../package.json']) {
    try {
      const found = JSON.parse(await readFile(new URL(path, import.meta.url), 'utf8')) as { name?: string, version?: string }
      if (found.name === 'raftmesh' && found.version !== undefined) return found.version
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  return 'unknown'
}

const argv = process.argv.slice(2)
main(argv).then(code => { process.exitCode = code }, (error: unknown) => {
  // Also where the arguments could not be read.
  const own = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv
  for (const line of told(error, own.includes('--json'))) output.err(line)
  process.exitCode = exitCode(error)
})
