import { EncryptionKeyError, MalformedFrameError, UnavailableError } from '../errors.js'
import { encodeBatches } from './link-frames.js'
import { inClear } from './link-seal.js'
import type { FramedStream } from './framed-stream.js'
import type { GroupKeys, SealedGroup } from './group-keys.js'
import type { LinkSeal } from './link-seal.js'
import type { LinkFrame } from './pb/transport.js'

/**
 * The receiver's end of a snapshot stream. The offer decides for all that follows: sealed for one group, both ways, or in clear. Throws
 * EncryptionKeyError or UnavailableError for what cannot be taken: the stream, which is that snapshot's alone, is then refused.
 */
export class SnapshotChannel {
  private group: SealedGroup | undefined

  constructor (private readonly framed: FramedStream, private readonly peer: string, private readonly seal: LinkSeal | undefined, private readonly groups: GroupKeys) {}

  send (frame: Uint8Array): void {
    this.framed.send([this.group === undefined || this.seal === undefined ? frame : encodeBatches([], [this.seal.box(this.group, frame)])])
  }

  read (frame: LinkFrame): LinkFrame {
    const [box] = frame.sealed?.boxes ?? []
    if (box === undefined) {
      const group = this.group ?? (frame.offer === undefined ? undefined : this.groups.sealed(frame.offer.clusterId))
      if (group !== undefined) throw new EncryptionKeyError(inClear(this.peer, group).text)
      return frame
    }
    if (this.seal === undefined) throw new MalformedFrameError('a sealed box on a stream without a salt')
    const opened = this.seal.open(box)
    if (!('frame' in opened)) throw opened.text === undefined ? new UnavailableError('this node does not host that group now') : new EncryptionKeyError(opened.text)
    if (this.group !== undefined && this.group !== opened.group) throw new MalformedFrameError('a snapshot stream with boxes of two groups')
    this.group = opened.group
    return opened.frame
  }
}
