/** The load, in a process of its own: whatever it costs shows as its own CPU, beside the servers'. One process for each system. */
import { profilerMethods } from '../examples/support/profiler.js'
import { emit, release, serve } from '../examples/support/rpc.js'
import { measure, probe } from './measure.js'
import type { Driver, Target } from './driver.js'
import type { LoadMethods } from './load-api.js'

const FILL_CONCURRENCY = 256

let opened: Driver | undefined
let probing: { stop: AbortController, done: Promise<Record<string, number>> } | undefined

function driver (): Driver {
  if (opened === undefined) throw new Error('The load process has no target yet')
  return opened
}

/** Only the driver in use is loaded: etcd's load process should not show libp2p's memory. */
async function connectTo (target: Target): Promise<Driver> {
  if (target.system === 'etcd') return await (await import('./etcd-driver.js')).EtcdDriver.open(target)
  return await (await import('./raftmesh-driver.js')).RaftmeshDriver.open(target)
}

const keyOf = (n: number, keys: number): string => `bench/${String(n % keys).padStart(8, '0')}`

/** Not all alike, lest a system that compresses has it easy. */
function randomValue (bytes: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(bytes))
}

const methods: LoadMethods = {
  ...profilerMethods,
  open: async target => {
    await opened?.close()
    opened = await connectTo(target)
  },

  fill: async ({ keys, valueBytes }) => {
    const value = randomValue(valueBytes)
    let next = 0
    await Promise.all(Array.from({ length: FILL_CONCURRENCY }, async () => {
      while (next < keys) await driver().put(keyOf(next++, keys), value)
    }))
  },

  measure: async ({ operation, keys, valueBytes, ...options }) => {
    const target = driver()
    const values = Array.from({ length: 64 }, () => randomValue(valueBytes))
    const write = async (n: number): Promise<void> => { await target.put(keyOf(n, keys), values[n % values.length] ?? new Uint8Array()) }
    // A stride that shares no factor with the number of keys visits all of them, not in order.
    const read = async (n: number): Promise<void> => { await target.get(keyOf(n * 7_919, keys)) }
    return await measure(operation === 'write' ? write : read, options)
  },

  probe: async ({ everyMs, valueBytes }) => {
    const value = randomValue(valueBytes)
    const stop = new AbortController()
    const done = probe(async n => { await driver().put(`probe/${n}`, value) }, everyMs, stop.signal, (began, at) => { emit('acknowledged', { began, at }) })
    probing = { stop, done }
  },

  endProbe: async () => {
    probing?.stop.abort()
    const errors = await probing?.done ?? {}
    probing = undefined
    return { errors }
  },

  close: async () => {
    await opened?.close()
    release()
  }
}

serve({ ...methods })
