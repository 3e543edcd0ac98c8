import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import type { WriteStream } from 'node:fs'

/** What happened, a file for each node and one for the run, all by the same clock: seconds since the run began. */
export class Journal {
  readonly #began = performance.now()
  readonly #files = new Map<string, WriteStream>()

  constructor (readonly directory: string, private readonly print: (line: string) => void) {}

  get elapsedMs (): number { return performance.now() - this.#began }

  /** To the person who watches, and to the run's file. */
  say (text: string): void {
    this.print(this.#write('run', text))
  }

  note (name: string, text: string): void { this.#write(name, text) }

  async close (): Promise<void> {
    await Promise.all([...this.#files.values()].map(async file => {
      file.end()
      await once(file, 'close')
    }))
    this.#files.clear()
  }

  #write (name: string, text: string): string {
    const line = `${(this.elapsedMs / 1_000).toFixed(3).padStart(9)} s  ${text}`
    let file = this.#files.get(name)
    if (file === undefined) this.#files.set(name, file = createWriteStream(join(this.directory, `${name}.log`), { flags: 'a' }))
    file.write(`${line}\n`)
    return line
  }
}
