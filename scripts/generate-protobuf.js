// Generates the code of every .proto under src/, or of those named, into a pb/ folder beside it. Run by `npm run generate`; the results
// are committed.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'

const named = process.argv.slice(2)
const protos = named.length > 0 ? named : readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(f => f.endsWith('.proto')).map(f => join('src', f))
// Elsewhere first: the tree never holds a file that is only half done.
const scratch = mkdtempSync(join(tmpdir(), 'raftmesh-protobuf-'))

for (const proto of protos) {
  const name = basename(proto, '.proto') + '.ts'
  execFileSync('npx', ['protons', '--output', scratch, proto], { stdio: 'inherit' })
  const code = readFileSync(join(scratch, name), 'utf8')
    // What is encoded may come from anywhere, and not only from an ArrayBuffer of one's own.
    .replaceAll('Uint8Array<ArrayBuffer>', 'Uint8Array')
    // Each field of bytes began as a new empty Buffer, and each use of an enum as a new codec: a third of the cost of decoding.
    .replace(/import { alloc as uint8ArrayAlloc } from .*\n/, '')
    .replaceAll('uint8ArrayAlloc(0)', 'noBytes')
    .replace(/(export const codec = \(\): Codec<\w+> => {\n\s+return )(enumeration<)/g, (_, head, tail) => 'let _codec\n  ' + head + '_codec ??= ' + tail)
    .replace(/\n\nexport interface/, '\n\nconst noBytes = new Uint8Array(0)\n\nexport interface')
  const out = join(dirname(proto), 'pb')
  mkdirSync(out, { recursive: true })
  // The generated code has unused parameters, which the strict settings of this project refuse. Its types are still used.
  writeFileSync(join(out, name), '// @ts-nocheck\n' + code)
}

rmSync(scratch, { recursive: true })
