import { syncBuiltinESMExports } from 'node:module'
import zlib from 'node:zlib'
import type { CompressCallback, InputType, ZlibOptions } from 'node:zlib'

/**
 * Snapshots of some size are compressed on Node's thread pool, whose answers come by its event loop: a simulation never returns there, and would
 * wait for ever. Here they are compressed at once. It must be loaded before what imports these functions.
 */
function atOnce (run: (input: InputType, options?: ZlibOptions) => ReturnType<typeof zlib.deflateRawSync>) {
  return (input: InputType, options: ZlibOptions, callback: CompressCallback): void => {
    let result: ReturnType<typeof zlib.deflateRawSync>
    try {
      result = run(input, options)
    } catch (error) {
      queueMicrotask(() => { callback(error as Error, Buffer.alloc(0)) })
      return
    }
    queueMicrotask(() => { callback(null, result) })
  }
}

Object.assign(zlib, { deflateRaw: atOnce(zlib.deflateRawSync), inflateRaw: atOnce(zlib.inflateRawSync) })
syncBuiltinESMExports()
