import { holdingsOf, missing } from './holdings.js'
import { ClosedError, RaftMeshError, StoreCorruptError } from '../../../src/errors.js'
import { checkLinearizable } from '../../linearizability/check.js'
import type { NamespacePlan } from './plan.js'
import type { SimNode } from './sim-node.js'
import type { World } from './world.js'
import type { Cluster } from '../../../src/service/cluster.js'

const text = new TextDecoder()
const READ_MS = 20_000

/** What clients were told, against each other and against what every member holds in the end. */
export function judge (world: World): void {
  for (const { name, group, founders, late } of world.plan.namespaces) {
    const history = world.workload.histories.get(group)
    if (history === undefined) continue
    const members = [...founders, ...late].map(i => world.nodes[i])
    world.await(`every member reads all of ${group} in the end`, READ_MS, async () => {
      await Promise.all(members.flatMap(member => world.workload.keys.map(async key => {
        // All at once, so each has a beginning and an end of its own: a write of unknown outcome may take effect even now.
        const recorded = history.begin(member.name, { type: 'get', key })
        const value = await asSoonAsPossible(world, member, name, async cluster => await cluster.get(key))
        recorded.ok(value === undefined ? undefined : text.decode(value))
      })))
    })
    const verdict = checkLinearizable(history.operations())
    if (verdict.ok === 'gave up') world.fail('linearizability', `the check of ${verdict.key} in ${group} gave up after ${verdict.configurations} configurations`)
    else if (!verdict.ok) world.fail('linearizability', `${group}: ${verdict.explanation}`)
  }
  for (const namespace of world.plan.namespaces) judgeByLog(world, namespace)
  world.watch.finished()
}

/** The log is what happened: whatever members hold, and programs were told, is held against it. */
function judgeByLog (world: World, namespace: NamespacePlan): void {
  const { name, group, founders, late } = namespace
  const members = [...founders, ...late].map(i => world.nodes[i])
  const all = world.await(`every member tells what it holds of ${group}`, READ_MS, async () => {
    return await Promise.all(members.map(async member => ({ member, holdings: await asSoonAsPossible(world, member, name, holdingsOf) })))
  })
  const replay = world.watch.replayOf(group)
  if (replay.revision < replay.applied.highest) world.fail('the log is known to its end', `${group} is known up to ${replay.revision}, and members have applied up to ${replay.applied.highest}`)
  for (const { member, holdings } of all) {
    const wrong = missing(holdings, replay)
    if (wrong !== undefined) world.fail('every member holds what the log says', `${member.name} of ${group} ${wrong}`)
  }
  for (const program of world.programs) program.judge(replay, namespace)
}

async function deathOf (member: SimNode): Promise<never> {
  return await new Promise<never>((_resolve, reject) => { member.life?.onDeath(() => { reject(new ClosedError(`${member.name} died`)) }) })
}

/** From the member itself. */
async function asSoonAsPossible<T> (world: World, member: SimNode, namespace: string, ask: (cluster: Cluster) => Promise<T>): Promise<T> {
  for (;;) {
    const cluster = member.hosts.get(namespace)?.cluster
    try {
      // Whoever dies with the question in hand answers nothing: a write that had begun to fail before all was healed, say.
      if (cluster !== undefined) return await Promise.race([ask(cluster), deathOf(member)])
    } catch (error) {
      if (!(error instanceof RaftMeshError)) throw error
      // A flipped bit that nobody had looked at before: the operator does what the message says.
      if (error instanceof StoreCorruptError) world.nemesis.failed(member, error)
      if (world.tracing) world.trace(`${member.name} cannot tell anything of ${namespace} yet: ${error.message}`)
    }
    // It may be down: a disk error that was on its way, say.
    await world.sleep(20)
  }
}
