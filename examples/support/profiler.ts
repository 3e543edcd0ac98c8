import { writeFile } from 'node:fs/promises'
import { Session } from 'node:inspector/promises'

/** Methods of a process that can be told to profile itself for a while: unlike `node --cpu-prof`, the start of the process is left out. */
export interface ProfilerMethods {
  startProfile: (args: null) => Promise<void>
  /** Writes the profile (a `.cpuprofile`) to the path. */
  endProfile: (args: { path: string }) => Promise<void>
}

let session: Session | undefined

export const profilerMethods: ProfilerMethods = {
  startProfile: async () => {
    session = new Session()
    session.connect()
    await session.post('Profiler.enable')
    await session.post('Profiler.start')
  },
  endProfile: async ({ path }) => {
    if (session === undefined) throw new Error('No profile was started')
    const { profile } = await session.post('Profiler.stop')
    session.disconnect()
    session = undefined
    await writeFile(path, JSON.stringify(profile))
  }
}
