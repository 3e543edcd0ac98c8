/**
 * Golden scripts, in the style of CockroachDB's datadriven and etcd's rafttest: blocks of commands, `----`, and what they printed.
 *
 *   # A comment, kept as it is.
 *   campaign 1
 *   stabilize
 *   ----
 *   the output, up to the next empty line
 */
export interface Block {
  /** Comments and empty lines before the commands, as they stand in the file. */
  readonly preamble: readonly string[]
  readonly commands: readonly string[]
  readonly expected: string
  /** Of the first command, from 1. */
  readonly line: number
}

export interface Command {
  readonly name: string
  readonly args: readonly string[]
  /** `key=value` and `key=(a,b,c)`. */
  readonly options: ReadonlyMap<string, readonly string[]>
}

export class ScriptError extends Error {
  override readonly name = 'ScriptError'
}

export function parseScript (text: string): { blocks: Block[], trailer: string[] } {
  const lines = text.split('\n')
  const blocks: Block[] = []
  let preamble: string[] = []
  let commands: string[] = []
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]
    if (line === '----') {
      if (commands.length === 0) throw new ScriptError(`line ${i + 1}: "----" without a command before it`)
      const start = i + 1
      while (i + 1 < lines.length && lines[i + 1] !== '') i++
      blocks.push({ preamble, commands, expected: lines.slice(start, i + 1).join('\n'), line: start - commands.length })
      preamble = []
      commands = []
    } else if (line === '' || line.startsWith('#')) {
      if (commands.length > 0) throw new ScriptError(`line ${i + 1}: commands must be followed by "----"`)
      preamble.push(line)
    } else {
      commands.push(line)
    }
  }
  if (commands.length > 0) throw new ScriptError('the last commands are not followed by "----"')
  return { blocks, trailer: preamble }
}

export function printScript (blocks: readonly Block[], outputs: readonly string[], trailer: readonly string[]): string {
  const lines: string[] = []
  blocks.forEach((block, i) => {
    lines.push(...block.preamble, ...block.commands, '----', outputs[i])
  })
  return [...lines, ...trailer].join('\n')
}

export function parseCommand (line: string): Command {
  const [name, ...words] = line.trim().split(/\s+/)
  const args: string[] = []
  const options = new Map<string, readonly string[]>()
  for (const word of words) {
    const equals = word.indexOf('=')
    if (equals < 1) {
      args.push(word)
      continue
    }
    const value = word.slice(equals + 1)
    const list = value.startsWith('(') && value.endsWith(')') ? value.slice(1, -1).split(',').filter(v => v !== '') : [value]
    options.set(word.slice(0, equals), list)
  }
  return { name, args, options }
}

/** Throws on an option that the command does not know: a typing error must not quietly test something else. */
export function expectOptions (command: Command, ...known: readonly string[]): void {
  for (const name of command.options.keys()) {
    if (!known.includes(name)) throw new ScriptError(`"${command.name}" knows no option "${name}"; it knows ${known.join(', ') || 'none'}`)
  }
}
