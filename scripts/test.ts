import { execa } from 'execa'
import { streamLog } from '../lab/log.ts'
import { labUp } from '../lab/up.ts'

/** `npm test [-- FILE…]`: brings the lab up, then runs every test on it. The tests find it up and leave it so. */
const root = `${import.meta.dirname}/..`
await labUp({ checkout: root, forge: true }, streamLog(process.stderr))
const { exitCode } = await execa(`${root}/node_modules/.bin/vitest`, ['run', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  reject: false,
  env: {
    PATH: `${root}/node_modules/.bin:${process.env['PATH'] ?? ''}`,
    // Workers and command lines are started by the hundred: each would compile the same sources again.
    NODE_COMPILE_CACHE: `${root}/node_modules/.cache/compiled`,
  },
})
process.exitCode = exitCode ?? 1
