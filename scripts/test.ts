import { execa } from 'execa'
import { streamLog } from '../lab/log.ts'
import { labUp } from '../lab/up.ts'
import { testOptions } from './test-options.ts'

/** `npm test [-- FILE… | --kubeconfig FILE | --own]`: brings the lab up, then runs every test on it. The tests find it up and leave it so. */
const root = `${import.meta.dirname}/..`

try {
  const { lab, vitest } = testOptions(process.argv.slice(2), process.env['INIT_CWD'] ?? process.cwd())
  await labUp({ checkout: root, forge: true, ...lab }, streamLog(process.stderr))
  process.exitCode = await runTests(vitest)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

async function runTests(args: readonly string[]): Promise<number> {
  const { exitCode } = await execa(`${root}/node_modules/.bin/vitest`, ['run', ...args], {
    cwd: root,
    stdio: 'inherit',
    reject: false,
    env: {
      PATH: `${root}/node_modules/.bin:${process.env['PATH'] ?? ''}`,
      // Workers and command lines are started by the hundred: each would compile the same sources again.
      NODE_COMPILE_CACHE: `${root}/node_modules/.cache/compiled`,
    },
  })
  return exitCode ?? 1
}
