import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { ChildProcess } from 'node:child_process'

/** Neither a pipe nor a child is worth a second of anybody's time; a machine may be busy all the same. */
const PATIENCE_MS = 30_000

/**
 * A network namespace without a name: it is there for as long as a process is in it. The one that keeps it reads from a pipe of ours and ends
 * with it, so that nothing is left however we end, SIGKILL included.
 *
 * It belongs to a user namespace of its own, where this user is root: no rights are needed, and the kernel refuses whatever would
 * change anything outside, though we be root there too.
 */
export class Namespace implements AsyncDisposable {
  #last: Promise<unknown> = Promise.resolve()

  private constructor (private readonly keeper: ChildProcess) {}

  /** `beside`: in the same user namespace, so that a cable can be laid between the two. */
  static async create (beside?: Namespace): Promise<Namespace> {
    const [program, ...args] = beside === undefined
      ? ['unshare', '--user', '--map-root-user', '--net', '--', 'cat']
      : [...beside.entrance, 'unshare', '--net', '--', 'cat']
    const keeper = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    let complaint = ''
    keeper.stderr.setEncoding('utf8').on('data', (text: string) => { complaint += text })
    keeper.stdin.on('error', () => { /* told by its end */ })
    const ended = new Promise<never>((_resolve, reject) => {
      keeper.once('error', reject)
      keeper.once('close', () => { reject(new Error(complaint.trim() === '' ? `${program} ended` : complaint.trim())) })
    })
    // What it echoes can only come from inside: until then, whoever enters would enter our own.
    keeper.stdin.write('\n')
    await Promise.race([once(keeper.stdout, 'data'), ended])
    ended.catch(() => { /* disposed of */ })
    return new Namespace(keeper)
  }

  get pid (): number { return this.keeper.pid ?? -1 }

  /** What to put before a command, to have it run in here. Its process becomes the command's. */
  get entrance (): readonly [string, ...string[]] { return ['nsenter', '--target', String(this.pid), '--user', '--preserve-credentials', '--net', '--'] }

  /** One after the other, in the order of the calls: to add a rule again must not overtake its removal. */
  async run (command: readonly string[], input = ''): Promise<string> {
    const result = this.#last.then(async () => await this.#run(command, input))
    this.#last = result.catch(() => { /* its caller's */ })
    return await result
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    if (this.keeper.exitCode !== null || this.keeper.signalCode !== null) return
    const closed = once(this.keeper, 'close')
    this.keeper.stdin?.end()
    await closed
  }

  async #run (command: readonly string[], input: string): Promise<string> {
    const [program, ...args] = this.entrance
    return await new Promise((resolve, reject) => {
      const running = execFile(program, [...args, ...command], { timeout: PATIENCE_MS }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout)
        else reject(new Error(`${command.join(' ')}: ${stderr.trim() === '' ? error.message : stderr.trim()}${input === '' ? '' : `, of\n${input}`}`, { cause: error }))
      })
      running.stdin?.on('error', () => { /* told by its end */ })
      running.stdin?.end(input)
    })
  }
}
