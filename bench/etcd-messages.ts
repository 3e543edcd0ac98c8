/** The four messages of etcd's API that the benchmark needs, by hand: their fields are bytes and varints. */

const encoder = new TextEncoder()

function varint (value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest]
    bytes.push((rest % 128) | 0x80)
  }
}

const field = (number: number, bytes: Uint8Array): Uint8Array => Buffer.concat([Uint8Array.from([number << 3 | 2, ...varint(bytes.length)]), bytes])

export const PUT = '/etcdserverpb.KV/Put'
export const RANGE = '/etcdserverpb.KV/Range'
export const STATUS = '/etcdserverpb.Maintenance/Status'

export const putRequest = (key: string, value: Uint8Array): Uint8Array => Buffer.concat([field(1, encoder.encode(key)), field(2, value)])
/** Linearizable, which is etcd's default. */
export const rangeRequest = (key: string): Uint8Array => field(1, encoder.encode(key))

type Field = { readonly number: number, readonly value: bigint | Uint8Array }

function * fields (message: Uint8Array): Generator<Field> {
  let at = 0
  const readVarint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++]
      if (byte === undefined) throw new Error('an answer of etcd ends in the middle')
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  while (at < message.length) {
    const tag = Number(readVarint())
    if ((tag & 7) === 0) yield { number: tag >> 3, value: readVarint() }
    else if ((tag & 7) === 2) {
      const length = Number(readVarint())
      yield { number: tag >> 3, value: message.subarray(at, at + length) }
      at += length
    } else throw new Error(`wire type ${tag & 7} in an answer of etcd`)
  }
}

const find = (message: Uint8Array, number: number): bigint | Uint8Array | undefined => [...fields(message)].find(f => f.number === number)?.value

/** The ids of the member that answered, and of its leader: 0 if it knows none. */
export function readStatus (response: Uint8Array): { id: bigint, leader: bigint } {
  const header = find(response, 1)
  const leader = find(response, 4)
  const id = header instanceof Uint8Array ? find(header, 2) : undefined
  return { id: typeof id === 'bigint' ? id : 0n, leader: typeof leader === 'bigint' ? leader : 0n }
}
