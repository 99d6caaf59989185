import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CancelledFailure } from '@temporalio/common'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HookConfig } from '../../../config/hooks-schema.ts'
import type { ServiceImage } from '../../../domain/candidate.ts'
import { attempt, onLab, place, type OnLab } from './on-lab.ts'

/** Debian has compose v1 only; where somebody names a v2 plugin, everything is run with it as well. */
const plugin = process.env['SLIPWAY_TEST_COMPOSE_PLUGIN']

describe.each(['v1', ...(plugin ? ['v2'] : [])])('hooks with compose %s', (kind) => {
  let at: OnLab
  let web: ServiceImage
  beforeAll(async () => {
    at = await onLab(kind === 'v2' ? plugin! : null)
    web = await at.image('web', '1')
  }, 60_000)
  afterAll(() => at.remove())

  /** The service is one that the engine starts again and again: a hook of it must not be. */
  const file = () => `version: "3.7"
services:
  web:
    image: \${REGISTRY}/${at.prefix}/web:\${TAG}
    restart: always
    environment: { PASSWORD: "\${PASSWORD:-none}" }
    volumes: ["./shared:/shared"]
`
  const CANARY = 'canary-5e7f1a'

  async function hookOf(command: string[] | null, more: Partial<HookConfig> & { placed?: boolean; timeoutSeconds?: number } = {}) {
    const { placed = false, timeoutSeconds = 30, ...kindOf } = more
    const made = at.target({
      environment: { PASSWORD: { env: 'SECRET' } },
      secrets: { SECRET: CANARY },
      file: placed ? 'placed' : 'repository',
    })
    const { target, render, directory } = made
    await place(join(directory, 'shared', '.keep'), '', at.host.user)
    await place(join(directory, placed ? 'docker-compose.yml' : '.keep'), file(), at.host.user)
    const input = await render(placed ? null : file(), [web])
    const compose = { service: 'web', ...(command === null ? {} : { command }) }
    const config = { name: 'migrate', timeoutSeconds, ...('command' in kindOf ? kindOf : { compose }) } as HookConfig
    const content = await target.renderHook(config, { ...input, parts: {}, mirror: {} as never }, input.content, attempt())
    const epoch = input.fence.epoch
    const prefix = `slipway.${made.project}.${epoch}.migrate`
    return {
      ...made,
      content,
      epoch,
      shared: join(directory, 'shared'),
      count: async () => (await readFile(join(directory, 'shared', 'count'), 'utf8').catch(() => '')).split('\n').length - 1,
      containers: async () =>
        (await at.docker('ps', '-a', '--filter', `name=${prefix}`, '--format', '{{.Names}}')).split('\n').filter((each) => each !== ''),
      run: (options: { attempt?: number; run?: number; epoch?: number; signal?: AbortSignal; lines?: string[] } = {}) =>
        target.runHook(
          {
            ...input,
            fence: { epoch: options.epoch ?? epoch, attempt: options.attempt ?? 1 },
            hook: { name: 'migrate', content, timeoutSeconds, run: options.run ?? 1 },
          },
          attempt(options.signal, options.lines),
        ),
    }
  }

  // Most of the time is compose's and the engine's: together they take as long as a few.
  const sh = (script: string) => ['sh', '-c', script]
  const begun = 'echo begun >>/shared/count; '
  const until = async (path: string) => {
    while (!existsSync(path)) await sleep(20)
  }

  test.concurrent('a service is run once with its image by digest, its arguments as they are, and leaves no container', async () => {
    const hostile = [`'"$(touch /shared/pwned)`, '`id`', '$TAG', 'a\nb', '-x', '', 'é;&|']
    const hook = await hookOf(['printf', '[%s]', ...hostile])
    expect(await hook.run()).toMatchObject({
      outcome: 'succeeded',
      words: expect.stringMatching(/^ended with exit code 0 on /),
      logText: hostile.map((each) => `[${each}]`).join(''),
    })
    expect(await hook.containers()).toEqual([])
    expect(existsSync(join(hook.shared, 'pwned'))).toBe(false)
    const override = await readFile(join(hook.directory, `.slipway/hooks/${hook.epoch}.migrate.1/images.yml`), 'utf8')
    expect(override).toContain(`@${web.digest}`)
  }, 60_000)

  test.concurrent('how it ended is told again and it is not run again, whatever its service says of restarts', async () => {
    const hook = await hookOf(sh(`${begun}echo "no table"; exit 3`))
    const end = { outcome: 'failed', words: expect.stringContaining('ended with exit code 3'), logText: 'no table\n' }
    expect(await hook.run()).toMatchObject(end)
    await rm(join(hook.directory, '.slipway/action'), { recursive: true })
    expect(await hook.run({ attempt: 2 })).toMatchObject(end)
    await sleep(500)
    expect([await hook.count(), await hook.containers()]).toEqual([1, []])
    await hook.run({ attempt: 2, run: 2 })
    expect(await hook.count()).toBe(2)
  }, 60_000)

  test.concurrent('a secret reaches the container, and no output, log, file or process list', async () => {
    const hook = await hookOf(sh('echo "it is $PASSWORD"; echo "$PASSWORD" >/shared/seen; sleep 1'))
    const lines: string[] = []
    const running = hook.run({ lines })
    await until(join(hook.shared, 'seen'))
    expect(await commandLines()).not.toContain(CANARY)
    const { logText } = await running
    expect([logText, lines.join()]).toEqual(['it is ***\n', expect.not.stringContaining(CANARY)])
    expect(await readFile(join(hook.shared, 'seen'), 'utf8')).toBe(`${CANARY}\n`)
    const kept = join(hook.directory, '.slipway', 'hooks', `${hook.epoch}.migrate.1`)
    for (const name of await readdir(kept)) if (name !== 'output') expect(await readFile(join(kept, name), 'utf8')).not.toContain(CANARY)
    expect(hook.content.toString()).not.toContain(CANARY)
  }, 60_000)

  test.concurrent('one that never ends is ended with its container when its time is over', async () => {
    const hook = await hookOf(sh(`${begun}trap "" TERM; echo working; while :; do sleep 1; done`), { timeoutSeconds: 2 })
    const end = { outcome: 'failed', words: expect.stringContaining('had not ended after 2 s and was ended'), logText: 'working\n' }
    expect(await hook.run()).toMatchObject(end)
    expect(await hook.containers()).toEqual([])
    expect(await hook.run({ attempt: 2 })).toMatchObject(end)
    expect(await hook.count()).toBe(1)
  }, 60_000)

  test.concurrent('cancelled, its container is ended, and it is not begun again', async () => {
    const hook = await hookOf(sh(`${begun}sleep 60`))
    const controller = new AbortController()
    const cancelled = expect(hook.run({ signal: controller.signal })).rejects.toThrow('CANCELLED')
    await until(join(hook.shared, 'count'))
    controller.abort(new CancelledFailure('CANCELLED'))
    await cancelled
    for (let left = 50; left > 0 && (await hook.containers()).length > 0; left--) await sleep(200)
    expect(await hook.containers()).toEqual([])
    expect(await hook.run({ attempt: 2 })).toMatchObject({ outcome: 'failed', words: expect.stringContaining('was told to end') })
    expect(await hook.count()).toBe(1)
  }, 60_000)

  test.concurrent('with everything on the host gone but the container, the next attempt follows it', async () => {
    const hook = await hookOf(sh(`${begun}sleep 2; echo migrated`))
    const lost = expect(hook.run()).rejects.toMatchObject({ nonRetryable: false })
    await until(join(hook.shared, 'count'))
    process.kill(-Number((await readFile(join(hook.directory, '.slipway/action/pid'), 'utf8')).trim()), 'SIGKILL')
    await lost
    expect(await hook.run({ attempt: 2 })).toMatchObject({ outcome: 'succeeded', logText: 'migrated\n' })
    expect([await hook.count(), await hook.containers()]).toEqual([1, []])
  }, 60_000)

  test.concurrent('a container that somebody took away: unknown, and never made again', async () => {
    const hook = await hookOf(sh(`${begun}echo half; sleep 60`))
    const running = hook.run()
    const output = join(hook.directory, `.slipway/hooks/${hook.epoch}.migrate.1/output`)
    while (!(await readFile(output, 'utf8').catch(() => '')).includes('half')) await sleep(20)
    await at.docker('rm', '-f', (await hook.containers())[0]!)
    const unknown = { outcome: 'unknown', logText: 'half\n' }
    expect(await running).toMatchObject(unknown)
    expect(await hook.run({ attempt: 2 })).toMatchObject(unknown)
    expect(await hook.count()).toBe(1)
  }, 60_000)

  test.concurrent('what compose cannot start has failed, and says why', async () => {
    const missing = await hookOf(['/no/such/program'])
    expect(await missing.run()).toMatchObject({
      outcome: 'failed',
      words: expect.stringMatching(/ended with exit code 12[57]/),
      logText: expect.stringContaining('/no/such/program'),
    })
    expect(await missing.containers()).toEqual([])
  }, 60_000)

  test.concurrent('the file that is placed on the host, and a service that it does not have', async () => {
    const hook = await hookOf(sh('echo "$PASSWORD" | wc -c'), { placed: true })
    expect(await hook.run()).toMatchObject({ outcome: 'succeeded', logText: `${CANARY.length + 1}\n` })
  }, 60_000)

  test.concurrent('a command runs in the folder, with TAG and without the secrets', async () => {
    const hook = await hookOf(null, { command: sh('pwd; echo "$TAG ${PASSWORD-unset}"') })
    expect(await hook.run()).toMatchObject({ outcome: 'succeeded', logText: `${hook.directory}\ndevelop.aaaaaaaa unset\n` })
  }, 60_000)
})

/** What every process of this machine was started with. */
async function commandLines(): Promise<string> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  return (await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))).join('\n')
}
