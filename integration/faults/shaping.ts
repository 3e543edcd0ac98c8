import type { Trouble } from './network.js'

/** What `tc` can do with this machine's kernel. `netem` does it all; without it a filter loses packets, and a token bucket holds them back. */
export interface Tools { readonly netem: boolean, readonly filter: boolean, readonly bucket: boolean }

/** All that troubles somebody at one time. */
export interface Sum { readonly delayMs: number, readonly loss: number, readonly overtaking: number, readonly kbit: number }

export function sumOf (troubles: Iterable<Trouble>): Sum {
  let [delayMs, arriving, overtaking, kbit] = [0, 1, 0, Infinity]
  for (const trouble of troubles) {
    delayMs += trouble.delayMs ?? 0
    arriving *= 1 - (trouble.loss ?? 0)
    overtaking = Math.max(overtaking, trouble.overtaking ?? 0)
    kbit = Math.min(kbit, trouble.kbit ?? Infinity)
  }
  return { delayMs, loss: 1 - arriving, overtaking, kbit }
}

/** Commands for `tc -batch` that take the device from one state to the other. What is not there cannot be deleted. */
export function shaping (tools: Tools, device: string, before: Sum, after: Sum): string[] {
  if (tools.netem) return change(`qdisc`, `dev ${device} root`, netem(before), netem(after))
  return [
    ...change('qdisc', `dev ${device} root`, bucket(before), bucket(after)),
    ...change('filter', `dev ${device} egress pref 1`, filter(before), filter(after))
  ]
}

/** Both hooks of a device that filters can be put on. Once for each device. */
export const hooks = (tools: Tools, device: string): string[] => tools.netem || !tools.filter ? [] : [`qdisc add dev ${device} clsact`]

function change (object: 'qdisc' | 'filter', where: string, before: string | undefined, after: string | undefined): string[] {
  if (before === after) return []
  // A filter that is replaced without its handle is added a second time.
  const gone = before === undefined ? [] : [`${object} del ${where}`]
  return after === undefined ? gone : [...gone, `${object} add ${where} ${after}`]
}

function netem ({ delayMs, loss, overtaking, kbit }: Sum): string | undefined {
  const parts = [
    ...(delayMs > 0 ? [`delay ${delayMs}ms`] : []),
    ...(loss > 0 ? [`loss ${percent(loss)}`] : []),
    ...(overtaking > 0 && delayMs > 0 ? [`reorder ${percent(overtaking)}`] : []),
    ...(kbit < Infinity ? [`rate ${kbit}kbit`] : [])
  ]
  return parts.length === 0 ? undefined : `netem ${parts.join(' ')}`
}

/** What waits for longer than the latency is lost, as it is where a narrow line begins. */
const bucket = ({ kbit }: Sum): string | undefined => kbit === Infinity ? undefined : `tbf rate ${kbit}kbit burst 8kb latency 400ms`

const LOAD_RANDOM = `32 0 0 ${0xfffff000 + 56}`
const RETURN = (verdict: number): string => `6 0 0 ${verdict}`
const [DROP, CONTINUE] = [2, 0xffffffff]

/** In the classic instructions, which need no compiler and no rights: load a random word; if it is below the mark, go on, or else drop. */
function filter ({ loss }: Sum): string | undefined {
  if (loss === 0) return undefined
  const mark = Math.min(0xffffffff, Math.floor((1 - loss) * 2 ** 32))
  const program = [LOAD_RANDOM, `53 0 1 ${mark}`, RETURN(DROP), RETURN(CONTINUE)]
  return `bpf direct-action bytecode "${program.length},${program.join(',')}"`
}

const percent = (part: number): string => `${(part * 100).toFixed(3)}%`
