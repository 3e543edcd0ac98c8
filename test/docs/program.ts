import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** A program as somebody would write it, to whom the package is what `src/index.ts` exports. */
export function program (files: Readonly<Record<string, string>>): ts.Program {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, path => ts.sys.readFile(path)) as { config: { compilerOptions: object } }
  const { options } = ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, noUnusedLocals: false, noUnusedParameters: false, sourceMap: false, declaration: false, paths: { raftmesh: [`${root}src/index.ts`] } }, root)
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists, readFile } = host
  host.fileExists = path => Object.hasOwn(files, path) || fileExists(path)
  host.readFile = path => files[path] ?? readFile(path)
  host.getSourceFile = (path, version, ...rest) => Object.hasOwn(files, path) ? ts.createSourceFile(path, files[path] ?? '', version) : getSourceFile(path, version, ...rest)
  return ts.createProgram([`${root}src/index.ts`, ...Object.keys(files)], options, host)
}
