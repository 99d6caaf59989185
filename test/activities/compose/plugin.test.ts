import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ActInput } from '../../../activities/deploy/target.ts'
import type { ServiceImage } from '../../../domain/candidate.ts'
import { composePlugin } from '../../../lab/compose-plugin.ts'
import { unasked } from '../unasked.ts'
import { attempt, onLab, type OnLab } from './on-lab.ts'

let at: OnLab
let web: ServiceImage
let web2: ServiceImage
// The first time on a machine, it is built.
beforeAll(async () => {
  at = await onLab(await composePlugin(process.env))
  ;[web, web2] = [await at.image('web', '1'), await at.image('web', '2')]
}, 900_000)
afterAll(async () => await at.remove())

/** Everything of a target once, as docker compose v2 and later says and does it; the rest of the tests run with it where it is named. */
test('with docker compose as a plugin: planned, brought up by digest, held against what was applied, replaced, removed', async () => {
  const { target, render, project } = at.target()
  const file = (more = '') => `services:\n  web:\n    image: \${REGISTRY}/${at.prefix}/web:\${TAG}\n    restart: unless-stopped\n${more}`
  const names = async () =>
    (await at.docker('ps', '-a', '--filter', `label=com.docker.compose.project=${project}`, '--format', '{{.Names}}'))
      .split('\n')
      .toSorted()
  const inspect = async (input: ActInput) =>
    (await target.inspect!({ ...input, epoch: input.fence.epoch }, attempt())).map(({ object, field }) => [object, field])
  expect(await target.check(attempt())).toMatch(/docker compose v?[2-9]/)

  const first = await render(file(`  side:\n    image: \${REGISTRY}/${at.prefix}/web:\${TAG}\n`), [web])
  expect((await target.plan!(first, attempt())).changes.map(({ change }) => change)).toEqual(['create', 'create'])
  expect((await target.apply(first, attempt())).changes).toContain(`container ${project}-web-1 created`)
  expect((await target.verify(first, attempt(), unasked)).observed).toContainEqual(expect.stringContaining(`@${web.digest.slice(7, 19)}`))
  expect(await inspect(first)).toEqual([])
  await at.docker('stop', '-t', '1', `${project}-web-1`)
  expect(await inspect(first)).toEqual([['service web', 'state']])

  const second = await render(file(), [web2], { previous: first.content })
  expect((await target.plan!(second, attempt())).changes.map(({ object, change }) => [object, change])).toEqual([
    ['service web', 'replace'],
    ['service side', 'delete'],
  ])
  const { changes } = await target.apply(second, attempt())
  expect(changes).toEqual(
    expect.arrayContaining([`container ${project}-web-1 recreated`, expect.stringContaining('removed the container of side')]),
  )
  await target.verify(second, attempt(), unasked)
  expect(await at.readFile(`${project}-web-1`, '/www/version')).toBe('2')
  expect(await names()).toEqual([`${project}-web-1`])
}, 60_000)
