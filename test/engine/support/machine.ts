import { MachineAdapter } from '../../../src/machine/index.js'
import type { Command, StateMachine } from '../../../src/machine/types.js'
import type { SnapshotMeta } from '../../../src/raft/types.js'

const text = new TextDecoder()
const bytes = new TextEncoder()

/** Remembers every command, and what was done to it in which order. */
export class Journal implements StateMachine {
  commands: string[] = []
  readonly calls: string[] = []
  /** Makes `apply` asynchronous: it waits for what this returns. */
  gate: ((commands: readonly Command[]) => Promise<void>) | undefined
  /** Throw at this command. */
  poison: string | undefined
  /** Bytes that don't compress, at the front of each snapshot. */
  padding = 0

  apply (commands: readonly Command[]): Uint8Array[] | Promise<Uint8Array[]> {
    this.calls.push('apply')
    if (this.gate === undefined) return this.#apply(commands)
    return this.gate(commands).then(() => this.#apply(commands))
  }

  #apply (commands: readonly Command[]): Uint8Array[] {
    const results = commands.map(({ index, data }) => {
      const command = text.decode(data)
      if (command === this.poison) throw new Error(`cannot apply ${command}`)
      this.commands.push(command)
      return bytes.encode(`${command}@${index}`)
    })
    this.calls.push('applied')
    return results
  }

  snapshot (): AsyncIterable<Uint8Array> {
    this.calls.push('snapshot')
    const state = bytes.encode(JSON.stringify(this.commands))
    const padding = noise(this.padding)
    return (async function * () {
      yield bytes.encode(String(padding.length).padStart(12))
      if (padding.length > 0) yield padding
      yield state
    })()
  }

  async restore (source: AsyncIterable<Uint8Array>, meta: SnapshotMeta): Promise<void> {
    this.calls.push('restore')
    const parts: Uint8Array[] = []
    for await (const part of source) parts.push(part)
    const all = Buffer.concat(parts)
    const skip = 12 + Number(text.decode(all.subarray(0, 12)))
    this.commands = JSON.parse(text.decode(all.subarray(skip))) as string[]
    this.calls.push(`restored ${meta.index}`)
  }

  hosted (): MachineAdapter { return new MachineAdapter(this) }
}

/** The same every time: a xorshift. */
function noise (length: number): Uint8Array {
  const out = new Uint8Array(length)
  let x = 0x9e3779b9
  for (let i = 0; i < length; i++) {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    out[i] = x
  }
  return out
}
