import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UsageError, commands, parseCommand } from '../../src/cli/args.js'
import { BootstrapError, InvalidArgumentError, InvalidNamespaceError, MalformedFrameError } from '../../src/errors.js'
import { parseAddresses } from '../../src/service/addresses.js'
import { parseBootstrap } from '../../src/service/bootstrap-dialer.js'
import { checkPeer, resolveClientOptions, resolveInit, resolveJoinOptions } from '../../src/service/options.js'
import { resolveKeys, toBatch, toDelete, toSet } from '../../src/service/kv-operations.js'
import { checkNamespace } from '../../src/service/validate.js'
import { checkedIncarnation, incarnationOf, memberId, peerOf } from '../../src/wire/member-id.js'
import { attempt, refused, runs } from './support.js'
import type { JoinOptions } from '../../src/service/api.js'

const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 40 }), fc.constantFrom('', '__proto__', 'constructor', 'toString', '\0', 'x'.repeat(1_000), '\ud800'))
const anything = fc.oneof({ weight: 3, arbitrary: fc.anything() }, { weight: 1, arbitrary: anyText }, { weight: 1, arbitrary: fc.constantFrom<unknown>(null, NaN, -1, 0, 1, 2 ** 53, '1', true, [], {}, Object.create(null), Symbol('s'), 10n) })

describe('a command line', () => {
  const options = [...new Set(Object.values(commands).flatMap(spec => Object.keys(spec.options)))].flatMap(name => [`--${name}`, `--${name}=1`, `--no-${name}`])
  const word = fc.oneof(anyText, fc.constantFrom(...Object.keys(commands), ...options, '--', '-', '-h', '-n', '-lj', '--help', 'help', '/raft/a', '1e999', '0x10', '__proto__'))
  const names = [...Object.keys(commands), ...Object.keys({ ...commands.start.options, ...commands.keys.options })]

  it('is read, or refused with a word on how to use it', () => {
    fc.assert(fc.property(fc.array(word, { maxLength: 7 }), argv => {
      const parsed = attempt(() => parseCommand(argv), [UsageError])
      if (parsed === refused || !('command' in parsed)) return
      expect(Object.keys(commands)).toContain(parsed.command)
      for (const name of names) {
        attempt(() => {
          const number = parsed.number(name)
          expect(number === undefined || Number.isFinite(number)).toBe(true)
        }, [UsageError])
      }
    }), runs(1_500))
  })
})

describe('options of a program', () => {
  /** Options by their right names with any values, and any names. */
  const some = (shape: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> => fc.oneof({ weight: 6, arbitrary: fc.record(shape, { requiredKeys: [] }) }, { weight: 1, arbitrary: anything })
  const join = some({
    bootstrap: some({ timeout: anything, threshold: anything, mode: fc.oneof(anything, fc.constantFrom('auto', 'expect', 'founders')), expect: anything, founders: fc.oneof(anything, fc.array(anything, { maxLength: 3 })) }),
    preset: fc.oneof(anything, fc.constant('local')), timeouts: some({ heartbeat: anything, election: anything, request: anything }),
    snapshots: some({ interval: anything, threshold: anything, trailing: anything, retain: anything }), limits: some({ key: anything, value: anything, command: anything, batch: anything, uncommitted: anything }),
    machine: anything, role: anything, maxVoters: anything, leaseReads: anything
  })

  it('of join are resolved to numbers in their ranges, or refused', () => {
    fc.assert(fc.property(join, options => {
      const resolved = attempt(() => resolveJoinOptions(options as JoinOptions), [InvalidArgumentError])
      if (resolved === refused) return
      const { timings, limits, snapshots, bootstrap, maxVoters, requestMs } = resolved
      for (const value of [...Object.values(timings), ...Object.values(limits), ...Object.values(snapshots), bootstrap.timeout, bootstrap.threshold, maxVoters, requestMs]) expect(Number.isFinite(value) && value >= 0).toBe(true)
    }), runs(1_500))
  })

  it('of a client, of the service, of reads and writes, are taken or refused', () => {
    fc.assert(fc.property(some({ peers: fc.oneof(anything, fc.array(anything)), timeouts: some({ request: anything, attempt: anything }) }), anything, anything, (client, a, b) => {
      attempt(() => resolveClientOptions(client as never), [InvalidArgumentError])
      attempt(() => resolveInit(a as never), [InvalidArgumentError])
      attempt(() => resolveKeys(a as never), [InvalidArgumentError])
      attempt(() => toSet(a, b), [InvalidArgumentError])
      attempt(() => toDelete(a), [InvalidArgumentError])
      attempt(() => toBatch(a), [InvalidArgumentError])
      attempt(() => toBatch([a, { type: 'set', key: a, value: b }]), [InvalidArgumentError])
      attempt(() => checkPeer(a, 'peer'), [InvalidArgumentError])
    }), runs(800))
  })
})

describe('names', () => {
  it('of namespaces are of the form, or refused', () => {
    const near = fc.stringMatching(/^\/raft(\/[A-Za-z0-9._-]{1,5}){0,3}.?$/)
    fc.assert(fc.property(fc.oneof(anything, near), namespace => {
      if (attempt(() => { checkNamespace(namespace) }, [InvalidNamespaceError]) === refused) return
      expect(namespace).toMatch(/^\/raft(\/[A-Za-z0-9._-]+)+$/)
      expect((namespace as string).length).toBeLessThanOrEqual(255)
      expect(namespace).not.toContain('\n')
    }), runs(800))
  })

  it('of members come apart as they were put together, or are refused', () => {
    fc.assert(fc.property(anyText, anyText, (peer, incarnation) => {
      const member = attempt(() => memberId(peer, incarnation), [InvalidArgumentError])
      if (member !== refused) expect([peerOf(member), incarnationOf(member)]).toEqual([peer, incarnation])
      attempt(() => peerOf(peer), [InvalidArgumentError])
      attempt(() => incarnationOf(peer), [InvalidArgumentError])
      attempt(() => checkedIncarnation(incarnation), [MalformedFrameError])
    }), runs(500))
  })

  it('of addresses are taken, left out, or refused', () => {
    const part = fc.constantFrom('', 'ip4', '127.0.0.1', 'tcp', '4001', 'p2p', '12D3KooWGC6SmnNVLgYMbNVBuBdtKAxVrQFZPGSPKBXZ5EXnTZUe', 'dns4', 'a.b', 'unix', 'ip6', '::1', 'ws', 'p2p-circuit', '99999', 'x', '%2f', 'ip6zone', 'certhash')
    const address = fc.oneof(anyText, fc.array(part, { maxLength: 7 }).map(parts => `/${parts.join('/')}`))
    fc.assert(fc.property(fc.array(address, { maxLength: 3 }), list => {
      expect(parseAddresses(list).length).toBeLessThanOrEqual(list.length)
      attempt(() => parseBootstrap(list, error => { expect(error).toBeInstanceOf(BootstrapError) }), [BootstrapError])
    }), runs(500))
  })
})
