import { resolveJoinOptions } from '../service/options.js'
import { checkNamespace } from '../service/validate.js'
import { UsageError } from './args.js'
import { keyRing } from './keys.js'
import { DEFAULT_DATA_DIR, removeNodeFile, writeNodeFile } from './node-file.js'
import { errorText, toJson } from './output.js'
import type { BootstrapOptions, Cluster, JoinOptions, Preset } from '../service/api.js'
import type { Parsed } from './args.js'
import type { Output } from './output.js'

/** Runs a node until `signal` aborts, then shuts down cleanly; returns the exit code. */
export async function runStart (parsed: Parsed, { signal, output }: { signal: AbortSignal, output: Output }): Promise<number> {
  const namespaces = [...new Set(parsed.list('namespace'))]
  if (namespaces.length === 0) throw new UsageError('start needs at least one --namespace, such as --namespace /raft/demo', 'start')
  const options = { ...joinOptions(parsed), encryptionKey: await keyRing(parsed) }
  // All of it before the node starts: a refused option must not leave a node half up.
  for (const namespace of namespaces) checkNamespace(namespace)
  resolveJoinOptions(options)

  const dataDir = parsed.text('data') ?? DEFAULT_DATA_DIR
  const tell = teller(output, parsed.flag('json'))
  const listen = parsed.list('listen')
  const { createNode } = await import('../service/create-node.js')
  await using node = await createNode({ dataDir, bootstrap: parsed.list('join'), mdns: parsed.flag('mdns'), signal, ...(listen.length > 0 ? { listen } : {}) })
  const addresses = node.addresses().map(String)
  tell('node', { peer: node.peerId.toString(), addresses, data: dataDir }, () => [`node ${node.peerId.toString()}`, ...addresses.map(address => `  listening on ${address}`)])
  node.addEventListener('bootstrap', ({ detail: { address, connected, failures, error } }) => {
    if (connected || failures === 1) tell('bootstrap', { address, connected, error: error?.message }, () => [connected ? `connected to ${address}` : error === undefined ? `lost ${address}` : errorText(error)])
  })

  let failed = false
  const stopped = new Promise<void>(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => { resolve() }, { once: true })
  })
  try {
    for (const namespace of namespaces) {
      const cluster = await node.join(namespace, options)
      report(cluster, tell)
      cluster.addEventListener('failed', () => { failed = true })
    }
    await writeNodeFile(dataDir, { peer: node.peerId.toString(), pid: process.pid, addresses, namespaces })
    await stopped
    tell('stopping', {}, () => ['stopping: handing leadership over'])
    await node.stop()
  } finally {
    await removeNodeFile(dataDir)
  }
  tell('stopped', {}, () => ['stopped'])
  return failed ? 1 : 0
}

export function joinOptions (parsed: Parsed): JoinOptions {
  const founders = parsed.list('founder')
  const expect = parsed.number('expect')
  const mode = parsed.text('bootstrap-mode') ?? (expect !== undefined ? 'expect' : founders.length > 0 ? 'founders' : undefined)
  return {
    preset: parsed.text('preset') as Preset | undefined,
    role: parsed.flag('learner') ? 'learner' : 'voter',
    bootstrap: {
      mode: mode as BootstrapOptions['mode'],
      timeout: parsed.number('bootstrap-timeout'),
      threshold: parsed.number('bootstrap-threshold'),
      expect,
      founders: founders.length > 0 ? founders : undefined
    }
  }
}

type Tell = (event: string, fields: Record<string, unknown>, text: () => string[]) => void

function teller (output: Output, json: boolean): Tell {
  return (event, fields, text) => {
    if (json) output.out(toJson({ event, time: new Date().toISOString(), ...fields }))
    else for (const line of text()) output.out(line)
  }
}

/** Says what a namespace does, as it does it. */
function report (cluster: Cluster, tell: Tell): void {
  const { namespace } = cluster
  cluster.addEventListener('formation', ({ detail: { phase, detail, elapsedMs } }) => {
    tell('formation', { namespace, phase, detail, elapsedMs }, () => [`${namespace}: ${detail} (${Math.round(elapsedMs)} ms)`])
  })
  cluster.addEventListener('state', ({ detail: { state, previous } }) => {
    tell('state', { namespace, state, previous }, () => [`${namespace}: ${previous} → ${state}`])
  })
  cluster.addEventListener('leader', ({ detail: { leader, term } }) => {
    tell('leader', { namespace, leader: leader?.toString() ?? null, term }, () => [`${namespace}: ${leader === undefined ? 'no leader' : `leader ${leader.toString()}`}, term ${term}`])
  })
  cluster.addEventListener('members', ({ detail: { members } }) => {
    tell('members', { namespace, members: members.map(m => ({ peer: m.peer.toString(), voter: m.voter })) },
      () => [`${namespace}: members ${members.map(m => `${m.peer.toString()}${m.voter ? '' : ' (learner)'}`).join(', ')}`])
  })
  cluster.addEventListener('failed', ({ detail }) => {
    tell('failed', { namespace, error: detail.message }, () => [`${namespace}: failed: ${errorText(detail)}`])
  })
}
