import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/longest-first.ts'

/** Everything runs on real parts, which all files share by names of their own: two files at a time, as many as there are cores. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 900_000,
    maxWorkers: 2,
    pool: 'forks',
    sequence: { sequencer: LongestFirst },
    reporters: ['default'],
  },
})
