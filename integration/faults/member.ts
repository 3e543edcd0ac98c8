import { rmSync } from 'node:fs'
import { soon } from '../../examples/demo/checks.js'
import { CLOSING_FAILED } from './node-api.js'
import { startChild } from './spawn.js'
import type { Child, Exit } from '../../examples/support/child.js'
import type { RemoteJoinOptions } from '../../examples/support/node-api.js'
import type { RpcEvent } from '../../examples/support/rpc.js'
import type { NodePlace } from './network.js'
import type { FaultNodeMethods } from './node-api.js'

/** Generous: a start reads the whole log back, and the machine may be busy. */
const START_MS = 60_000
const STOP_MS = 30_000

export interface MemberInit {
  readonly place: NodePlace
  readonly dataDir: string
  readonly bootstrap: readonly string[]
  readonly namespace: string
  readonly options: RemoteJoinOptions
  readonly onStep: (member: Member, text: string) => void
  readonly onEvent: (member: Member, event: RpcEvent) => void
  /** Its process is gone; `asked`: because it was killed or stopped from here. */
  readonly onExit: (member: Member, exit: Exit, asked: boolean, output: string) => void
}

/** A node that goes through many processes on one data directory. */
export class Member {
  /** A fault has it: nobody else may kill, stop or start it meanwhile. */
  taken = false
  peer = ''
  /** The namespace is hosted: calls have somebody to answer them, for as long as nothing goes wrong. */
  hosting = false
  #child: Child<FaultNodeMethods> | undefined
  #run = { asked: false }

  constructor (readonly name: string, private readonly init: MemberInit) {}

  get pid (): number { return this.#child?.pid ?? -1 }
  get dataDir (): string { return this.init.dataDir }
  get running (): boolean { return this.#child?.running === true }

  /** The process of this moment, to make calls of it. They fail when it is gone. */
  get child (): Child<FaultNodeMethods> {
    if (this.#child === undefined) throw new Error(`${this.name} has not been started`)
    return this.#child
  }

  /** Resolves when the namespace is hosted again, on the data that was left. */
  async start (): Promise<void> {
    if (this.running) throw new Error(`${this.name} is running`)
    // Left by a process that was killed. At once, like all up to the process's start, so that a kill that comes now finds a process.
    const { dataDir, bootstrap, place: { socket, execPath, listen, announce, localAddress } } = this.init
    if (socket !== undefined) rmSync(socket, { force: true })
    const child = startChild<FaultNodeMethods>({ name: this.name, script: 'node-process', execPath })
    this.#child = child
    this.hosting = false
    const run = this.#run = { asked: false }
    child.onEvent(event => { this.init.onEvent(this, event) })
    void child.exited.then(exit => { if (this.#child === child) this.hosting = false; this.init.onExit(this, exit, run.asked, child.output) })
    const began = performance.now()
    await soon(`the start of ${this.name}`, START_MS, (async () => {
      this.peer = (await child.call('start', { dataDir, listen, announce, localAddress, bootstrap })).peer
      await child.call('join', { namespace: this.init.namespace, options: this.init.options })
    })())
    this.hosting = true
    this.init.onStep(this, `started in ${Math.round(performance.now() - began)} ms`)
  }

  async kill (): Promise<void> {
    this.#run.asked = true
    await this.#child?.kill('SIGKILL')
  }

  /**
   * In good order: leadership is handed over, everything closed, and then the process must end by itself. With a full disk, closing may fail,
   * and says so.
   */
  async stop (diskFull = false): Promise<void> {
    const child = this.child
    this.#run.asked = true
    const began = performance.now()
    const exit = await soon(`the end of ${this.name} after SIGTERM`, STOP_MS, child.kill('SIGTERM'))
    if (exit.code !== 0 && !(diskFull && exit.code === CLOSING_FAILED)) throw new Error(`${this.name} ended with ${exit.signal ?? `exit code ${exit.code}`} after SIGTERM\n${child.output}`)
    this.init.onStep(this, `closed in ${Math.round(performance.now() - began)} ms`)
  }

  /** Returns what lets this very process go on; of no effect if it has been replaced meanwhile. */
  pause (): () => void {
    const child = this.child
    child.signal('SIGSTOP')
    return () => { child.signal('SIGCONT') }
  }
}
