import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadEstate, loadSlipwayFile } from '../../config/load.ts'
import { composeImages } from '../../client/init/compose-images.ts'
import { slipway } from './terminal.ts'

let folder: string
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'slipway-init-')), 'My Shop')
  await mkdir(folder)
})
afterEach(() => rm(join(folder, '..'), { recursive: true }))

const init = () => slipway(['init'], { io: { cwd: folder } })
const read = async () => [await loadSlipwayFile(join(folder, 'slipway.yaml')), await loadEstate(join(folder, 'estate.yaml'))] as const

test('an empty folder gets two valid files to begin with', async () => {
  expect(await init()).toMatchObject({ code: 0, out: expect.stringContaining('wrote slipway.yaml\nwrote estate.yaml\n') })
  const [file, estate] = await read()
  expect(file).toMatchObject({ ok: true, value: { project: 'my-shop', services: { 'my-shop': { image: 'my-shop/my-shop' } } } })
  expect(estate).toMatchObject({ ok: true, value: { projects: { 'my-shop': { environments: { integration: { from: 'develop' } } } } } })
})

test('the sample project: its Dockerfiles, compose file, overlays and remote are found', async () => {
  await cp('examples/website', folder, { recursive: true })
  await rm(join(folder, 'slipway.yaml'))
  execFileSync('git', ['init', '--quiet', folder])
  execFileSync('git', ['-C', folder, 'remote', 'add', 'origin', 'https://oauth2:s3cret@git.example/eap/website.git'])
  const { out } = await init()
  expect(out).toContain(
    'found: a Dockerfile for api, a Dockerfile for website, the compose file docker-compose.yml, the overlay deploy/overlays/alpha',
  )
  const [file, estate] = await read()
  expect(file).toMatchObject({
    ok: true,
    value: {
      services: { website: { image: 'eap/website', context: 'website' }, api: { image: 'eap/api', context: 'api' } },
      environments: {
        integration: { compose: { file: 'docker-compose.yml' } },
        alpha: { kustomize: { overlay: 'deploy/overlays/alpha' } },
        prod: { kustomize: { overlay: 'deploy/overlays/prod' } },
      },
    },
  })
  expect(estate).toMatchObject({
    ok: true,
    value: {
      registry: { address: 'localhost:5000', plainHttp: true },
      projects: {
        'my-shop': {
          repository: { url: 'https://git.example/eap/website.git' },
          environments: { integration: { from: 'develop' }, alpha: { from: 'release' }, prod: { from: 'tag', deploy: 'approval' } },
        },
      },
    },
  })
  expect(await readFile(join(folder, 'estate.yaml'), 'utf8')).not.toContain('s3cret')
})

test('what is there is never touched, and the estate speaks of its project', async () => {
  await writeFile(join(folder, 'slipway.yaml'), 'project: shop # mine\n')
  expect((await init()).out).toContain('slipway.yaml is there already; it stays as it is\nwrote estate.yaml\n')
  expect(await readFile(join(folder, 'slipway.yaml'), 'utf8')).toBe('project: shop # mine\n')
  expect(await loadEstate(join(folder, 'estate.yaml'))).toMatchObject({ ok: true, value: { projects: { shop: {} } } })
  const estate = await readFile(join(folder, 'estate.yaml'), 'utf8')
  expect((await init()).out).toContain('estate.yaml is there already; it stays as it is\n')
  expect(await readFile(join(folder, 'estate.yaml'), 'utf8')).toBe(estate)
})

test('names that would need escaping are passed over, equal ones are numbered', async () => {
  for (const name of ['a/web', 'b/web', '$(touch x)', 'node_modules/x', '.hidden']) {
    await mkdir(join(folder, name), { recursive: true })
    await writeFile(join(folder, name, 'Dockerfile'), 'FROM scratch\n')
  }
  await init()
  const [file] = await read()
  expect(file.ok && Object.entries(file.value.services).map(([name, { context }]) => [name, context])).toEqual([
    ['web', 'a/web'],
    ['web-2', 'b/web'],
  ])
})

test.each([
  [
    'image: ${REGISTRY:-localhost:5000}/eap/website:${TAG:?set TAG}',
    [{ service: 'web', registry: 'localhost:5000', repository: 'eap/website' }],
  ],
  ['image: registry.example/eap/website:$TAG', [{ service: 'web', registry: 'registry.example', repository: 'eap/website' }]],
  ['image: postgres:17', []],
  ['image: ${REGISTRY}/eap/website:${TAG}', []],
  ['build: .', []],
])('the image of "%s"', (line, wanted) => {
  expect(composeImages(`services:\n  web:\n    ${line}\n`)).toEqual(wanted)
})

test('a compose file that is none gives no hint', () => {
  expect(composeImages(': : :')).toEqual([])
  expect(composeImages('services: [1]')).toEqual([])
})
