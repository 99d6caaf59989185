import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkHealth } from '../../../activities/health/check.ts'
import { checksOf } from '../../../activities/health/checks.ts'
import type { CommandCheck } from '../../../config/estate-schema.ts'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'slipway-health-'))))
afterAll(async () => await rm(folder, { recursive: true }))

const facts = { environment: 'alpha', tag: 'v1.0.0', revision: 'a'.repeat(40) }
const check = (script: string, more: Partial<CommandCheck> = {}): CommandCheck => ({
  command: ['sh', '-c', script],
  on: 'worker',
  answerSeconds: 5,
  successes: 1,
  intervalSeconds: 0.05,
  timeoutSeconds: 1,
  ...more,
})

function ask(each: CommandCheck, signal = new AbortController().signal) {
  const env = { PATH: process.env['PATH'], HOME: folder, SECRET: 'hidden' }
  return checkHealth(checksOf([each], facts, { host: null, environment: env }), { signal, heartbeat: () => {} })
}

test('exit 0 is a good answer; it knows the deployment and nothing of the worker but PATH and HOME', async () => {
  const [line] = await ask(
    check(`env | cut -d= -f1 | grep -vE '^(PWD|SHLVL|_|OLDPWD)$' | sort | tr '\\n' ' '; echo "$TAG $ENVIRONMENT $HOME"`),
  )
  expect(line).toContain(`on the worker ended with code 0: "ENVIRONMENT HOME PATH REVISION TAG v1.0.0 alpha ${folder}", after`)
})

test('it is asked again until it says yes', async () => {
  const [line] = await ask(check('echo x >>tries; [ $(wc -l <tries) -ge 3 ] || { echo "not yet"; exit 4; }'))
  expect(line).toMatch(/ended with code 0, after \d\.\d s; 2 bad answers before, the last: ended with code 4: "not yet"$/)
})

test('what never says yes fails with its last words', async () => {
  await expect(ask(check('echo "no database" >&2; exit 1'))).rejects.toMatchObject({
    type: 'RolloutFailed',
    message: expect.stringMatching(/on the worker did not answer well within 1 s: ended with code 1: "no database"$/),
    details: [{ observed: [expect.any(String), 'ended with code 1: "no database"'] }],
  })
})

test('arguments are words and no shell', async () => {
  const [line] = await ask(check('', { command: ['printf', '%s', '$(id); a  b'] }))
  expect(line).toContain('code 0: "$(id); a  b"')
})

test('a program that is not there is a mistake of the estate, not of the candidate', async () => {
  await expect(ask(check('', { command: ['/nowhere/smoke'] }))).rejects.toMatchObject({
    type: 'InvalidConfiguration',
    message: expect.stringContaining('/nowhere/smoke on the worker, which is not there'),
  })
})

/** A loop that ignores a TERM, and a child of it in the background. */
const STUBBORN = 'trap "" TERM; (while :; do date +%s%N >alive; sleep 0.05; done) & wait'

async function expectNothingLeft(): Promise<void> {
  await sleep(100)
  const before = await readFile(join(folder, 'alive'), 'utf8')
  await sleep(200)
  expect(await readFile(join(folder, 'alive'), 'utf8')).toBe(before)
}

test('one that does not end is ended with all that it began', async () => {
  const startMs = performance.now()
  await expect(ask(check(STUBBORN, { answerSeconds: 1, timeoutSeconds: 1 }))).rejects.toMatchObject({
    message: expect.stringContaining('did not end within 1 s'),
  })
  expect(performance.now() - startMs).toBeLessThan(4000)
  await expectNothingLeft()
})

test('so does a cancellation', async () => {
  await writeFile(join(folder, 'alive'), 'never')
  const controller = new AbortController()
  setTimeout(() => controller.abort(new Error('cancelled')), 300)
  await expect(ask(check(STUBBORN, { timeoutSeconds: 60 }), controller.signal)).rejects.toThrow('cancelled')
  expect(await readFile(join(folder, 'alive'), 'utf8')).not.toBe('never')
  await expectNothingLeft()
})

test('what it leaves in the background ends with it, and holds nothing up', async () => {
  await ask(check('(while :; do date +%s%N >alive; sleep 0.05; done) & sleep 0.1; exit 0'))
  await expectNothingLeft()
})
