import fc from 'fast-check'
import { MalformedFrameError, ProtocolVersionError } from '../../src/errors.js'
import { BlockError, decodeBlock, encodeBlock } from '../../src/raft/block.js'
import { ConfigurationError, decodeConfiguration, encodeConfiguration } from '../../src/raft/configuration.js'
import { decodeView, encodeView } from '../../src/formation/codec.js'
import { decodeCommandFrame } from '../../src/wire/commands.js'
import {
  decodeLinkFrame, decodeOffer, encodeAccept, encodeAck, encodeBatches, encodeChunk, encodeDone, encodeHello, encodeOffer, encodePing, encodeRefusal, helloOf, MAX_CHUNKS
} from '../../src/wire/link-frames.js'
import { decodeGroupMessages, encodeGroupMessages } from '../../src/wire/messages.js'
import { CommandFrame } from '../../src/wire/pb/command.js'
import { LinkFrame } from '../../src/wire/pb/transport.js'
import { encodeFrame } from '../../src/wire/writer.js'
import { from, fromPeer, message, offer, to, toPeer } from '../wire/arbitraries.js'
import { commandFrame, configuration, count, hash, linkBox, sealedCommandFrame, text, view } from './arbitraries.js'
import { decoder } from './decoder.js'
import { bytesUpTo } from './support.js'
import type { Append, Entry } from '../../src/raft/types.js'

const body = fc.array(message, { maxLength: 5 }).map(messages => encodeGroupMessages(from, to, messages))

const hello = fc.tuple(fc.constantFrom('control' as const, 'log' as const, 'snapshot' as const), fc.nat(9), fc.nat(9), fc.option(hash, { nil: undefined })).map(([lane, major, minor, salt]) => encodeHello(lane, major, minor, salt))

const entries: fc.Arbitrary<Entry[]> = fc.tuple(count, fc.array(fc.record({
  term: fc.nat(3), time: fc.oneof(fc.constant(5), fc.maxSafeNat()), kind: fc.constantFrom('command' as const, 'noop' as const, 'config' as const), data: bytesUpTo(200)
}), { minLength: 1, maxLength: 12 })).map(([at, list]) => {
  let term = 1
  const first = Math.max(1, at - 100)
  return list.map((e, i) => ({ ...e, index: first + i, term: term += e.term }))
})

const isMember = (id: string): boolean => /^[A-Za-z0-9]{1,128}\.[\w-]{1,64}$/.test(id)

/** Index by index, in terms that do not fall. */
const follows = (list: readonly Entry[], index: number, term: number): boolean =>
  list.every((e, i) => e.index === index + 1 + i && e.term >= (i === 0 ? term : list[i - 1].term))

const continues = ({ entries, prevIndex, prevTerm, term }: Append): boolean => follows(entries, prevIndex, prevTerm) && entries.every(e => e.term <= term)

/** Of frames and messages that peers send. */
export const wireDecoders = [
  decoder({
    name: 'link-frame',
    protobuf: true,
    valid: fc.oneof(
      hello, offer.map(encodeOffer), fc.boolean().map(encodePing), fc.tuple(text, text).map(([code, words]) => encodeRefusal(code, words)),
      fc.array(fc.record({ clusterId: hash, body }), { maxLength: 4 }).map(batches => encodeBatches(batches)),
      fc.array(linkBox, { minLength: 1, maxLength: 4 }).map(boxes => encodeBatches([], boxes)),
      fc.record({ seq: fc.nat(1 << 24), hash, data: bytesUpTo(300) }).map(encodeChunk), fc.nat(1 << 24).map(encodeAck), fc.nat(1 << 24).map(encodeAccept), fc.constant(encodeDone())
    ),
    decode: decodeLinkFrame,
    encode: frame => encodeFrame(LinkFrame.codec(), frame),
    refuses: [MalformedFrameError],
    sound: frame => frame.batches.every(({ clusterId }) => clusterId.length === 32)
  }),
  decoder({
    name: 'link-hello',
    protobuf: true,
    valid: hello,
    decode: bytes => helloOf(decodeLinkFrame(bytes)),
    encode: ({ major, minor, lane, salt }) => lane === undefined ? encodeFrame(LinkFrame.codec(), { batches: [], hello: { major, minor, lane: 99, salt } }) : encodeHello(lane, major, minor, salt),
    refuses: [MalformedFrameError]
  }),
  decoder({
    name: 'group-messages',
    protobuf: true,
    valid: body,
    decode: bytes => decodeGroupMessages(bytes, fromPeer, toPeer),
    // What is not known is skipped, and counted once.
    encode: ({ from, to, messages }) => encodeGroupMessages(from, to, messages),
    refuses: [MalformedFrameError],
    sound: ({ from, to, messages }) => [from, to].every(isMember) && messages.every(m => m.from === from && m.to === to && (m.type !== 'append' || continues(m))),
    made: ({ messages }) => messages.map(m => ({ ...m, from: '', to: '' }))
  }),
  decoder({
    name: 'snapshot-offer',
    protobuf: true,
    valid: offer.map(encodeOffer),
    decode: bytes => {
      const { offer } = decodeLinkFrame(bytes)
      if (offer === undefined) throw new MalformedFrameError('a frame without an offer')
      return decodeOffer(offer, fromPeer, toPeer)
    },
    encode: encodeOffer,
    refuses: [MalformedFrameError],
    sound: ({ clusterId, from, to, term, manifest: { id, digest, chunks, meta } }) =>
      clusterId.length === 32 && digest.length === 32 && isMember(from) && isMember(to) && term > 0 && meta.index > 0 && meta.term > 0 && chunks <= MAX_CHUNKS && /^[\w-]{1,64}$/.test(id),
    made: offer => ({ ...offer, from: '', to: '' })
  }),
  decoder({
    name: 'command-frame',
    protobuf: true,
    valid: fc.oneof(commandFrame, sealedCommandFrame).map(frame => encodeFrame(CommandFrame.codec(), frame)),
    decode: decodeCommandFrame,
    encode: frame => encodeFrame(CommandFrame.codec(), frame),
    refuses: [MalformedFrameError],
    sound: ({ requests, responses }) => [...requests, ...responses].every(({ id }) => id > 0)
  }),
  decoder({ name: 'block', valid: entries.map(encodeBlock), decode: decodeBlock, encode: encodeBlock, refuses: [BlockError], sound: list => list.length > 0 && follows(list, list[0].index - 1, 1) }),
  decoder({ name: 'configuration', valid: configuration.map(encodeConfiguration), decode: decodeConfiguration, encode: encodeConfiguration, refuses: [ConfigurationError] }),
  decoder({ name: 'formation-view', protobuf: true, valid: view.map(encodeView), decode: decodeView, encode: encodeView, refuses: [MalformedFrameError, ProtocolVersionError],
    sound: ({ founders, clusterId, contacts, record: { floor, promise } }) => (clusterId?.length ?? 32) === 32 && contacts.every(({ peer, incarnation }) => isMember(`${peer}.${incarnation}`)) &&
      [founders, promise?.founders ?? []].every(list => list.every((id, i) => isMember(id) && (i === 0 || id > list[i - 1]))) && (promise === undefined || (promise.attempt > 0 && promise.attempt <= floor)) })
]
