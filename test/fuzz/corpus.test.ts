import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { diskDecoders } from './disk-decoders.js'
import { holds } from './holds.js'
import { attempt, hex, refused, unhex } from './support.js'
import { wireDecoders } from './wire-decoders.js'
import type { Decoder } from './decoder.js'

/** What each message or record is called here, and its bytes in hex. */
type Samples = Record<string, string>

/** A file of `corpus/`. */
interface Corpus {
  /** As this version and those before it write it: read for ever, and written the same to the byte. */
  readonly valid: Samples
  /** By the words of the refusal. */
  readonly refused: Samples
  /** Not as this version would write it, and read all the same: unknown fields, repeated ones, long spellings. */
  readonly taken: Samples
}

const decoders = new Map([...wireDecoders, ...diskDecoders].map(of => [of.name, of]))
const files = readdirSync(new URL('corpus/', import.meta.url)).filter(file => file.endsWith('.json'))

describe('the corpus', () => {
  it('has a file for each decoder', () => {
    expect(files.map(file => file.replace('.json', '')).sort()).toEqual([...decoders.keys()].sort())
  })

  describe.each(files)('%s', file => {
    const corpus = JSON.parse(readFileSync(new URL(`corpus/${file}`, import.meta.url), 'utf8')) as Corpus
    const of = decoders.get(file.replace('.json', '')) as Decoder
    const samples = (of: Samples): Array<[string, Uint8Array]> => Object.entries(of).map(([what, text]) => [what, unhex(text)])

    it('is read as ever', () => {
      for (const [what, bytes] of samples(corpus.valid)) expect(hex(of.encode(of.decode(bytes))), what).toBe(hex(bytes))
      for (const [what, bytes] of samples(corpus.taken)) expect(attempt(() => of.decode(bytes), of.refuses), what).not.toBe(refused)
      for (const [what, bytes] of samples(corpus.refused)) expect(attempt(() => of.decode(bytes), of.refuses), what).toBe(refused)
    })

    it('is taken for what it is, or refused, cut at any byte, and with any byte changed', () => {
      for (const [, bytes] of [...samples(corpus.valid), ...samples(corpus.taken), ...samples(corpus.refused)]) {
        for (let at = 0; at < bytes.length; at++) {
          holds(of, bytes.subarray(0, at))
          holds(of, bytes.map((byte, i) => i === at ? byte ^ (1 << at % 8) : byte))
        }
      }
    })
  })
})
