import { Handlers } from './handlers.js'
import { Lockers } from './lockers.js'
import { Timekeepers } from './timekeepers.js'
import { Versions } from './versions.js'
import { Watchers } from './watchers.js'
import { Writers } from './writers.js'
import type { Program } from './program.js'
import type { World } from '../world.js'

export const programKinds = ['versions', 'watchers', 'lockers', 'writers', 'handlers', 'timekeepers'] as const
export type ProgramKind = typeof programKinds[number]

const makers: Readonly<Record<ProgramKind, new (world: World) => Program>> = { versions: Versions, watchers: Watchers, lockers: Lockers, writers: Writers, handlers: Handlers, timekeepers: Timekeepers }

export const programsOf = (world: World, kinds: readonly ProgramKind[]): Program[] => kinds.map(kind => new makers[kind](world))
