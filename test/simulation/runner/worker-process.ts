import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import type { SeedResult } from '../suites.js'
import type { RangeOrder, SeedFailure, WorkerReport } from './protocol.js'

export interface RangeEvents {
  readonly passed: (seed: number, result: SeedResult) => void
  readonly failed: (failure: SeedFailure) => void
}

/** A process that runs seeds. One that dies, or gets nowhere, has failed at the seed that it was at. */
export class WorkerProcess {
  private readonly child: ChildProcess
  private ended = false

  /** `hangMs`: no single seed takes that long. */
  constructor (script: string, private readonly hangMs: number) {
    this.child = fork(script, [], { execArgv: ['--enable-source-maps'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  }

  /** Resolves when the whole range is done, or the worker with it. */
  run (order: RangeOrder, events: RangeEvents): Promise<void> {
    const { promise, resolve } = withResolvers()
    let seed = order.from
    let timer: NodeJS.Timeout | undefined
    const watch = (): void => {
      clearTimeout(timer)
      timer = setTimeout(() => lost('Hang', `no end of this seed after ${this.hangMs / 1000} s`), this.hangMs)
    }
    const finish = (): void => {
      clearTimeout(timer)
      this.child.off('message', hear).off('exit', exited)
      resolve()
    }
    const lost = (kind: string, message: string): void => {
      if (!this.ended) events.failed({ suite: order.suite, seed, kind, message, stack: '' })
      this.end()
      finish()
    }
    const hear = (report: WorkerReport): void => {
      if (report.type === 'idle') return finish()
      watch()
      if (report.type === 'passed') events.passed(seed, report.result)
      else events.failed(report.failure)
      seed++
    }
    const exited = (code: number | null, signal: string | null): void => lost('Exit', `the worker ended by itself: ${signal ?? `code ${code}`}`)
    this.child.on('message', hear).on('exit', exited)
    this.child.send(order)
    watch()
    return promise
  }

  get alive (): boolean { return !this.ended }

  end (): void {
    this.ended = true
    this.child.kill('SIGKILL')
  }
}

function withResolvers (): { promise: Promise<void>, resolve: () => void } {
  let resolve!: () => void
  const promise = new Promise<void>(done => { resolve = done })
  return { promise, resolve }
}
