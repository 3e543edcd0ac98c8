/** A bug that a consensus system has had, put into the sources as a change of one place. */
export interface Mutant {
  /** Short, for `--only`. */
  readonly name: string
  /** What is wrong, in a sentence. */
  readonly bug: string
  readonly file: string
  /** Must be in the file exactly once. */
  readonly find: string
  readonly replace: string
  /** A suite of the simulation; or the path of a test, for what only that can show. */
  readonly caughtBy: 'core' | 'nodes' | `test/${string}.test.ts`
  /** A suite must catch it in the seeds from 1 to here. */
  readonly seeds?: number
}

/** The list has rotted: the sources have moved on. */
export class PatchError extends Error {
  override readonly name = 'PatchError'
}

export function patched (source: string, { name, file, find, replace }: Mutant): string {
  const matches = source.split(find).length - 1
  if (matches !== 1) throw new PatchError(`the mutant '${name}' does not fit ${file} any more: what it replaces is there ${matches} times, not once:\n${find}`)
  // By a function: in a replacement text, dollar signs mean something.
  return source.replace(find, () => replace)
}

/** For lists: those of one source file. */
export type InFile = Omit<Mutant, 'file'>

export const inFile = (file: string, mutants: readonly InFile[]): Mutant[] => mutants.map(mutant => ({ file, ...mutant }))
