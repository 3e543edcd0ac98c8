import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        // No real network, clock or disk (storage tests use a temporary directory).
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/simulation/**'], pool: 'threads', maxWorkers: 2, testTimeout: 120_000 }
      },
      {
        test: { name: 'simulation', include: ['test/simulation/**/*.test.ts'], pool: 'threads', maxWorkers: 2, testTimeout: 300_000 }
      },
      {
        // Real processes, which mostly wait for each other: two files at a time keep two cores busy, and no test asserts how long anything takes.
        test: { name: 'integration', include: ['integration/**/*.test.ts', 'examples/**/*.test.ts'], maxWorkers: 2, testTimeout: 120_000, hookTimeout: 60_000 }
      }
    ]
  }
})
