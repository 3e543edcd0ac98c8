import { EncryptionKeyError, MalformedFrameError, UnknownNamespaceError } from '../errors.js'
import { keyName } from './stream-seal.js'
import type { EncryptionKey, KeyRing } from '../keys/index.js'
import type { CommandSeal } from './command-seal.js'
import type { CommandFrame, SealedCommands } from './pb/command.js'

/** What this node knows of the keys of namespaces. */
export interface NamespaceKeys {
  /** Undefined: in clear here, or not here at all. */
  ringOf: (namespace: string) => KeyRing | undefined
  hosts: (namespace: string) => boolean
}

/** How a request came, and so how its answer leaves. */
export interface Envelope { readonly namespace: string, readonly ring: KeyRing, readonly keyId: string }

/** Which answers leave sealed with what: the key that the caller has for sure, for as long as this node has it. */
export function answerKey ({ ring, keyId }: Envelope): EncryptionKey { return ring.get(keyId) ?? ring.current }

/** What was not sealed as it is here. */
export interface SealedWrong { readonly reason: 'in clear' | 'no key' | 'other key', readonly error: EncryptionKeyError }

/** `self`: this node's peer id, which tells the caller who refuses. */
export function askedInClear (self: string, namespace: string, ring: KeyRing): SealedWrong {
  return {
    reason: 'in clear',
    error: new EncryptionKeyError(`${namespace} is sealed with key ${ring.current.id} on peer ${self}, which was asked in clear: give join() or client() the namespace's encryptionKey`)
  }
}

const MAX_NAMESPACE = 255

/** Opens a box of requests, or says why not. Throws MalformedFrameError: the stream is then of no more use. */
export function openCommands (box: SealedCommands, seal: CommandSeal | undefined, self: string, keys: NamespaceKeys): { frame: CommandFrame, envelope: Envelope } | SealedWrong | UnknownNamespaceError {
  const { namespace } = box
  // It is echoed in the refusal.
  if (namespace.length > MAX_NAMESPACE) throw new MalformedFrameError(`a sealed box for a namespace of ${namespace.length} characters`)
  const keyId = keyName(box.keyId)
  const ring = keys.ringOf(namespace)
  if (ring === undefined) {
    if (!keys.hosts(namespace)) return new UnknownNamespaceError(`This node does not host ${namespace}: ask another`)
    return { reason: 'no key', error: new EncryptionKeyError(`${namespace} is not sealed on peer ${self}, which was asked with key ${keyId}: give that node the namespace's encryptionKey, or none to this one`) }
  }
  const key = ring.get(keyId)
  if (key === undefined) {
    return { reason: 'other key', error: new EncryptionKeyError(`${namespace} is sealed with key ${ring.current.id} on peer ${self}, which was asked with key ${keyId}: give join() or client() the namespace's encryptionKey`) }
  }
  if (seal === undefined) throw new MalformedFrameError('a sealed box on a command stream without a salt')
  return { frame: seal.open(box, key), envelope: { namespace, ring, keyId } }
}

