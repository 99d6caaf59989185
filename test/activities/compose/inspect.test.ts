import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ActInput } from '../../../activities/deploy/target.ts'
import type { ServiceImage } from '../../../domain/candidate.ts'
import type { Drift } from '../../../domain/environment/drift.ts'
import { unasked } from '../unasked.ts'
import { attempt, onLab, place, type Deployer, type OnLab } from './on-lab.ts'

/** Debian has compose v1 only; where somebody names a v2 plugin, everything is run with it as well. */
const plugin = process.env['SLIPWAY_TEST_COMPOSE_PLUGIN']

describe.each(['v1', ...(plugin ? ['v2'] : [])])('drift with compose %s', (kind) => {
  let at: OnLab
  let web: ServiceImage
  let other: ServiceImage
  beforeAll(async () => {
    at = await onLab(kind === 'v2' ? plugin! : null)
    ;[web, other] = [await at.image('web', '1'), await at.image('web', '2')]
  }, 60_000)
  afterAll(() => at.remove())

  const FILE = () => `version: "3.7"
services:
  web:
    image: \${REGISTRY}/${at.prefix}/web:\${TAG}
    environment: { LEVEL: info, PASSWORD: "\${PASSWORD}", COST: "5$$" }
    ports: ["8080"]
    volumes: ["./page:/page:ro", "data:/data"]
  side:
    image: \${REGISTRY}/${at.prefix}/web:\${TAG}
  job:
    image: \${REGISTRY}/${at.prefix}/web:\${TAG}
    command: "true"
volumes: { data: {} }
`
  const inspect = async ({ target }: Deployer, input: ActInput): Promise<readonly Drift[]> =>
    await target.inspect!({ ...input, epoch: input.fence.epoch }, attempt())
  const short = (drift: readonly Drift[]) => drift.map(({ object, field, expected, found }) => [object, field, expected, found])
  const idOf = async (project: string, service: string) =>
    await at.docker(
      'ps',
      '-aq',
      '--filter',
      `label=com.docker.compose.project=${project}`,
      '--filter',
      `label=com.docker.compose.service=${service}`,
    )
  /** As a person on the host would who knows their way about. */
  const byHand = (project: string, directory: string, file: string, ...args: string[]) =>
    execFileSync(
      kind === 'v2' ? 'docker' : 'docker-compose',
      [...(kind === 'v2' ? ['compose'] : []), '-p', project, '--project-directory', directory, '-f', '-', ...args],
      {
        cwd: directory,
        input: file,
        env: at.environment,
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    )
  const applied = async (deployer: Deployer, file = FILE()) => {
    await place(join(deployer.directory, 'page'), 'hello', at.host.user)
    const input = await deployer.render(file, [web])
    await deployer.target.apply(input, attempt())
    await deployer.target.verify(input, attempt(), unasked)
    return input
  }
  const deployer = () => at.target({ environment: { PASSWORD: { env: 'SECRET' } }, secrets: { SECRET: 'canary-9d$1' } })

  test('nobody touched it; then a service is stopped, paused, gone, scaled and joined by another one', async () => {
    const one = deployer()
    const input = await applied(one)
    const { project, directory } = one
    expect(await inspect(one, input)).toEqual([])
    const before = Math.floor(Date.now() / 1000) * 1000

    await at.docker('stop', '-t', '0', await idOf(project, 'web'))
    await at.docker('pause', await idOf(project, 'side'))
    const stopped = await inspect(one, input)
    expect(short(stopped)).toEqual(
      expect.arrayContaining([
        ['service web', 'state', 'running', expect.stringMatching(/^exited with exit code \d+$/)],
        ['service side', 'state', 'running', 'paused'],
      ]),
    )
    expect(stopped).toHaveLength(2)
    expect(stopped.find(({ object }) => object === 'service web')?.at).toBeGreaterThanOrEqual(before)

    await at.docker('rm', '-f', await idOf(project, 'side'))
    const image = `${at.registry}/${web.repository}@${web.digest}`
    byHand(project, directory, `version: "3.7"\nservices: { guest: { image: "${image}" } }\n`, 'up', '-d')
    expect(short(await inspect(one, input))).toEqual(
      expect.arrayContaining([
        ['service side', null, 'there', 'missing'],
        ['service guest', null, 'not there', expect.stringMatching(/^there as \S*guest\S*, and not of what was applied$/)],
      ]),
    )

    await at.docker('rm', '-f', await idOf(project, 'guest'))
    // What drifted is put there again by the same content, under the next epoch.
    const again = { ...input, fence: { epoch: input.fence.epoch + 1, attempt: 1 } }
    await one.target.apply(again, attempt())
    expect(await inspect(one, again)).toEqual([])
    expect(await inspect(one, input)).toMatchObject([{ object: 'fence', field: 'epoch' }])
  }, 90_000)

  test('another image, other variables, ports and volumes under the same project; no value of a variable is said', async () => {
    const one = deployer()
    const input = await applied(one)
    const image = `${at.registry}/${other.repository}@${other.digest}`
    await at.docker('pull', image)
    const file = `version: "3.7"
services:
  web:
    image: ${image}
    environment: { LEVEL: canary-debug, COST: "5$$", EXTRA: canary-more }
    ports: ["8081"]
    volumes: ["data:/data"]
volumes: { data: {} }
`
    byHand(one.project, one.directory, file, 'up', '-d', '--no-deps', 'web')
    const found = await inspect(one, input)
    expect(short(found)).toEqual([
      ['service web', 'image', expect.stringContaining(web.digest.slice(7, 19)), expect.stringContaining(other.digest.slice(7, 19))],
      ['service web', 'environment.LEVEL', 'as applied', 'changed'],
      ['service web', 'environment.PASSWORD', 'as applied', 'missing'],
      ['service web', 'environment.EXTRA', 'not set', 'set'],
      ['service web', 'ports', '8080/tcp', '8081/tcp'],
      ['service web', 'volumes./page', expect.stringContaining(one.directory), 'missing'],
    ])
    expect(JSON.stringify(found)).not.toContain('canary')
    expect(found.every((each) => each.by === null && each.at !== null)).toBe(true)
  }, 90_000)

  test('what nothing else tells apart is told as another configuration, and what is kept for that holds no value', async () => {
    const one = deployer()
    const input = await applied(one)
    const record = await readFile(join(one.directory, '.slipway', 'applied'), 'utf8')
    expect(record.trim().split('\n')).toHaveLength(3)
    expect(record).not.toContain('canary')
    const file = FILE()
      .replaceAll('${REGISTRY}', at.registry)
      .replaceAll(':${TAG}', `@${web.digest}`)
      .replace('${PASSWORD}', () => 'canary-9d$$1')
      .replace('"8080"', '"8080"]\n    labels: ["by=hand"')
    byHand(one.project, one.directory, file, 'up', '-d', 'web')
    expect(short(await inspect(one, input))).toEqual([['service web', 'configuration', 'as applied', 'changed']])
  }, 90_000)

  test('of what an older version applied, only what is certain is told', async () => {
    const one = deployer()
    const input = await applied(one)
    execFileSync('rm', [join(one.directory, '.slipway', 'applied')])
    expect(await inspect(one, input)).toEqual([])
    await at.docker('rm', '-f', await idOf(one.project, 'side'))
    expect(short(await inspect(one, input))).toEqual([['service side', null, 'there', 'missing']])
  }, 60_000)
})
