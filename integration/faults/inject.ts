import { setTimeout as pause } from 'node:timers/promises'
import { soon } from '../../examples/demo/checks.js'
import { leaveRoom } from './disk.js'
import { NAMESPACE } from './serving.js'
import type { NodeEvents } from '../../examples/support/node-api.js'
import type { Member } from './member.js'
import type { Mend, Way } from './network.js'
import type { Fault } from './plan.js'
import type { World } from './world.js'

type Of<K extends Fault['kind']> = Extract<Fault, { kind: K }>

/** A node with writes to make notices a full disk with the next one; one that is cut off has none to make until it is back. */
const NOTICE_MS = 30_000

/** Makes a fault happen to these members and ends it. Resolves when it is over, with every process that it ended running again. */
export async function inject (world: World, fault: Fault, members: readonly Member[]): Promise<void> {
  switch (fault.kind) {
    case 'kill': await kill(fault, members); break
    case 'pause': await stopAndContinue(fault, members); break
    case 'partition': await (fault.shape === 'reset' ? reset(world, members) : partition(world, fault, members)); break
    case 'disk': await fillDisk(world, fault, members); break
    case 'restart': await restart(fault, members); break
  }
}

/** Kills, restarts and full disks must have a node to themselves. */
export const takesProcess = (fault: Fault): boolean => fault.kind === 'kill' || fault.kind === 'disk' || fault.kind === 'restart'

async function kill ({ forMs, again }: Of<'kill'>, members: readonly Member[]): Promise<void> {
  await Promise.all(members.map(async member => {
    await member.kill()
    for (const ms of again) {
      const starting = member.start()
      starting.catch(() => { /* killed below, in the middle of it */ })
      await pause(ms)
      await member.kill()
    }
    await pause(forMs)
    await member.start()
  }))
}

async function stopAndContinue ({ forMs }: Of<'pause'>, members: readonly Member[]): Promise<void> {
  const goOn = members.map(member => member.pause())
  await pause(forMs)
  for (const resume of goOn) resume()
}

/** The part that overtakes the rest, where links reorder. */
const OVERTAKING = 0.25

async function partition (world: World, fault: Of<'partition'>, members: readonly Member[]): Promise<void> {
  const mends = await Promise.all(breakUp(world, fault, members))
  await pause(fault.forMs)
  await Promise.all(mends.map(async mend => { await mend() }))
}

function breakUp (world: World, { shape, delayMs, loss, kbit, clients }: Of<'partition'>, members: readonly Member[]): Array<Promise<Mend>> {
  const { network, outsiders } = world
  const inside = members.map(({ name }) => name)
  const each = (act: (name: string) => Promise<Mend>): Array<Promise<Mend>> => inside.map(act)
  switch (shape) {
    case 'unplug': return each(async name => await network.unplug(name))
    case 'slow': return each(async name => await network.trouble(name, { delayMs }))
    case 'reorder': return each(async name => await network.trouble(name, { delayMs, overtaking: OVERTAKING }))
    case 'lossy': return each(async name => await network.trouble(name, { loss }))
    case 'narrow': return each(async name => await network.trouble(name, { kbit }))
    case 'isolate': case 'mute': case 'deaf': case 'bridge': {
      const outside = world.members.map(({ name }) => name).filter(name => !inside.includes(name))
      // The first of the rest is the bridge: it hears both sides.
      const nodes = waysBetween(inside, shape === 'bridge' ? outside.slice(1) : outside)
      const ways = nodes.filter(({ outward }) => shape === 'mute' ? outward : shape === 'deaf' ? !outward : true)
      const barred = clients === 'all' ? [] : waysBetween(outsiders.map(({ name }) => name), clients === 'rest' ? inside : outside)
      return [network.cut([...ways, ...barred])]
    }
    case 'reset': throw new Error('A reset has no end')
  }
}

function waysBetween (some: readonly string[], others: readonly string[]): Array<Way & { readonly outward: boolean }> {
  return some.flatMap(a => others.flatMap(b => [{ from: a, to: b, outward: true }, { from: b, to: a, outward: false }]))
}

async function reset ({ network, members, outsiders, journal }: World, victims: readonly Member[]): Promise<void> {
  const everybody = [...members, ...outsiders].map(({ name }) => name)
  const counts = await Promise.all(victims.map(async ({ name }) => await network.reset(name, everybody.filter(other => other !== name))))
  journal.say(`${counts.reduce((a, b) => a + b, 0)} connections reset`)
}

async function restart ({ forMs }: Of<'restart'>, members: readonly Member[]): Promise<void> {
  for (const member of members) {
    await member.stop()
    await pause(forMs)
    await member.start()
  }
}

/** The node must stop by itself, say why, answer nothing any more, and come back once there is room. */
async function fillDisk (world: World, { room, forMs }: Of<'disk'>, members: readonly Member[]): Promise<void> {
  await Promise.all(members.map(async member => {
    const { child } = member
    world.mayFail.add(member)
    try {
      const failed = child.until('failing', ({ event }) => event === 'failed')
      failed.catch(() => { /* met below, unless making the fault fails first */ })
      await leaveRoom(member, room)
      const { detail } = await soon(`the failing of ${member.name}, whose disk is full`, NOTICE_MS, failed)
      const { message } = detail as NodeEvents['failed']
      if (!/^StorePoisonedError: .*free space/.test(message)) world.violation(`${member.name}, whose disk is full, failed with "${message}"`)
      await expectSilence(world, member)
      await pause(forMs)
      await member.stop(true)
    } finally {
      world.mayFail.delete(member)
    }
    await member.start()
  }))
}

async function expectSilence (world: World, { name, child }: Member): Promise<void> {
  for (const consistency of ['linearizable', 'stale'] as const) {
    const answer = await child.call('get', { namespace: NAMESPACE, key: 'any', consistency }).then(() => 'an answer', (error: Error) => error.name)
    if (answer !== 'StorePoisonedError') world.violation(`${name}, whose disk is full, met a ${consistency} read with ${answer}`)
  }
  const { state } = await child.call('stats', { namespace: NAMESPACE })
  if (state !== 'failed') world.violation(`${name}, whose disk is full, is ${state}`)
}
