/**
 * The main job, on this machine: three real node processes form two namespaces, a client writes and reads, the leader is killed, and
 * no acknowledged write is lost. Exit code 0 if every promise held, 1 with what broke if not.
 *
 *     npm start            runs and ends by itself
 *     npm start -- --stay  leaves the mesh up afterwards, until Ctrl-C
 */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Mesh } from '../support/mesh.js'
import { BrokenPromise } from './checks.js'
import { CRON, DEMO, Story } from './story.js'
import { bold, dim, green, red, Timeline } from './timeline.js'

const DEADLINE = 58_000

const { values: args } = parseArgs({ options: { stay: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } } })
if (args.help) {
  console.log('npm start [-- --stay]\n\n  --stay   leave the mesh up when the demo is over, and say how to talk to it')
  process.exit(0)
}

/** Resolves at the first Ctrl-C or SIGTERM; the second ends everything at once. */
const interrupted = new Promise<string>(resolve => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      resolve(signal)
      process.once(signal, () => { process.exit(130) })
    })
  }
})

async function demo (): Promise<number> {
  const timeline = new Timeline()
  await using mesh = await Mesh.create({ prefix: 'raftmesh-demo-' })
  console.log(`${bold('raftmesh')} ${dim(`data in ${mesh.directory}, removed at the end`)}`)
  const story = new Story(mesh, timeline)
  const deadline = AbortSignal.timeout(DEADLINE)
  const late = new Promise<never>((_resolve, reject) => {
    deadline.addEventListener('abort', () => { reject(new BrokenPromise(`the demo did not end within ${DEADLINE / 1_000} s`)) })
  })
  const stopped = await Promise.race([story.run(), late, interrupted])
  if (typeof stopped === 'string') {
    console.log(`\n${stopped}: stopping the nodes`)
    return 130
  }
  const width = Math.max(...story.figures.map(([what]) => what.length))
  timeline.heading('Figures')
  for (const [what, value] of story.figures) console.log(`  ${what.padEnd(width)}  ${value}`)
  console.log(`\n${green('Every promise held')}, in ${(timeline.elapsed() / 1_000).toFixed(1)} s.`)
  if (args.stay) await stay(mesh)
  timeline.end()
  return 0
}

async function stay (mesh: Mesh): Promise<void> {
  const cli = `node ${fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))}`
  const nodes = mesh.nodes
  const [first] = nodes
  console.log(`\n${bold('The mesh stays up')} until Ctrl-C. Its nodes:\n`)
  for (const node of nodes) console.log(`  ${node.name}  ${node.address}  ${dim(`process ${node.pid}, data ${node.config.dataDir}`)}`)
  console.log(`
Talk to it from another terminal:

  PEER=${first?.address}
  ${cli} members ${DEMO} --peer $PEER
  ${cli} set ${DEMO} colour green --peer $PEER
  ${cli} get ${DEMO} colour --peer $PEER
  ${cli} keys ${CRON} --peer $PEER
  ${cli} status ${DEMO} --peer $PEER

Add a node of your own:

  ${cli} start --namespace ${DEMO} --join $PEER --data ./node-4
`)
  await interrupted
  console.log('\nStopping the nodes, leadership handed over first')
}

/** A failure to clean up after a failure stands in front of it: both are told, the first cause first. */
function causes (error: unknown): unknown[] {
  const { name, error: later, suppressed } = error as { name?: string, error?: unknown, suppressed?: unknown }
  return name === 'SuppressedError' ? [...causes(suppressed), ...causes(later)] : [error]
}

try {
  process.exitCode = await demo()
} catch (error) {
  for (const cause of causes(error)) {
    const broken = cause instanceof BrokenPromise
    console.error(`\n${red(broken ? 'A promise is broken' : 'The demo failed')}: ${broken ? cause.message : cause instanceof Error ? cause.stack ?? cause.message : String(cause)}`)
  }
  process.exit(1)
}
