import { describe, expect, it } from 'vitest'
import { Reads } from '../../src/engine/reads.js'
import type { Core } from '../../src/raft/types.js'

interface Asked { readonly context: number, readonly lease: boolean | undefined }

function made (): { reads: Reads, asked: Asked[], core: Core } {
  const asked: Asked[] = []
  const core = { readIndex: (context: number, _: number, lease?: boolean) => { asked.push({ context, lease }) } } as unknown as Core
  return { reads: new Reads('/raft/a', 1_000), asked, core }
}

describe('reads', () => {
  it('that gathered share a context, and no context serves one that came later', async () => {
    const { reads, asked, core } = made()
    const early = [reads.add(0, false, undefined), reads.add(0, false, undefined)]
    reads.issue(core, 0)
    const late = reads.add(0, false, undefined)
    reads.issue(core, 0)
    expect(asked).toHaveLength(2)
    expect(reads.results([{ context: asked[0].context, index: 5 }], 5)).toBe(2)
    expect(await Promise.all(early)).toEqual([5, 5])
    expect(reads.pending).toBe(true)
    expect(reads.results([{ context: asked[0].context, index: 5 }], 5)).toBe(0)
    reads.results([{ context: asked[1].context, index: 6 }], 6)
    expect(await late).toBe(6)
    expect(reads.pending).toBe(false)
  })

  it('wait until their index is applied', async () => {
    const { reads, asked, core } = made()
    let answered = false
    const read = reads.add(0, false, undefined).then(index => { answered = true; return index })
    reads.issue(core, 0)
    reads.results([{ context: asked[0].context, index: 7 }], 5)
    reads.applied(6)
    await Promise.resolve()
    expect(answered).toBe(false)
    expect(reads.applied(7)).toBe(1)
    expect(await read).toBe(7)
  })

  it('never let a lease answer serve a read that did not ask for one', () => {
    const { reads, asked, core } = made()
    void reads.add(0, false, undefined)
    void reads.add(0, true, undefined)
    reads.issue(core, 0)
    expect(asked.map(({ lease }) => lease)).toEqual([false, true])
  })

  it('that are refused ask again under a new context, until their time is over', async () => {
    const { reads, asked, core } = made()
    const read = reads.add(0, false, undefined)
    reads.issue(core, 0)
    reads.results([{ context: asked[0].context, refused: 'no-leader' }], 0)
    reads.issue(core, 0)
    expect(asked).toHaveLength(1)
    reads.retry()
    reads.issue(core, 10)
    expect(asked).toHaveLength(2)
    expect(asked[1].context).not.toBe(asked[0].context)
    reads.expire(999)
    expect(reads.pending).toBe(true)
    reads.expire(1_000)
    await expect(read).rejects.toMatchObject({ name: 'UnavailableError', outcome: 'refused' })
    expect(reads.pending).toBe(false)
    expect(reads.results([{ context: asked[1].context, index: 1 }], 1)).toBe(0)
  })

  it('keep a bounded number of rounds under way, and share the next one', () => {
    const { reads, asked, core } = made()
    for (let i = 0; i < 100; i++) {
      void reads.add(0, false, undefined)
      reads.issue(core, 0)
    }
    expect(asked).toHaveLength(64)
    expect(reads.issuable).toBe(false)
    reads.results([{ context: asked[0].context, index: 1 }], 1)
    expect(reads.issuable).toBe(true)
    reads.issue(core, 0)
    expect(asked).toHaveLength(65)
    expect(reads.issuable).toBe(false)
  })

  it('that were given up cost no round', async () => {
    const { reads, asked, core } = made()
    const abort = new AbortController()
    const read = reads.add(0, false, abort.signal)
    abort.abort(new Error('no'))
    await expect(read).rejects.toThrow('no')
    reads.issue(core, 0)
    expect(asked).toEqual([])
  })

  it('all end with the group, wherever they are', async () => {
    const { reads, asked, core } = made()
    const all = [0, 1, 2, 3].map(async () => {
      const read = reads.add(0, false, undefined)
      reads.issue(core, 0)
      await read
    })
    reads.results([{ context: asked[0].context, index: 9 }, { context: asked[1].context, refused: 'leader-changed' }], 0)
    const waiting = reads.add(0, false, undefined)
    reads.end(new Error('over'))
    for (const read of [...all, waiting]) await expect(read).rejects.toThrow('over')
  })
})
