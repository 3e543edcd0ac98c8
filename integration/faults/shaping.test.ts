import { describe, expect, it } from 'vitest'
import { shaping, sumOf } from './shaping.js'

const none = sumOf([])
const netem = { netem: true, filter: true, bucket: true }
const others = { ...netem, netem: false }

describe('what tc is told', () => {
  it('troubles add up', () => {
    expect(sumOf([{ delayMs: 20 }, { loss: 0.5 }, { loss: 0.5, kbit: 300 }, { delayMs: 5, overtaking: 0.25, kbit: 200 }])).toEqual({ delayMs: 25, loss: 0.75, overtaking: 0.25, kbit: 200 })
  })

  it('by netem, one rule for all', () => {
    const after = sumOf([{ delayMs: 20, overtaking: 0.25 }, { loss: 0.1 }, { kbit: 200 }])
    expect(shaping(netem, 'x', none, after)).toEqual(['qdisc add dev x root netem delay 20ms loss 10.000% reorder 25.000% rate 200kbit'])
    expect(shaping(netem, 'x', after, none)).toEqual(['qdisc del dev x root'])
  })

  it('without it, a bucket and a filter, each only where it changes', () => {
    const [lossy, both] = [sumOf([{ loss: 0.25 }]), sumOf([{ loss: 0.25 }, { kbit: 200 }])]
    expect(shaping(others, 'x', none, lossy)).toEqual(['filter add dev x egress pref 1 bpf direct-action bytecode "4,32 0 0 4294963256,53 0 1 3221225472,6 0 0 2,6 0 0 4294967295"'])
    expect(shaping(others, 'x', lossy, both)).toEqual(['qdisc add dev x root tbf rate 200kbit burst 8kb latency 400ms'])
    expect(shaping(others, 'x', both, none)).toEqual(['qdisc del dev x root', 'filter del dev x egress pref 1'])
    expect(shaping(others, 'x', both, both)).toEqual([])
  })
})
