export { Engine } from './engine.js'
export { defaultEngineOptions, defaultGroupLimits } from './options.js'
export type { EngineInit, EngineLog, EngineOptions, GroupInit, GroupLimits } from './options.js'
export type * from './types.js'
