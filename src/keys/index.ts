export { openSealed, sealAt, SealError, Sealer, TAG_BYTES } from './aead.js'
export { deriveKey, fields } from './derive.js'
export { EncryptionKey, generateKey, KeyRing } from './key-ring.js'
export type { KeyRingInit, Secret } from './key-ring.js'
