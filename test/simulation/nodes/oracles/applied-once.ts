import { decodeKvCommand } from '../../../../src/machine/kv-command.js'
import { ownWrites } from './own-writes.js'
import { NodeOracle } from '../oracle.js'
import type { Stored } from '../image.js'

const text = new TextDecoder()

/** The values of all writes are different, so a value that is committed twice is a write that a retry made twice. */
export class AppliedOnce extends NodeOracle {
  readonly name = 'no write is applied twice'
  private readonly places = new Map<string, number>()

  override committed (cluster: string, { entry }: Stored): void {
    if (entry.kind !== 'command') return
    for (const op of ownWrites(decodeKvCommand(entry.data))) {
      const key = `${cluster} ${text.decode(op.key)} ${text.decode(op.value)}`
      const known = this.places.get(key)
      if (known !== undefined && known !== entry.index) this.fail(`the write of ${text.decode(op.value)} is committed at ${known} and at ${entry.index}`)
      this.places.set(key, entry.index)
    }
  }
}
