import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createVerify } from '../../../activities/deploy/act.ts'
import type { ActInput } from '../../../activities/deploy/target.ts'
import { estateSchema } from '../../../config/estate-schema.ts'
import type { ServiceImage } from '../../../domain/candidate.ts'
import { unasked } from '../unasked.ts'
import { attempt, onLab, place, type Deployer, type OnLab } from './on-lab.ts'

/** Debian has compose v1 only; where somebody names a v2 plugin, everything is run with it as well. */
const plugin = process.env['SLIPWAY_TEST_COMPOSE_PLUGIN']

describe.each(['v1', ...(plugin ? ['v2'] : [])])('compose %s', (kind) => {
  let at: OnLab
  let web: ServiceImage
  let web2: ServiceImage
  let api: ServiceImage
  beforeAll(async () => {
    at = await onLab(kind === 'v2' ? plugin! : null)
    ;[web, web2, api] = [await at.image('web', '1'), await at.image('web', '2'), await at.image('api', '1')]
  })
  afterAll(() => at.remove())

  const fileOf = (more = '') => `version: "3.7"
services:
  web:
    image: \${REGISTRY}/${at.prefix}/web:\${TAG}
    restart: unless-stopped
    environment: { GREETING: "\${GREETING:-none}" }
  api:
    image: \${DOCKER_REGISTRY_HOST:-hub}/${at.prefix}/api:\${TAG}
    restart: unless-stopped
${more}`

  const only = (more = '') => `version: "3.7"\nservices:\n  web:\n    image: \${REGISTRY}/${at.prefix}/web:\${TAG}\n${more}`
  const containers = async (project: string, format = '{{.Names}}') =>
    (await at.docker('ps', '-a', '--filter', `label=com.docker.compose.project=${project}`, '--format', format))
      .split('\n')
      .filter((each) => each !== '')
      .toSorted()
  const served = async (project: string, service: string) => {
    const [id] = (
      await at.docker(
        'ps',
        '-q',
        '--filter',
        `label=com.docker.compose.project=${project}`,
        '--filter',
        `label=com.docker.compose.service=${service}`,
      )
    ).split('\n')
    return at.readFile(id!, '/www/version')
  }

  test('brings a candidate up by digest, verifies it, and touches only what changes', async () => {
    const { target, render, project } = at.target()
    const first = await render(fileOf(), [api, web])
    const lines: string[] = []
    const applied = await target.apply(first, attempt(undefined, lines))
    expect(applied.changes).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^container \S+web.1 created$/),
        expect.stringMatching(/^image \S+\/api:develop.aaaaaaaa [0-9a-f]{12}$/),
      ]),
    )
    expect(lines.length).toBeGreaterThan(0)
    const { observed } = await target.verify(first, attempt(), unasked)
    expect(observed).toEqual([
      expect.stringContaining(`web: running, ${at.registry}/${web.repository}@${web.digest.slice(7, 19)}`),
      expect.stringContaining(`api: running, ${at.registry}/${api.repository}@${api.digest.slice(7, 19)}`),
    ])
    expect(await served(project, 'web')).toBe('1')

    const second = await render(fileOf(), [api, web2], { previous: first.content })
    const { changes } = await target.apply(second, attempt())
    await target.verify(second, attempt(), unasked)
    expect(await served(project, 'web')).toBe('2')
    expect(changes).toEqual(expect.arrayContaining([expect.stringMatching(/web.1 recreated$/), expect.stringMatching(/api.1 up-to-date$/)]))
    await expect(target.verify(first, attempt(), unasked)).rejects.toMatchObject({
      type: 'Fenced',
      message: expect.stringContaining('which is newer'),
    })
    await expect(target.apply(first, attempt())).rejects.toMatchObject({ type: 'Fenced' })

    const back = await render(fileOf(), [api, web], { previous: second.content })
    await target.apply(back, attempt())
    await target.verify(back, attempt(), unasked)
    expect(await served(project, 'web')).toBe('1')
  })

  test('the same candidate renders to the same bytes', async () => {
    const { render } = at.target({ environment: { B: '1', A: '2' } })
    const { render: again } = at.target({ environment: { A: '2', B: '1' }, project: 'p' })
    expect((await render(fileOf(), [api, web])).content.equals((await render(fileOf(), [api, web])).content)).toBe(true)
    expect((await again(fileOf(), [api, web])).content.toString()).toContain('"project":"p"')
  })

  test('a tag that moves under it changes nothing: the digest decides', async () => {
    const { target, render, project } = at.target()
    const input = await render(only(), [web])
    const moved = `${at.registry}/${web2.repository}@${web2.digest}`
    await at.docker('pull', moved)
    await at.docker('tag', moved, `${at.registry}/${web.repository}:develop.aaaaaaaa`)
    await at.docker('push', `${at.registry}/${web.repository}:develop.aaaaaaaa`)
    await target.apply(input, attempt())
    await target.verify(input, attempt(), unasked)
    expect(await served(project, 'web')).toBe('1')
  })

  test('another image in the place of the candidate is found out', async () => {
    const { target, render, directory, project } = at.target()
    const input = await render(only(), [web])
    await target.apply(input, attempt())
    const path = join(directory, '.slipway')
    const override = (await readFile(join(path, 'images.yml'), 'utf8')).replaceAll(/@sha256:[0-9a-f]+/g, `@${web2.digest}`)
    const v2 = kind === 'v2'
    execFileSync(v2 ? 'docker' : 'docker-compose', [...(v2 ? ['compose'] : []), '-p', project, '-f', '-', 'up', '-d'], {
      input: override,
      env: at.environment,
      stdio: 'pipe',
    })
    await expect(target.verify(input, attempt(), unasked)).rejects.toMatchObject({
      type: 'RolloutFailed',
      message: expect.stringContaining('which is another one'),
    })
  })

  test('secrets reach the containers and nothing else', async () => {
    const canary = 'canary-4c0ffee'
    const { target, render, directory, project } = at.target({
      environment: { GREETING: { env: 'SECRET' }, PLAIN: 'x' },
      secrets: { SECRET: canary },
    })
    const input = await render(fileOf(), [api, web])
    expect(input.content.toString()).not.toContain(canary)
    const applied = await target.apply(input, attempt())
    expect(
      await at.docker(
        'exec',
        (await containers(project, '{{.ID}} {{.Names}}')).find((line) => line.includes('web'))!.split(' ')[0]!,
        'sh',
        '-c',
        'echo $GREETING',
      ),
    ).toBe(canary)
    expect(applied.logText).not.toContain(canary)
    expect(() => execFileSync('grep', ['-r', canary, directory])).toThrow()
    expect(execFileSync('ls', ['-ld', join(directory, '.slipway')], { encoding: 'utf8' })).toMatch(/^drwx------/)
    await expect(at.target({ environment: { GREETING: { env: 'NOT_SET' } } }).target.apply(input, attempt())).rejects.toMatchObject({
      type: 'InvalidConfiguration',
      message: expect.stringContaining('"NOT_SET"'),
    })
  })

  test('uses the compose file that is placed on the host, with what belongs to it', async () => {
    const { target, render, directory, project } = at.target({ file: 'placed' })
    await expect(target.apply(await render(null, [web]), attempt())).rejects.toMatchObject({
      type: 'InvalidConfiguration',
      message: expect.stringContaining('found none'),
    })
    await place(
      join(directory, 'docker-compose.yml'),
      `version: "3.7"\nservices:\n  front:\n    image: \${HERE}/${at.prefix}/web:\${TAG}\n`,
      at.host.user,
    )
    await place(
      join(directory, 'docker-compose.override.yml'),
      `version: "3.7"\nservices:\n  front:\n    environment: { PLACED: "\${WHO}" }\n`,
      at.host.user,
    )
    await place(join(directory, '.env'), `HERE=${at.registry}\nWHO=me\n`, at.host.user)
    const input = await render(null, [web])
    await target.apply(input, attempt())
    const { observed } = await target.verify(input, attempt(), unasked)
    expect(observed).toEqual([expect.stringContaining('front: running')])
    expect(await at.docker('exec', (await containers(project, '{{.ID}}'))[0]!, 'sh', '-c', 'echo $PLACED')).toBe('me')
    await expect(target.apply(await render(null, [web, api]), attempt())).rejects.toMatchObject({
      type: 'InvalidConfiguration',
      message: expect.stringContaining(`a service with the image ${at.registry}/${api.repository}`),
    })
  })

  test('paths in the compose file count from the folder on the host', async () => {
    const { target, render, directory, project } = at.target()
    await place(join(directory, 'settings.env'), 'FROM_FILE=yes\n', at.host.user)
    await place(join(directory, 'page'), 'hello', at.host.user)
    const input = await render(only(`    env_file: settings.env\n    volumes: ["./page:/www/page:ro"]\n`), [web])
    await target.apply(input, attempt())
    const [id] = await containers(project, '{{.ID}}')
    expect(await at.docker('exec', id!, 'sh', '-c', 'echo $FROM_FILE')).toBe('yes')
    expect(await at.readFile(id!, '/www/page')).toBe('hello')
  })

  test('only the named services are brought up', async () => {
    const { target, render, project } = at.target()
    const input = await render(fileOf(), [api, web], { services: ['web'] })
    await target.apply(input, attempt())
    expect(await target.verify(input, attempt(), unasked)).toEqual({ observed: [expect.stringContaining('web: running')] })
    expect(await containers(project)).toHaveLength(1)
    await expect(at.target().render(fileOf(), [api, web], { services: ['nobody'] })).rejects.toMatchObject({
      type: 'InvalidConfiguration',
      message: expect.stringContaining('nobody'),
    })
  })

  test('what the compose file no longer has is removed, and nothing else: of no other project, and nothing made by hand', async () => {
    const side = `  side:\n    image: \${REGISTRY}/${at.prefix}/api:\${TAG}\n`
    const { target, render, project } = at.target()
    const other = at.target()
    const first = await render(fileOf(side), [api, web])
    await target.apply(first, attempt())
    await other.target.apply(await other.render(fileOf(side), [api, web]), attempt())
    expect(await containers(project)).toHaveLength(3)
    const image = `${at.registry}/${api.repository}@${api.digest}`
    // A service of this project's name that no compose file of Slipway's ever had, and a container of nobody's project.
    const labels = ['--label', `com.docker.compose.project=${project}`, '--label', 'com.docker.compose.service=byhand']
    await at.docker('create', '--name', `${project}_byhand_1`, ...labels, image)
    await at.docker('create', '--name', `${project}_side_2`, image)
    const before = await containers(other.project)

    const second = await render(fileOf(), [api, web], { previous: first.content })
    expect((await target.apply(second, attempt())).changes).toEqual(
      expect.arrayContaining([expect.stringContaining('removed the container of side')]),
    )
    const left = (await at.docker('ps', '-a', '--filter', `name=^/?${project}[_-]`, '--format', '{{.Names}}')).replaceAll('-', '_')
    const name = project.replaceAll('-', '_')
    expect(left.split('\n').toSorted()).toEqual(['api_1', 'byhand_1', 'side_2', 'web_1'].map((each) => `${name}_${each}`))
    expect(await containers(other.project)).toEqual(before)
    expect(before).toHaveLength(3)

    // Another deployment brings a service, and is stopped before it is what counts: what counts is still the second one.
    const third = await render(fileOf(`  extra:\n    image: \${REGISTRY}/${at.prefix}/api:\${TAG}\n`), [api, web], {
      previous: second.content,
    })
    await target.apply(third, attempt())
    const back = { ...second, previous: second.content, fence: { epoch: third.fence.epoch + 1, attempt: 1 } }
    const { fence, rolloutTimeoutMs: _, ...asked } = back
    expect((await target.inspect!({ ...asked, epoch: fence.epoch }, attempt())).map(({ object, found }) => [object, found])).toContainEqual(
      ['service extra', expect.stringContaining('not of what was applied')],
    )
    expect((await target.plan!(asked, attempt())).changes).toContainEqual(
      expect.objectContaining({ object: 'service extra', change: 'delete' }),
    )
    expect((await target.apply(back, attempt())).changes).toContainEqual(expect.stringContaining('removed the container of extra'))
    expect((await containers(project)).map((each) => each.replaceAll('-', '_'))).toEqual(
      ['api_1', 'byhand_1', 'web_1'].map((each) => `${name}_${each}`),
    )
    expect((await target.inspect!({ ...asked, epoch: fence.epoch }, attempt())).map(({ object }) => object)).not.toContain('service extra')
  })

  test('the leftovers of an interrupted up are out of the way', async () => {
    const { target, render, project } = at.target()
    const first = await render(fileOf(), [api, web])
    await target.apply(first, attempt())
    const names = await containers(project)
    // As v1 leaves it: the old one renamed, no new one; and as v2 does: both.
    await at.docker('rename', names[0]!, `0123456789ab_${names[0]!}`)
    await at.docker('stop', '-t', '1', `0123456789ab_${names[0]!}`)
    const label = (name: string) => ['--label', `com.docker.compose.project=${project}`, '--label', `com.docker.compose.service=${name}`]
    await at.docker('create', '--name', `ba9876543210_${names[1]!}`, ...label('web'), `${at.registry}/${web.repository}@${web.digest}`)
    const second = await render(fileOf(), [api, web2], { previous: first.content })
    await target.apply(second, attempt())
    await target.verify(second, attempt(), unasked)
    expect(await containers(project)).toEqual(names)
    expect(await served(project, 'web')).toBe('2')
  })

  describe('while its health is asked', () => {
    const host = { on: 'host', intervalSeconds: 0.1 } as const
    /** The activity of a worker, as Temporal runs it. */
    const verify = async ({ target }: Deployer, input: ActInput, health: readonly object[]) => {
      const { project, environment, candidate, tag, fence } = input
      const file = estateSchema.parse({
        registry: { address: at.registry },
        hosts: { h: at.host },
        projects: {
          [project]: {
            repository: { url: '/nowhere.git' },
            environments: { [environment]: { from: 'develop', target: { compose: { host: 'h', directory: '/srv' } }, health } },
          },
        },
      })
      const deps = {
        attempt: () => attempt(),
        estate: { file, hash: '' },
        environment: {},
        store: { get: () => Promise.resolve(input.content) },
        target: () => target,
      }
      const snapshot = { candidate, tag, content: {} }
      return await createVerify(deps as never)({ project, environment, fence, snapshot, previous: null } as never)
    }

    test('a service that dies after 3 s is found, though only another one is asked; all of it over one login', async () => {
      const dying = await at.image('api', 'dying', 'CMD ["sh", "-c", "sleep 3; exit 7"]')
      const deployer = at.target({ settleSeconds: undefined })
      const input = await deployer.render(fileOf().replaceAll('    restart: unless-stopped\n', ''), [dying, web])
      await deployer.target.apply(input, attempt())
      const logins = () => at.log().split('Accepted publickey').length
      const before = logins()
      await expect(
        verify(deployer, input, [
          { command: ['true'], ...host },
          { command: ['echo', 'well'], ...host },
        ]),
      ).rejects.toMatchObject({
        type: 'RolloutFailed',
        message: expect.stringContaining('api: ended with exit code 7'),
      })
      expect(logins() - before).toBe(1)
    })

    test('what dies of it is found, for all is looked at once more', async () => {
      const deployer = at.target()
      const input = await deployer.render(fileOf(), [api, web])
      await deployer.target.apply(input, attempt())
      const { observed } = await verify(deployer, input, [{ command: ['echo', 'well'], ...host }])
      expect(observed).toEqual(['web', 'api', 'echo'].map((each) => expect.stringMatching(new RegExp(`^${each}`))))
      const [id] = await containers(deployer.project, '{{.ID}} {{.Names}}').then((all) => all.filter((each) => each.includes('api')))
      const stops = { command: ['docker', 'stop', '-t', '1', id!.split(' ')[0]!], ...host }
      await expect(verify(deployer, input, [stops])).rejects.toMatchObject({
        type: 'RolloutFailed',
        message: expect.stringContaining('api: ended with exit code'),
      })
    })
  })

  describe('what breaks is told within seconds', () => {
    test('a container that ends again and again, with its last words', async () => {
      const broken = await at.image('web', 'crash', 'CMD ["sh", "-c", "echo no database; sleep 0.1; exit 5"]')
      const { target, render } = at.target()
      const input = await render(only('    restart: unless-stopped\n'), [broken])
      await target.apply(input, attempt())
      const began = performance.now()
      await expect(target.verify(input, attempt(), unasked)).rejects.toMatchObject({
        type: 'RolloutFailed',
        nonRetryable: true,
        message: expect.stringContaining('web: '),
        details: [{ observed: expect.arrayContaining([expect.stringContaining('web | no database')]) }],
      })
      expect(performance.now() - began).toBeLessThan(10_000)
    })

    test('a container that ends, and one that takes longer to', async () => {
      const once = await at.image('web', 'once', 'CMD ["sh", "-c", "echo bye; exit 1"]')
      const { target, render } = at.target({ settleSeconds: 2 })
      const input = await render(only(), [once])
      await target.apply(input, attempt())
      await expect(target.verify(input, attempt(), unasked)).rejects.toMatchObject({
        type: 'RolloutFailed',
        message: expect.stringContaining('ended with exit code 1'),
      })
      const later = await at.image('web', 'later', 'CMD ["sh", "-c", "sleep 1; exit 7"]')
      const next = await render(only(), [later])
      await target.apply(next, attempt())
      await expect(target.verify(next, attempt(), unasked)).rejects.toMatchObject({
        message: expect.stringContaining('ended with exit code 7'),
      })
    })

    test('a health check that fails, and one that passes', async () => {
      const check = (test: string) => only(`    healthcheck: { test: "${test}", interval: 1s, retries: 1, timeout: 2s }\n`)
      const { target, render } = at.target()
      const bad = await render(check('echo sick; exit 1'), [web])
      await target.apply(bad, attempt())
      await expect(target.verify(bad, attempt(), unasked)).rejects.toMatchObject({
        type: 'RolloutFailed',
        message: expect.stringContaining('its health check fails: sick'),
      })
      const good = await render(check('exit 0'), [web])
      await target.apply(good, attempt())
      expect(await target.verify(good, attempt(), unasked)).toEqual({ observed: [expect.stringContaining('running and healthy')] })
    })

    test('one that never gets there, after the time it is given', async () => {
      const { target, render } = at.target()
      const input = await render(only('    healthcheck: { test: "exit 0", interval: 60s }\n'), [web], { rolloutTimeoutMs: 1_000 })
      await target.apply(input, attempt())
      await expect(target.verify(input, attempt(), unasked)).rejects.toMatchObject({
        type: 'RolloutFailed',
        message: expect.stringContaining('after 1 s'),
      })
    })

    test('an image that the registry does not have', async () => {
      const { target, render } = at.target()
      const input = await render(only(), [{ ...web, digest: `sha256:${'0'.repeat(64)}` }])
      await expect(target.apply(input, attempt())).rejects.toMatchObject({ type: 'NotFound', nonRetryable: true })
    })

    test('a registry that is away: transient', async () => {
      const { target, render } = at.target()
      const input = await render(only(), [web2], { registry: '127.0.0.1:1' })
      await expect(target.apply(input, attempt())).rejects.toMatchObject({
        type: 'Unavailable',
        nonRetryable: false,
        message: expect.stringContaining('connection refused'),
      })
    })

    test('a compose file that compose does not take', async () => {
      const { target, render } = at.target()
      const input = await render(only('    restart: [never]\n'), [web])
      await expect(target.apply(input, attempt())).rejects.toMatchObject({
        type: 'InvalidConfiguration',
        message: expect.stringMatching(/restart/i),
      })
    })

    test('a folder that cannot be made', async () => {
      const { target, render } = at.target({ directory: '/proc/nowhere' })
      await expect(target.apply(await render(only(), [web]), attempt())).rejects.toMatchObject({ type: 'InvalidConfiguration' })
    })
  })

  test('a connection that breaks in the middle: the next attempt joins what goes on', async () => {
    const slow = await at.image('web', 'slow', `CMD ["sh", "-c", "trap '' TERM; while :; do sleep 1; done"]`)
    const { target, render, directory, project } = at.target()
    const first = await render(only('    stop_grace_period: 3s\n'), [slow])
    await target.apply(first, attempt())
    const second = await render(only('    stop_grace_period: 3s\n'), [web])
    const lost = expect(target.apply(second, attempt())).rejects.toMatchObject({
      nonRetryable: false,
      message: expect.stringContaining('not known'),
    })
    while (
      !existsSync(join(directory, '.slipway', 'action', 'key')) ||
      !(await readFile(join(directory, '.slipway', 'action', 'key'), 'utf8')).startsWith(`${second.fence.epoch}.`)
    )
      await sleep(20)
    await sleep(500)
    await at.breakSessions()
    await lost
    const applied = await target.apply(second, attempt())
    expect(applied.logText).toMatch(/^The connection was lost/)
    await target.verify(second, attempt(), unasked)
    expect(await served(project, 'web')).toBe('1')
  })

  test('cancelled in the middle, it stops there, and the next one is not held up', async () => {
    const slow = await at.image('web', 'slow', `CMD ["sh", "-c", "trap '' TERM; while :; do sleep 1; done"]`)
    const { target, render, project } = at.target()
    const first = await render(only('    stop_grace_period: 5s\n'), [slow])
    await target.apply(first, attempt())
    const controller = new AbortController()
    const second = await render(only('    stop_grace_period: 5s\n'), [web])
    setTimeout(() => controller.abort(new Error('cancelled')), 1_500)
    await expect(target.apply(second, attempt(controller.signal))).rejects.toThrow('cancelled')
    const third = await render(only('    stop_grace_period: 5s\n'), [web2])
    await target.apply(third, attempt())
    await target.verify(third, attempt(), unasked)
    expect(await served(project, 'web')).toBe('2')
    expect(await containers(project)).toHaveLength(1)
  })

  test('check says what is there and what is not', async () => {
    expect(await at.target().target.check(attempt())).toMatch(kind === 'v2' ? /docker compose v?[2-9]/ : /docker-compose 1\./)
    await expect(at.target({ directory: '/proc/nowhere' }).target.check(attempt())).rejects.toMatchObject({
      type: 'InvalidConfiguration',
      message: expect.stringContaining('can write'),
    })
    await expect(at.target({ file: 'placed' }).target.check(attempt())).rejects.toMatchObject({
      message: expect.stringContaining('place it there'),
    })
  })
})

test('an engine that is away is transient', async () => {
  const { testHost } = await import('../ssh/host.ts')
  const { createComposeTarget } = await import('../../../activities/compose/target.ts')
  const host = await testHost({ environment: { PATH: process.env['PATH'] ?? '', DOCKER_HOST: 'unix:///nowhere.sock' } })
  try {
    const target = createComposeTarget({
      target: { host: 'h', directory: join(host.folder, 'd'), file: 'repository', environment: {} },
      host: host.host,
      deps: host.deps,
    })
    const base = {
      project: 'shop',
      environment: 'integration',
      candidate: {
        revision: 'a'.repeat(40),
        images: [{ service: 'web', repository: 'x/web', digest: `sha256:${'1'.repeat(64)}`, inputs: '', reused: false }],
        configHash: '',
      },
      tag: 't',
      registry: '127.0.0.1:1',
    }
    const file = Buffer.from('services: { web: { image: "${REGISTRY}/x/web:${TAG}" } }')
    const content = await target.render({ ...base, parts: {}, mirror: { readFile: () => Promise.resolve(file) } as never }, attempt())
    const input = { ...base, content, fence: { epoch: 1, attempt: 1 }, previous: null, rolloutTimeoutMs: 1_000 }
    await expect(target.apply(input, attempt())).rejects.toMatchObject({
      type: 'Unavailable',
      message: expect.stringContaining('does not answer'),
    })
    await expect(target.verify(input, attempt(), unasked)).rejects.toMatchObject({ type: 'Unavailable' })
  } finally {
    await host.remove()
  }
})
