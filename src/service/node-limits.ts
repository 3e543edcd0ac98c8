import { DEFAULT_MAX_FRAME_BYTES } from '../wire/index.js'
import { checkKeys, checkNumber } from './validate.js'
import type { NodeLimitOptions } from './api.js'

/** What peers can make a node hold or do, at most; see {@link NodeLimitOptions}. */
export type NodeLimits = Readonly<Required<NodeLimitOptions>>

const GIB = 2 ** 30

export function resolveNodeLimits (own: NodeLimitOptions | undefined): NodeLimits {
  checkKeys(own, ['frameBytes', 'partialBytes', 'streams', 'requests', 'requestBytes', 'controlQueueBytes', 'logQueueBytes', 'snapshots', 'joins', 'watches', 'scans'], 'limits')
  const bytes = (name: keyof NodeLimitOptions, fallback: number, min: number): number => checkNumber(own?.[name], fallback, `limits.${name}`, { min, max: GIB, integer: true })
  const count = (name: keyof NodeLimitOptions, fallback: number, max: number): number => checkNumber(own?.[name], fallback, `limits.${name}`, { min: 1, max, integer: true })
  // A frame holds the largest command, and its length is a varint of four bytes at most.
  const frameBytes = checkNumber(own?.frameBytes, DEFAULT_MAX_FRAME_BYTES, 'limits.frameBytes', { min: DEFAULT_MAX_FRAME_BYTES, max: 2 ** 28 - 1, integer: true })
  return {
    frameBytes,
    partialBytes: bytes('partialBytes', Math.max(256 << 20, 4 * frameBytes), frameBytes),
    streams: count('streams', 16, 1_024),
    requests: count('requests', 8_192, 1_000_000),
    requestBytes: bytes('requestBytes', 64 << 20, frameBytes),
    controlQueueBytes: bytes('controlQueueBytes', 4 << 20, 64 << 10),
    logQueueBytes: bytes('logQueueBytes', 64 << 20, frameBytes),
    snapshots: count('snapshots', 4, 64),
    joins: count('joins', 30, 10_000),
    watches: count('watches', 1_024, 1_000_000),
    scans: count('scans', 16, 1_000_000)
  }
}
