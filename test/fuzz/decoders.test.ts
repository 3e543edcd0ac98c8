import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diskDecoders } from './disk-decoders.js'
import { holds } from './holds.js'
import { mutated } from './mutations.js'
import { remade } from './protobuf-mutations.js'
import { bytesUpTo, hex, runs } from './support.js'
import { wireDecoders } from './wire-decoders.js'

describe.each([...wireDecoders, ...diskDecoders].map(of => [of.name, of] as const))('%s', (_name, of) => {
  it('comes back as it was', () => {
    fc.assert(fc.property(of.valid, bytes => {
      const value = of.decode(bytes)
      expect(hex(of.encode(value))).toBe(hex(bytes))
      holds(of, bytes)
    }), runs(100))
  })

  it('takes any bytes for what they are, or refuses them', () => {
    fc.assert(fc.property(bytesUpTo(400), bytes => { holds(of, bytes) }), runs(200))
  })

  it('takes what was mutated for what it is, or refuses it', () => {
    fc.assert(fc.property(mutated(of.valid), bytes => { holds(of, bytes) }), runs(500))
  })

  it.runIf(of.protobuf === true)('takes what is well formed and says something else for what it is, or refuses it', () => {
    fc.assert(fc.property(remade(of.valid), bytes => { holds(of, bytes) }), runs(700))
  })

  it('takes what was cut at any byte for what it is, or refuses it', () => {
    fc.assert(fc.property(of.valid, bytes => {
      for (let length = 0; length < bytes.length; length++) holds(of, bytes.subarray(0, length))
    }), runs(5))
  })
})
