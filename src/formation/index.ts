export type {
  CandidateSource, FormationOptions, FormationOutcome, FormationPhase, FormationPorts, JoinClaim, JoinerGroup, SignedJoin, StewardGroup
} from './types.js'
export { Formation } from './formation.js'
export { genesisEntry } from './genesis.js'
export { clusterIdOf } from './pure/proposal.js'
export { Discovery, rendezvousCids } from './discovery.js'
export type { DiscoveryComponents, DiscoveryOptions } from './discovery.js'
export { Joiner } from './joiner.js'
export type { JoinerPorts, MembersReport } from './joiner.js'
export { signJoin, verifyJoin } from './join-request.js'
export { Steward } from './steward.js'
export type { StewardPorts } from './steward.js'
export type { StewardOptions } from './pure/steward-plan.js'
