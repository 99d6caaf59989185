import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PlannedChange } from '../../../activities/contract.ts'
import type { ActInput, TargetPlan } from '../../../activities/deploy/target.ts'
import type { ServiceImage } from '../../../domain/candidate.ts'
import { attempt, onLab, place, type Deployer, type OnLab } from './on-lab.ts'

/** Debian has compose v1 only; where somebody names a v2 plugin, everything is run with it as well. */
const plugin = process.env['SLIPWAY_TEST_COMPOSE_PLUGIN']

describe.each(['v1', ...(plugin ? ['v2'] : [])])('plan by compose %s', { timeout: 120_000 }, (kind) => {
  let at: OnLab
  let web: ServiceImage
  let web2: ServiceImage
  let api: ServiceImage
  beforeAll(async () => {
    at = await onLab(kind === 'v2' ? plugin! : null)
    ;[web, web2, api] = [await at.image('web', '1'), await at.image('web', '2'), await at.image('api', '1')]
  })
  afterAll(() => at.remove())

  const fileOf = (web: string, more = '') => `version: "3.7"
services:
  web:
    image: \${REGISTRY}/${at.prefix}/web:\${TAG}
    restart: unless-stopped
${web}${more}`
  const apiOf = () => `  api:\n    image: \${REGISTRY}/${at.prefix}/api:\${TAG}\n    restart: unless-stopped\n`

  const plan = async ({ target }: Deployer, input: ActInput): Promise<TargetPlan> => {
    const { fence: _fence, rolloutTimeoutMs: _limit, ...rest } = input
    return await target.plan!(rest, attempt())
  }
  const summary = ({ changes }: TargetPlan) => changes.map(({ object, change }) => `${object} ${change}`)
  const lines = (change: PlannedChange | undefined) => (change?.diff ?? '').split('\n').filter((line) => /^[-+]/.test(line))

  test('create, unchanged, another image and environment, an orphan; secrets by name', async () => {
    const secrets = { SHOP_DB: 'hunter2hunter2' }
    const deployer = at.target({ environment: { GREETING: 'hello', DB: { env: 'SHOP_DB' } }, secrets })
    const environment = `    environment: { GREETING: "\${GREETING}", DB_URL: "pg://shop:\${DB}@db" }\n`
    const first = await deployer.render(fileOf(environment, apiOf()), [api, web])
    const created = await plan(deployer, first)
    expect(summary(created)).toEqual(['service api create', 'service web create'])
    expect(created.changes[1]?.diff).toContain('+  DB_URL: pg://shop:(secret DB)@db\n+  GREETING: hello')
    expect(await at.docker('ps', '-aq', '--filter', `label=com.docker.compose.project=${deployer.project}`)).toBe('')

    await deployer.target.apply(first, attempt())
    const again = await plan(deployer, { ...first, previous: first.content })
    expect(summary(again)).toEqual(['service api unchanged', 'service web unchanged'])
    expect(again.basis).not.toBe(created.basis)

    const second = await deployer.render(fileOf(`    environment: { GREETING: "\${GREETING} all" }\n    ports: ["18080"]\n`), [web2], {
      previous: first.content,
    })
    const updated = await plan(deployer, second)
    expect(summary(updated)).toEqual(['service web replace', 'service api delete'])
    const differ = lines(updated.changes[0])
    // v2 spells a port out on three lines.
    expect(differ).toHaveLength(kind === 'v2' ? 9 : 7)
    expect(differ).toEqual(
      expect.arrayContaining([
        '-  DB_URL: pg://shop:(secret DB)@db',
        '-  GREETING: hello',
        '+  GREETING: hello all',
        expect.stringMatching(new RegExp(`^-image: .*@${web.digest}$`)),
        expect.stringMatching(new RegExp(`^\\+image: .*@${web2.digest}$`)),
        '+ports:',
      ]),
    )
    expect(updated.changes[1]).toMatchObject({ note: expect.stringMatching(/the compose file does not have it: \S*api.1 is removed/) })
    expect(JSON.stringify([created, again, updated])).not.toContain('hunter2hunter2')
  })

  test('a secret that changes, what only the host knows, and a container that has stopped', async () => {
    const secrets = { SHOP_DB: 'hunter2hunter2' }
    const deployer = at.target({ environment: { DB: { env: 'SHOP_DB' } }, secrets })
    await place(join(deployer.directory, 'shop.env'), 'FROM_HOST=hostValueOne\nSTAYS=hostValueTwo\n', at.host.user)
    const file = fileOf(`    env_file: shop.env\n    environment: { DB_URL: "\${DB}" }\n`)
    const input = await deployer.render(file, [web])
    await deployer.target.apply(input, attempt())
    const still = { ...input, previous: input.content }
    const before = await plan(deployer, still)
    expect(summary(before)).toEqual(['service web unchanged'])

    await at.docker('stop', '-t', '0', await idOf(deployer))
    const stopped = await plan(deployer, still)
    expect(stopped).toMatchObject({
      changes: [{ change: 'update', note: expect.stringMatching(/web.1 is exited and is started/) }],
      basis: before.basis,
    })

    secrets.SHOP_DB = 'correcthorse'
    const changed = await plan(deployer, still)
    expect(changed.changes).toEqual([
      { object: 'service web', change: 'replace', diff: null, note: expect.stringContaining('or the value of a secret') },
    ])

    await place(join(deployer.directory, 'shop.env'), 'FROM_HOST=hostValueNew\nSTAYS=hostValueTwo\n', at.host.user)
    const moved = await plan(deployer, still)
    expect(moved.basis).not.toBe(before.basis)
    const text = JSON.stringify([before, stopped, changed, moved])
    for (const value of ['hunter2hunter2', 'correcthorse', 'hostValueOne', 'hostValueTwo', 'hostValueNew'])
      expect(text).not.toContain(value)

    // What the plan says is what a further deployment of the same content does.
    await deployer.target.apply({ ...still, fence: { epoch: input.fence.epoch + 1, attempt: 1 } }, attempt())
    const anew = await plan(deployer, still)
    expect(summary(anew)).toEqual(['service web unchanged'])
    expect(anew.basis).not.toBe(moved.basis)
  })

  test('a placed compose file, and one that compose refuses', async () => {
    const deployer = at.target({ file: 'placed' })
    await place(join(deployer.directory, 'docker-compose.yml'), fileOf('    environment: { A: "1" }\n'), at.host.user)
    const input = await deployer.render(null, [web])
    expect(summary(await plan(deployer, input))).toEqual(['service web create'])
    await deployer.target.apply(input, attempt())
    const next = await deployer.render(null, [web2], { previous: input.content })
    const planned = await plan(deployer, next)
    expect(summary(planned)).toEqual(['service web replace'])
    expect(lines(planned.changes[0])).toContainEqual(expect.stringMatching(new RegExp(`^\\+image: .*@${web2.digest}$`)))

    const bad = at.target()
    const refused = await bad.render(fileOf('    ports: ["99999999:x"]\n'), [web])
    await expect(plan(bad, refused)).rejects.toMatchObject({ nonRetryable: true, message: expect.stringMatching(/port/i) })
  })

  const idOf = async ({ project }: Deployer) => await at.docker('ps', '-aq', '--filter', `label=com.docker.compose.project=${project}`)
})
