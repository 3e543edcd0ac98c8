import { MalformedFrameError } from '../errors.js'
import { decodeCommandFrame } from './commands.js'
import { CommandFrame } from './pb/command.js'
import { StreamSeal } from './stream-seal.js'
import { encodeFrame } from './writer.js'
import type { EncryptionKey } from '../keys/index.js'
import type { Request, Response, Sealed, SealedCommands } from './pb/command.js'
import type { StreamSealInit } from './stream-seal.js'

/** What sealing adds to a frame for each request or answer, at most: each might have a box of its own. */
export const COMMAND_BOX_OVERHEAD = 96

/** What a namespace says in one send. */
export interface Commands { readonly requests: Request[], readonly responses: Response[], readonly cancels: number[] }

export const noCommands = (): Commands => ({ requests: [], responses: [], cancels: [] })

/** Seals and opens what namespaces say on one command stream. */
export class CommandSeal {
  private readonly stream: StreamSeal

  constructor (init: Omit<StreamSealInit, 'use'>) { this.stream = new StreamSeal({ ...init, use: 'commands' }) }

  box (namespace: string, key: EncryptionKey, commands: Commands): SealedCommands {
    return { namespace, ...this.stream.seal(namespace, key, encodeFrame(CommandFrame.codec(), commands)) }
  }

  /** Throws MalformedFrameError: the stream is then of no more use. */
  open (box: SealedCommands, key: EncryptionKey): CommandFrame {
    const frame = decodeCommandFrame(this.stream.open(box.namespace, key, box))
    if (frame.sealed !== undefined || frame.hello !== undefined) throw new MalformedFrameError('a sealed box with more than one namespace\'s commands in it')
    // The box names one namespace, whose key it is. What is in it may not speak for another.
    for (const { namespace } of frame.requests) {
      if (namespace !== box.namespace) throw new MalformedFrameError(`a sealed box of ${box.namespace} with a request for another namespace in it`)
    }
    return frame
  }
}

interface Sorted { readonly clear: Commands, readonly keyed: Map<string, { readonly namespace: string, readonly key: EncryptionKey, readonly commands: Commands }> }

/** What leaves in one frame, by namespace and key. */
export class CommandSorter {
  private readonly sorted: Sorted = { clear: noCommands(), keyed: new Map() }

  /** Where to add what is to leave sealed with `key`, or in clear. */
  of (namespace: string, key: EncryptionKey | undefined): Commands {
    if (key === undefined) return this.sorted.clear
    const name = `${key.id} ${namespace}`
    let found = this.sorted.keyed.get(name)
    if (found === undefined) this.sorted.keyed.set(name, found = { namespace, key, commands: noCommands() })
    return found.commands
  }

  /** `boxed` is told of each box that is made. */
  frame (seal: CommandSeal | undefined, refusals: Sealed['refusals'], boxed?: (box: SealedCommands, commands: Commands) => void): Uint8Array {
    const { clear, keyed } = this.sorted
    if (keyed.size === 0 && refusals.length === 0) return encodeFrame(CommandFrame.codec(), clear)
    const boxes: SealedCommands[] = []
    for (const { namespace, key, commands } of keyed.values()) {
      // Whoever adds what is to be sealed has seen to it that there is a seal.
      const box = (seal as CommandSeal).box(namespace, key, commands)
      boxes.push(box)
      boxed?.(box, commands)
    }
    return encodeFrame(CommandFrame.codec(), { ...clear, sealed: { boxes, refusals } })
  }
}
