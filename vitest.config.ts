import { defineConfig } from 'vitest/config'

/** Everything runs on real parts; what shares them runs one file after another. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 900_000,
    fileParallelism: false,
    pool: 'forks',
    reporters: ['default'],
  },
})
