import { expect, test } from 'vitest'
import { createRunHook } from '../../../activities/deploy/run-hook.ts'
import type { HookEnd } from '../../../activities/deploy/target.ts'

const digest = `sha256:${'1'.repeat(64)}`
const hook = { name: 'migrate', when: 'before', kind: 'command', content: digest, timeoutSeconds: 600 } as const

/** The activity over a target that ends so, and what it stored. */
function ending(end: HookEnd) {
  const stored: string[] = []
  const run = createRunHook({
    attempt: () => ({ signal: new AbortController().signal, heartbeat: () => {} }),
    estate: { file: { registry: { address: 'r' } } } as never,
    store: {
      name: async () => undefined,
      named: async () => null,
      get: async () => Buffer.from('rendered'),
      put: async (bytes) => {
        stored.push(bytes.toString())
        return { digest, bytes: bytes.length }
      },
    },
    target: () => ({ runHook: async () => end }) as never,
  })
  const snapshot = { content: digest, candidate: { revision: 'a' }, tag: 'v1.0.0', hooks: [hook] } as never
  const input = { project: 'p', environment: 'prod', fence: { epoch: 1, attempt: 1 }, snapshot, hook, run: 1 }
  return {
    stored,
    run: (name: string = hook.name, fence: object = {}) => run({ ...input, fence: { ...input.fence, ...fence }, hook: { ...hook, name } }),
  }
}

const log = Array.from({ length: 100 }, (_, index) => `line ${index}\n`).join('')

test('keeps the whole log and shows its last lines, as plain text', async () => {
  const { run, stored } = ending({
    outcome: 'succeeded',
    words: 'ended with exit code 0 on h',
    logText: `${log}\u001b[31mred\u001b[0m\u0007\n`,
  })
  const ran = await run()
  expect(ran.log).toEqual({ digest, bytes: stored[0]?.length })
  expect(stored[0]).toContain('line 0\n')
  expect(ran.observed).toHaveLength(50)
  expect([ran.observed[0], ran.observed.at(-2), ran.observed.at(-1)]).toEqual(['ended with exit code 0 on h', 'line 99', 'red'])
})

test('a failure and an unknown end are permanent, and carry what was seen', async () => {
  await expect(ending({ outcome: 'failed', words: 'ended with exit code 3 on h', logText: 'no table\n' }).run()).rejects.toMatchObject({
    type: 'HookFailed',
    nonRetryable: true,
    message: 'The hook migrate of prod ended with exit code 3 on h: no table',
    details: [{ observed: ['ended with exit code 3 on h', 'no table'], log: { digest } }],
  })
  await expect(ending({ outcome: 'unknown', words: 'was begun, and is gone', logText: '' }).run()).rejects.toMatchObject({
    type: 'OutcomeUnknown',
    nonRetryable: true,
    message: expect.stringContaining('It is not run again by itself'),
    details: [{ observed: ['was begun, and is gone'], log: null }],
  })
})

test.each(['../../etc', 'a b', '$(x)', 'a.b', '', '-x'])('a name that is no name is refused: %j', async (name) => {
  await expect(ending({ outcome: 'succeeded', words: '', logText: '' }).run(name)).rejects.toMatchObject({ type: 'InvalidConfiguration' })
})

test.each([{ identity: '../../etc' }, { identity: "a';reboot" }, { identity: '' }, { epoch: '1; reboot' }, { attempt: -1 }])(
  'a token that is none is refused: %j',
  async (fence) => {
    const { run } = ending({ outcome: 'succeeded', words: '', logText: '' })
    await expect(run('migrate', fence)).rejects.toMatchObject({ type: 'InvalidConfiguration' })
  },
)
