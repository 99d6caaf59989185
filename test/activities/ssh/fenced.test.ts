import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { connect } from '../../../activities/ssh/connect.ts'
import { runFenced, type FencedAction, type FencedEnd } from '../../../activities/ssh/fenced.ts'
import { testHost, type TestHost } from './host.ts'

let at: TestHost
let state: string
let count = 0
beforeAll(async () => void (at = await testHost()))
afterAll(() => at.remove())
beforeEach(() => void (state = join(at.folder, `state ${++count}`)))

async function act(action: Partial<FencedAction> & { epoch?: number; attempt?: number }): Promise<FencedEnd> {
  const { epoch = 1, attempt = 1, ...rest } = action
  const connection = await connect(at.host, at.deps, AbortSignal.timeout(30_000))
  try {
    return await runFenced(connection, {
      state,
      owner: 'shop/integration',
      fence: { epoch, attempt },
      key: 'k',
      script: 'echo acted >>count; echo done',
      variables: {},
      repeat: 'success',
      onLine: () => {},
      signal: new AbortController().signal,
      ...rest,
    })
  } finally {
    connection.close()
  }
}

const acted = async () => (await readFile(join(state, 'count'), 'utf8').catch(() => '')).split('\n').length - 1
const present = async (name: string) => {
  while (!existsSync(join(state, name))) await sleep(10)
}

test('acts, tells the exit code and what was printed, and leaves the token', async () => {
  const lines: string[] = []
  const end = await act({ script: 'echo out; echo err >&2; sleep 0.3; exit 3', onLine: (line) => lines.push(line) })
  expect(end).toEqual({ exitCode: 3, output: 'out\nerr\n', way: 'new' })
  expect(lines).toEqual(['out', 'err'])
  expect(await readFile(join(state, 'fence'), 'utf8')).toBe('1 1 shop/integration\n')
})

test('exports variables byte for byte, whatever their names, and lets no command in', async () => {
  const hostile = `'"$(touch ${at.folder}/pwned)\`id\`\\n\\0101\n;é €\r end`
  const names = ['A', 'state', 'owner', 'key', 'call', 'action', 'line', 'payload', 'runner', 'IFS_', 'way', 'code']
  const variables = Object.fromEntries(names.map((name) => [name, `${name}${hostile}`]))
  const end = await act({ variables, script: names.map((name) => `printf '%s\\037' "$${name}"`).join('\n') })
  expect(end.output.split('\x1f').slice(0, -1)).toEqual(names.map((name) => `${name}${hostile}`))
  expect(existsSync(join(at.folder, 'pwned'))).toBe(false)
})

test('values are in no argument of any process, and in no file', async () => {
  const canary = 'canary-7d1f'
  const end = await act({
    variables: { SECRET: canary },
    script: `for each in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$each; echo; done 2>/dev/null; printf '%s' "$SECRET" | wc -c`,
  })
  expect(end.output.trim().endsWith(String(canary.length))).toBe(true)
  expect(end.output).not.toContain(canary)
  const found = await act({
    epoch: 2,
    variables: {},
    script: `grep -r ${canary.slice(0, 6)}'-7d1f' fence running action/key action/pid ; true`,
  })
  expect(found.output).toBe('')
})

test.each([
  ['an older epoch', { epoch: 4, attempt: 9 }],
  ['an older attempt', { epoch: 5, attempt: 1 }],
])('%s is refused, naming both, and nothing is done', async (_, older) => {
  await act({ epoch: 5, attempt: 2 })
  await expect(act(older)).rejects.toMatchObject({
    type: 'Fenced',
    nonRetryable: true,
    message: expect.stringContaining(
      `deployment 5, attempt 2, which is newer than this one (deployment ${older.epoch}, attempt ${older.attempt})`,
    ),
  })
  expect(await acted()).toBe(1)
  expect((await act({ epoch: 10, attempt: 1 })).exitCode).toBe(0)
})

test('the same epoch of another deployment is refused, whatever its attempt, and does not read the end of the other', async () => {
  const [a, b] = ['a'.repeat(12), 'b'.repeat(12)]
  await act({ fence: { epoch: 5, attempt: 1, identity: a } })
  expect(await readFile(join(state, 'fence'), 'utf8')).toBe(`5 1 shop/integration\n${a}\n`)
  await expect(act({ fence: { epoch: 5, attempt: 2, identity: b } })).rejects.toMatchObject({
    type: 'Fenced',
    message: expect.stringContaining(`is held by deployment 5 of the snapshot ${a}`),
    details: [{ held: { epoch: 5, attempt: 1, identity: a } }],
  })
  expect((await act({ fence: { epoch: 5, attempt: 2, identity: a } })).way).toBe('repeated')
  expect(await acted()).toBe(1)
  // Somebody removed the fence, as the words of a damaged one say.
  await rm(join(state, 'fence'))
  expect((await act({ fence: { epoch: 5, attempt: 2, identity: b } })).way).toBe('new')
  expect(await acted()).toBe(2)
})

test('a fence of an earlier version says no more than its numbers', async () => {
  await act({ epoch: 5, attempt: 1 })
  const identity = 'a'.repeat(12)
  expect((await act({ fence: { epoch: 5, attempt: 2, identity } })).way).toBe('repeated')
  expect(await readFile(join(state, 'fence'), 'utf8')).toBe(`5 2 shop/integration\n${identity}\n`)
  expect(await acted()).toBe(1)
  await expect(act({ fence: { epoch: 4, attempt: 9, identity } })).rejects.toMatchObject({ type: 'Fenced' })
})

test('of many tokens at once the newest is the last to act, and no older one acts after it', async () => {
  const epochs = [3, 1, 6, 2, 5, 4]
  const results = await Promise.allSettled(
    epochs.map((epoch) => act({ epoch, key: `k${epoch}`, script: `echo ${epoch} >>order; sleep 0.05` })),
  )
  const order = (await readFile(join(state, 'order'), 'utf8')).trim().split('\n').map(Number)
  expect(order).toEqual(order.toSorted((a, b) => a - b))
  expect(order.at(-1)).toBe(6)
  for (const result of results)
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ message: expect.stringMatching(/newer|killed/) })
})

test('many calls with one token act once', async () => {
  const ends = await Promise.all([1, 2, 3, 4, 5].map(() => act({ script: 'echo acted >>count; sleep 0.3; echo done' })))
  expect(await acted()).toBe(1)
  expect(ends.map((each) => each.output)).toEqual(Array.from({ length: 5 }, () => 'done\n'))
  expect(ends.filter((each) => each.way === 'new')).toHaveLength(1)
})

test('what succeeded is not run again; what failed is, unless its end is asked for', async () => {
  await act({})
  expect((await act({})).way).toBe('repeated')
  expect(await acted()).toBe(1)
  const failing = { epoch: 2, script: 'echo acted >>count; exit 9' }
  expect(await act(failing)).toMatchObject({ exitCode: 9, way: 'new' })
  expect(await act(failing)).toMatchObject({ exitCode: 9, way: 'new' })
  expect(await act({ ...failing, repeat: 'any' })).toMatchObject({ exitCode: 9, way: 'repeated' })
  expect(await acted()).toBe(3)
})

test('the same token with something else to do runs it: a restore after a failure', async () => {
  await act({ key: 'a' })
  expect((await act({ key: 'b' })).way).toBe('new')
  expect((await act({ key: 'a' })).way).toBe('new')
  expect(await acted()).toBe(3)
})

test('a lost connection leaves the action running; the next attempt joins it', async () => {
  const script = 'echo acted >>count; touch started; sleep 1; echo done'
  const first = act({ script })
  const lost = expect(first).rejects.toMatchObject({ nonRetryable: false, message: expect.stringContaining('not known') })
  await present('started')
  await at.breakSessions()
  await lost
  const second = await act({ script })
  expect(second).toEqual({ exitCode: 0, output: 'done\n', way: 'attached' })
  expect(await acted()).toBe(1)
})

test('an action that ended while nobody was connected is read, not run again', async () => {
  const script = 'echo acted >>count; touch started; sleep 0.3; echo done; exit 4'
  const first = act({ script, repeat: 'any' }).catch(() => {})
  await present('started')
  await at.breakSessions()
  await first
  await present('action/exit')
  expect(await act({ script, repeat: 'any' })).toEqual({ exitCode: 4, output: 'done\n', way: 'repeated' })
  expect(await acted()).toBe(1)
})

test('cancelled, it ends the whole process group', async () => {
  const controller = new AbortController()
  const running = act({ script: 'echo $$ >group; (sleep 60 & wait) & touch started; wait; touch survived', signal: controller.signal })
  const cancelled = expect(running).rejects.toThrow('cancelled')
  await present('started')
  const group = (await readFile(join(state, 'group'), 'utf8')).trim()
  controller.abort(new Error('cancelled'))
  await cancelled
  expect(() => process.kill(Number(group), 0)).toThrow('ESRCH')
  expect(existsSync(join(state, 'survived'))).toBe(false)
  expect((await act({ epoch: 2 })).exitCode).toBe(0)
})

test('what was cancelled runs again for the same token, as after the shutdown of a worker', async () => {
  const script = 'echo acted >>count; touch started; sleep 2; echo done'
  const controller = new AbortController()
  const cancelled = expect(act({ script, repeat: 'any', signal: controller.signal })).rejects.toThrow('cancelled')
  await present('started')
  controller.abort(new Error('cancelled'))
  await cancelled
  expect(await act({ script, repeat: 'any' })).toEqual({ exitCode: 0, output: 'done\n', way: 'new' })
  expect(await acted()).toBe(2)
})

test('cancelled at once, it never starts later', async () => {
  for (const delayMs of [0, 5, 15, 30]) {
    const controller = new AbortController()
    const running = act({ script: 'sleep 0.5; touch survived', signal: controller.signal, epoch: 1 + delayMs })
    setTimeout(() => controller.abort(new Error('cancelled')), delayMs)
    await expect(running).rejects.toThrow('cancelled')
  }
  await sleep(1_000)
  expect(existsSync(join(state, 'survived'))).toBe(false)
})

test('an action that ignores SIGTERM is killed for a newer token', async () => {
  const old = act({ script: 'trap "" TERM; touch started; while :; do sleep 0.1; done' })
  const killed = expect(old).rejects.toMatchObject({ message: expect.stringMatching(/killed|newer/) })
  await present('started')
  expect((await act({ epoch: 2 })).exitCode).toBe(0)
  await killed
}, 60_000)

test('a program that the action leaves behind holds nothing up', async () => {
  const began = performance.now()
  expect((await act({ script: 'setsid sleep 5 >/dev/null 2>&1 & echo done' })).output).toBe('done\n')
  expect(performance.now() - began).toBeLessThan(3_000)
  expect((await act({ epoch: 2 })).way).toBe('new')
})

test('the folder of another environment is refused', async () => {
  await act({})
  await expect(act({ owner: 'shop/alpha', epoch: 9 })).rejects.toMatchObject({
    type: 'InvalidConfiguration',
    message: expect.stringContaining('belongs to shop/integration'),
  })
})

test('a damaged fence is refused, and named', async () => {
  await act({})
  await writeFile(join(state, 'fence'), 'x')
  await expect(act({ epoch: 9 })).rejects.toMatchObject({ type: 'Fenced', message: expect.stringContaining(`${state}/fence`) })
})

test('a folder that cannot be made is permanent', async () => {
  state = '/proc/nowhere'
  await expect(act({})).rejects.toMatchObject({
    type: 'InvalidConfiguration',
    nonRetryable: true,
    message: expect.stringContaining('/proc/nowhere'),
  })
})
