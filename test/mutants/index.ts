import { election } from './election.js'
import { membership } from './membership.js'
import type { Mutant } from './mutant.js'
import { clients, engine, formation, storage } from './nodes.js'
import { reads } from './reads.js'
import { recipes } from './recipes.js'
import { replication } from './replication.js'
import { snapshots } from './snapshots.js'

/** By area, in the order of the table in docs/testing.md. */
export const areas: ReadonlyArray<{ readonly title: string, readonly mutants: readonly Mutant[] }> = [
  { title: 'Election', mutants: election },
  { title: 'Replication', mutants: replication },
  { title: 'Membership', mutants: membership },
  { title: 'Snapshots', mutants: snapshots },
  { title: 'Reads and quiet groups', mutants: reads },
  { title: 'Engine', mutants: engine },
  { title: 'Storage and state machine', mutants: storage },
  { title: 'On top of the log', mutants: recipes },
  { title: 'Clients', mutants: clients },
  { title: 'Formation', mutants: formation }
]

export const mutants: readonly Mutant[] = areas.flatMap(area => area.mutants)
