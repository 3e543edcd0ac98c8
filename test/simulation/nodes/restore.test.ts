import { expect, it } from 'vitest'
import { decodeKvResult } from '../../../src/machine/kv-result.js'
import { encodeKvCommand } from '../../../src/machine/kv-command.js'
import { KvMachine } from '../../../src/machine/kv-machine.js'
import { MemoryOrderedStore } from '../../../src/storage/index.js'
import type { KvCommand } from '../../../src/machine/kv-types.js'
import type { Entry } from '../../../src/raft/types.js'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const entry = (index: number, command: KvCommand): Entry => ({ index, term: 1, time: 0, kind: 'command', data: encodeKvCommand(command) })
const machine = (): KvMachine => new KvMachine({ namespace: '/raft/restore', store: new MemoryOrderedStore() })

/** Seldom in a simulation: it takes a retry whose first try lies before the snapshot, and which is applied after it. */
it('a write of a session that is sent again after a snapshot was restored is answered, not done again', async () => {
  const [first, second] = [machine(), machine()]
  await Promise.all([first.open(), second.open()])
  const write = encodeKvCommand({ type: 'put', key: bytes('k'), value: bytes('v') })
  const again = (index: number): Entry => entry(index, { type: 'session', lease: 1, sequence: 1, acknowledged: 1, command: write })
  await first.apply([entry(1, { type: 'grant', ttl: 1_000 }), again(2)])
  const { source, index, close } = await first.snapshot()
  const meta = { index, term: 1, time: 0, configuration: { voters: [], outgoing: [], learners: [], learnersNext: [] }, configurationIndex: 0 }
  await (await second.prepareRestore(source, meta)).commit()
  await close()
  for (const member of [first, second]) {
    const [answer] = await member.apply([again(3)])
    expect(decodeKvResult(answer)).toMatchObject({ ok: true, revision: 2 })
    expect(await member.row(bytes('k'))).toMatchObject({ version: 1, modRevision: 2 })
    await member.close()
  }
})
