import { UnknownOutcomeError } from '../../../src/errors.js'
import { ExactlyOnce } from '../../../src/machine/exactly-once.js'
import { bytes, collect, text } from '../../storage/support.js'
import type { Clock, Timer } from '../../../src/clock.js'
import type { Command, StateMachine } from '../../../src/machine/types.js'

/** Adds numbers up, and answers with the sum: run twice, it shows. */
export class Sum implements StateMachine {
  total = 0
  apply (commands: readonly Command[]): Uint8Array[] { return commands.map(({ data }) => bytes(String(this.total += Number(text(data))))) }

  snapshot (): AsyncIterable<Uint8Array> {
    const { total } = this
    return (async function * () { for (const digit of String(total)) yield bytes(digit) })()
  }

  async restore (source: AsyncIterable<Uint8Array>): Promise<void> { this.total = Number(Buffer.concat(await collect(source)).toString()) }
}

/** A group of one machine. `lose`: the answer to an apply that was run goes missing. */
export class SumGroup {
  readonly sum = new Sum()
  readonly machine: ExactlyOnce
  index = 0
  lose: () => boolean | Promise<boolean> = () => false
  readonly log: Uint8Array[] = []

  constructor (options?: { sessions?: number, answers?: number }) { this.machine = new ExactlyOnce(this.sum, options) }

  async apply (data: Uint8Array): Promise<{ index: number, result: Uint8Array }> {
    this.log.push(data)
    const index = ++this.index
    const [result] = await this.machine.apply([{ index, term: 1, time: index, data }])
    if (await this.lose()) throw new UnknownOutcomeError('lost')
    return { index, result }
  }
}

/** No pause takes longer than a turn of the event loop. */
export class HastyClock implements Clock {
  private time = 0
  now (): number { return this.time }
  wall (): number { return this.time }

  setTimer (ms: number, fire: () => void): Timer {
    return this.setImmediate(() => {
      this.time += ms
      fire()
    })
  }

  setImmediate (fire: () => void): Timer {
    const handle = setImmediate(fire)
    return { cancel: () => { clearImmediate(handle) } }
  }
}
