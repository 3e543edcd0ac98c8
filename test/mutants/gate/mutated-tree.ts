import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import ts from 'typescript'
import { patched } from '../mutant.js'
import type { Mutant } from '../mutant.js'

const COMPILED = /^(\.tsbuildinfo|.*\.map)$/

/** A copy of the compiled simulation with one file changed. The sources themselves are only read. */
export class MutatedTree {
  readonly worker: string
  private changed: { readonly path: string, readonly original: string } | undefined

  private constructor (private readonly root: string, private readonly directory: string) {
    this.worker = join(directory, 'test/simulation/runner/worker.js')
  }

  static async create (root: string, slot: number): Promise<MutatedTree> {
    const directory = join(root, `dist/mutants/${slot}`)
    await rm(directory, { recursive: true, force: true })
    await mkdir(directory, { recursive: true })
    for (const part of ['src', 'test/simulation', 'test/linearizability', 'test/machine']) {
      await cp(join(root, 'dist/sim', part), join(directory, part), { recursive: true, filter: from => !COMPILED.test(basename(from)) }).catch(ignoreMissing)
    }
    return new MutatedTree(root, directory)
  }

  async apply (mutant: Mutant): Promise<void> {
    await this.restore()
    const source = patched(await readFile(join(this.root, mutant.file), 'utf8'), mutant)
    const path = join(this.directory, mutant.file.replace(/\.ts$/, '.js'))
    this.changed = { path, original: await readFile(path, 'utf8') }
    const { outputText } = ts.transpileModule(source, { fileName: mutant.file, compilerOptions: { target: ts.ScriptTarget.ES2024, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true } })
    await writeFile(path, outputText)
  }

  /** For a test that runs from the sources: the changed file beside them. */
  async writeSource (mutant: Mutant): Promise<string> {
    const path = join(this.directory, basename(mutant.file))
    await writeFile(path, patched(await readFile(join(this.root, mutant.file), 'utf8'), mutant))
    return path
  }

  private async restore (): Promise<void> {
    if (this.changed !== undefined) await writeFile(this.changed.path, this.changed.original)
    this.changed = undefined
  }
}

function ignoreMissing (error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
