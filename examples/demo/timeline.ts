import { now } from '../support/rpc.js'

const tty = process.stdout.isTTY && process.env['NO_COLOR'] === undefined
const paint = (code: string) => (text: string): string => tty ? `\x1b[${code}m${text}\x1b[0m` : text
export const dim = paint('2')
export const bold = paint('1')
export const green = paint('32')
export const red = paint('31')
const colours = [paint('36'), paint('35'), paint('33'), paint('34')]

/** Prints what happens, as it happens, with ms since the start. Peer ids are told by the names of their processes. */
export class Timeline {
  readonly #start = now()
  readonly #names = new Map<string, string>()
  #quiet = false

  /** `peer` goes by `name` from here on. */
  name (peer: string, name: string): void { this.#names.set(peer, name) }
  /** What nodes tell from here on is not shown. */
  end (): void { this.#quiet = true }
  nameOf (peer: string | undefined): string { return peer === undefined ? 'nobody' : this.#names.get(peer) ?? `…${peer.slice(-6)}` }
  elapsed (at = now()): number { return at - this.#start }

  heading (text: string): void { console.log(`\n${bold(text)}`) }

  say (who: string, text: string, at = now()): void {
    if (this.#quiet) return
    let readable = text
    for (const [peer, name] of this.#names) readable = readable.replaceAll(peer, name).replaceAll(`…${peer.slice(-6)}`, name)
    const index = Number(/\d+$/.exec(who)?.[0] ?? 0)
    const colour = colours[index % colours.length] ?? dim
    console.log(`${dim(`${this.elapsed(at).toFixed(0).padStart(6)} ms`)}  ${colour(who.padEnd(7))} ${readable}`)
  }
}
