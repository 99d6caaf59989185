import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DeployActivities, Surveyed } from '../../../activities/contract.ts'
import type { ServiceImage } from '../../../domain/candidate.ts'
import { place } from '../compose/on-lab.ts'
import { git } from '../git/support.ts'
import { checkoutOf } from '../kustomize/bench.ts'
import { configMap, overlay, webDeployment } from '../kustomize/overlays.ts'
import { adoption, byKustomize, candidateOf, type Adoption } from './on-lab.ts'

let shop: Adoption
beforeAll(async () => void (shop = await adoption()), 120_000)
afterAll(() => shop.remove())

describe('docker-compose, started over ssh with TAG exported', () => {
  test('is surveyed, replaced by a deployment, and gone back to', async () => {
    const { at, team } = shop
    const { directory, activities, project } = await host('website')
    const revision = team.push('develop', { ...FILES(), 'docker-compose.yml': composeFile() })
    const tag = `develop.${revision.slice(0, 8)}`
    const images = await shop.images(tag)
    await start(directory, tag, composeFile(`  beside:\n    image: ${at.registry}/lab/busybox:1\n    command: sleep 600\n`))

    const surveyed = await survey(activities, 'integration')
    expect(surveyed).toMatchObject({ epoch: 0, settings: { name: 'integration' }, found: { tag, snapshot: { tag, target: 'compose' } } })
    const { snapshot, observed } = surveyed.found!
    expect(snapshot.candidate.revision).toBe(revision)
    expect(digests(snapshot.candidate.images)).toEqual(digests(images))
    expect(snapshot.candidate.images.every(({ reused, inputs }) => reused && /^[0-9a-f]{64}$/.test(inputs))).toBe(true)
    expect(observed).toEqual(
      expect.arrayContaining([
        `${tag} is ${revision.slice(0, 8)}`,
        expect.stringContaining(`web runs ${at.prefix}/web:${tag}`),
        'beside is there and not in the compose file: Slipway leaves it alone',
      ]),
    )
    expect(await shop.ssh(`ls -A ${directory}`)).toBe('docker-compose.yml')

    const next = team.push('develop', { 'docker-compose.yml': composeFile(), changed: '1' })
    const later = await deploy(activities, 'integration', next, await shop.images(`develop.${next.slice(0, 8)}`), surveyed)
    expect(later.changes).toEqual(expect.arrayContaining([`container ${project}_web_1 recreated`]))
    expect(await containers(project)).toEqual(['api', 'beside', 'web'].map((each) => `${project}_${each}_1`))
    expect(await served(`${project}_web_1`)).toBe(`develop.${next.slice(0, 8)}`)

    await goBack(activities, 'integration', surveyed, later)
    expect(await served(`${project}_web_1`)).toBe(tag)
    expect(await containers(project)).toEqual(['api', 'beside', 'web'].map((each) => `${project}_${each}_1`))
    expect(await survey(activities, 'integration', tag)).toMatchObject({ epoch: 2 })
  }, 120_000)

  test('a project that did not know Slipway then is told by develop of today, and says so', async () => {
    const { team } = shop
    const { directory, activities } = await host('old')
    team.push('release-0.9.0', { ...FILES(), 'docker-compose.yml': composeFile() })
    git(team.clone, 'rm', '--quiet', 'slipway.yaml', 'docker-compose.yml')
    const bare = team.push('release-0.9.0', {})
    const tag = `release-0.9.0.${bare.slice(0, 8)}`
    await shop.images(tag)
    const develop = team.push('develop', { ...FILES(), 'docker-compose.yml': composeFile(), changed: '2' })
    await start(directory, tag, composeFile())
    const { found } = await survey(activities, 'integration')
    expect(found!.snapshot.candidate.revision).toBe(bare)
    const instead = `is not there at ${bare.slice(0, 8)} and was read at ${develop.slice(0, 8)}, develop's tip`
    expect(found!.observed).toEqual(expect.arrayContaining([`slipway.yaml ${instead}`, `docker-compose.yml ${instead}`]))
  }, 60_000)

  test('a service that neither runs nor is in the registry is left out, and the compose file that wants none of it renders', async () => {
    const { at, team } = shop
    const { directory, activities } = await host('half')
    const only = `version: "3.7"\nservices:\n  web:\n    image: ${at.registry}/${at.prefix}/web:\${TAG}\n`
    const revision = team.push('develop', { ...FILES(), 'docker-compose.yml': only })
    const tag = `develop.${revision.slice(0, 8)}`
    const [web] = await shop.images(tag, ['web'])
    await start(directory, tag, only)
    const { found } = await survey(activities, 'integration')
    expect(digests(found!.snapshot.candidate.images)).toEqual(digests([web!]))
    expect(found!.observed).toContain(`api is left out: it does not run, and the registry has no ${at.prefix}/api:${tag}`)
  }, 60_000)

  test('mixed tags are named, and a tag that is passed settles it while the digests stay those that run', async () => {
    const { at, team } = shop
    const { directory, activities } = await host('mixed')
    const revision = team.push('develop', { ...FILES(), 'docker-compose.yml': composeFile(), changed: '3' })
    const tag = `develop.${revision.slice(0, 8)}`
    const [api, web] = await shop.images(tag)
    const [other] = await shop.images('older', ['api'])
    await start(directory, tag, composeFile().replace('/api:${TAG}', '/api:older'))
    await expect(survey(activities, 'integration')).rejects.toMatchObject({
      type: 'NotFound',
      nonRetryable: true,
      message: expect.stringMatching(new RegExp(`api ${at.prefix}/api:older, web ${at.prefix}/web:${tag}.*Pass the tag`)),
    })
    const { found } = await survey(activities, 'integration', tag)
    expect(digests(found!.snapshot.candidate.images)).toEqual(digests([other!, web!]))
    expect(found!.observed.join('\n')).toContain(`api: ${tag} names ${api!.digest.slice(7, 19)} in the registry by now; what runs counts`)
  }, 60_000)

  test('another project name than the one that Slipway would use is refused with what to say', async () => {
    const { team } = shop
    const { directory, activities } = await host('renamed')
    const revision = team.push('develop', { ...FILES(), 'docker-compose.yml': composeFile(), changed: '4' })
    const tag = `develop.${revision.slice(0, 8)}`
    await shop.images(tag)
    await start(directory, tag, composeFile(), `COMPOSE_PROJECT_NAME=${shop.at.prefix}-called `)
    await expect(survey(activities, 'integration')).rejects.toMatchObject({
      type: 'InvalidConfiguration',
      message: expect.stringContaining(`project: ${shop.at.prefix}-called`),
    })
  }, 60_000)

  test('nothing runs', async () => {
    shop.team.push('develop', { ...FILES(), changed: '5' })
    const { activities } = await host('nothing')
    expect(await survey(activities, 'integration')).toMatchObject({ found: null, epoch: 0, settings: { target: 'compose' } })
  }, 60_000)

  test('a tag without a git ref', async () => {
    const { activities, directory } = await host('unknown')
    await shop.images('nightly')
    await start(directory, 'nightly', composeFile())
    await expect(survey(activities, 'integration')).rejects.toMatchObject({
      type: 'NotFound',
      message: expect.stringContaining('expected the image tag "nightly" to be a git tag or <branch>.<eight digits of a commit>'),
    })
  }, 60_000)
})

describe('kustomize edit set image, kustomize build | kubectl apply', () => {
  test('is surveyed, taken over visibly, and gone back to', async () => {
    const { team, cluster } = shop
    const namespace = await cluster.environment().then((each) => each.namespace)
    const activities = shop.activities('alpha', { kustomize: { cluster: 'main', namespace } })
    expect(await survey(activities, 'alpha')).toMatchObject({ found: null, epoch: 0 })

    const before = overlayFiles(namespace, { OLD: '1', KEPT: '1' }, ['settings'])
    const revision = team.push('release-1.0.0', { ...FILES(), ...before })
    const tag = `release-1.0.0.${revision.slice(0, 8)}`
    const images = await shop.images(tag)
    await applyByHand(before, tag)
    await cluster.kubectl(['-n', namespace, 'create', 'configmap', 'by-hand', '--from-literal=a=1'])
    await cluster.kubectl(['-n', namespace, 'rollout', 'status', 'deployment/web', '--timeout=60s'])

    const surveyed = await survey(activities, 'alpha')
    expect(surveyed).toMatchObject({ epoch: 0, found: { tag, snapshot: { target: 'kustomize' } } })
    expect(digests(surveyed.found!.snapshot.candidate.images)).toEqual(digests(images))
    expect(await cluster.kubectl(['-n', namespace, 'get', 'configmap,deployment', '-o', 'yaml'])).not.toContain('slipway/')

    // The next overlay has one variable and one ConfigMap less.
    const after = overlayFiles(namespace, { KEPT: '1' }, [])
    const next = team.push('release-1.0.0', { ...after, changed: '6' })
    const later = await deploy(activities, 'alpha', next, await shop.images(`release-1.0.0.${next.slice(0, 8)}`), surveyed)
    expect(later.changes).toEqual(
      expect.arrayContaining(['deployment/api configured, taken over from kubectl', 'deployment/web configured, taken over from kubectl']),
    )
    expect(await env(namespace)).toEqual(['KEPT'])
    expect(await running(namespace)).toContain(later.images.find(({ service }) => service === 'web')!.digest)
    expect(await names(namespace)).toEqual(expect.arrayContaining(['by-hand', 'settings']))

    const back = await goBack(activities, 'alpha', surveyed, later)
    expect(await env(namespace)).toEqual(['KEPT', 'OLD'])
    expect(await running(namespace)).toContain(images.find(({ service }) => service === 'web')!.digest)
    expect(back).toEqual(expect.arrayContaining(['configmap/settings configured, taken over from kubectl']))

    // What Slipway found it never deletes, also once it is its own.
    const again = await deploy(activities, 'alpha', next, later.images, surveyed, 3)
    expect(again.changes).toEqual(expect.arrayContaining([expect.stringMatching(/^configmap\/settings kept: it was there before Slipway/)]))
    expect(await names(namespace)).toEqual(expect.arrayContaining(['by-hand', 'settings']))
    expect(await survey(activities, 'alpha', tag)).toMatchObject({ epoch: 3 })
  }, 240_000)

  test('what another manager decides is shown and not taken over; without an adoption kubectl neither', async () => {
    const { team, cluster } = shop
    const namespace = await cluster.environment().then((each) => each.namespace)
    const activities = shop.activities('alpha', { kustomize: { cluster: 'main', namespace } })
    const files = overlayFiles(namespace, {}, [])
    const revision = team.push('release-1.1.0', { ...FILES(), ...files })
    const tag = `release-1.1.0.${revision.slice(0, 8)}`
    const images = await shop.images(tag)
    await applyByHand(files, tag)
    const surveyed = await survey(activities, 'alpha')

    const nobody = { ...surveyed, found: null }
    await expect(deploy(activities, 'alpha', revision, images, nobody)).rejects.toMatchObject({
      type: 'Conflict',
      message: expect.stringContaining('kubectl-client-side-apply already decides'),
    })
    const scale = '{"spec":{"replicas":2}}'
    await cluster.kubectl(['-n', namespace, 'patch', 'deployment', 'web', '--field-manager', 'scaler', '-p', scale])
    await expect(deploy(activities, 'alpha', revision, images, surveyed)).rejects.toMatchObject({
      type: 'Conflict',
      message: expect.stringMatching(/deployment\/web in namespace \S+: scaler already decides \.spec\.replicas\. Leave the field out/),
    })
    expect(await cluster.kubectl(['-n', namespace, 'get', 'configmap,deployment', '-o', 'yaml'])).not.toContain('slipway/')
  }, 120_000)
})

describe('a placed script', () => {
  test('cannot be asked: the tag is passed, the registry says the digests', async () => {
    const { at, team } = shop
    const folder = join(at.folder, `${at.prefix}-scripted`)
    const command = join(folder, 'website_cd.sh')
    const environment = `prod-${at.prefix.slice(-8)}`
    const activities = shop.activities(environment, { script: { host: 'one', command } })
    const revision = team.push('develop', { ...FILES(), changed: '7' })
    const tag = `develop.${revision.slice(0, 8)}`
    const images = await shop.images(tag)
    await place(join(folder, 'docker-compose.yml'), composeFile(), at.host.user)
    await place(command, `#!/bin/sh\ncd ${folder} && docker-compose -f docker-compose.yml up -d\n`, at.host.user)
    await chmod(command, 0o755)
    await shop.ssh(`export TAG=${tag} && ${command}`)

    await expect(survey(activities, environment)).rejects.toMatchObject({
      type: 'NotFound',
      message: expect.stringContaining('which cannot be asked'),
    })
    const surveyed = await survey(activities, environment, tag)
    expect(surveyed).toMatchObject({ epoch: 0, found: { tag, snapshot: { target: 'script' } } })
    expect(digests(surveyed.found!.snapshot.candidate.images)).toEqual(digests(images))

    const next = team.push('develop', { changed: '8' })
    const later = await deploy(activities, environment, next, await shop.images(`develop.${next.slice(0, 8)}`), surveyed)
    expect(await served(`${at.prefix}-scripted_web_1`)).toBe(`develop.${next.slice(0, 8)}`)
    await goBack(activities, environment, surveyed, later)
    expect(await served(`${at.prefix}-scripted_web_1`)).toBe(tag)
    expect(await survey(activities, environment, tag)).toMatchObject({ epoch: 2 })
    await shop.ssh(`rm -rf .slipway/shop.${environment}`)

    await expect(survey(activities, environment, 'v7.0.0')).rejects.toMatchObject({ type: 'NotFound' })
    await expect(survey(activities, environment, '$(reboot)')).rejects.toMatchObject({ type: 'NotFound' })
  }, 120_000)
})

const FILES = () => ({
  'slipway.yaml': `project: shop
services:
  api: { image: ${shop.at.prefix}/api }
  web: { image: ${shop.at.prefix}/web }
environments:
  alpha: { kustomize: { overlay: overlay } }
`,
})

/** As the article's: the registry is written out, and TAG says which. */
function composeFile(more = ''): string {
  const { registry, prefix } = shop.at
  const service = (name: string) => `  ${name}:\n    image: ${registry}/${prefix}/${name}:\${TAG}\n    restart: unless-stopped\n`
  return `version: "3.7"\nservices:\n${service('web')}${service('api')}${more}`
}

async function host(name: string): Promise<{ directory: string; project: string; activities: DeployActivities }> {
  const project = `${shop.at.prefix}-${name}`
  const directory = join(shop.at.folder, project)
  return { directory, project, activities: shop.activities('integration', { compose: { host: 'one', directory, settleSeconds: 0.5 } }) }
}

async function start(directory: string, tag: string, text: string, before = ''): Promise<void> {
  await place(join(directory, 'docker-compose.yml'), text, shop.at.host.user)
  await shop.ssh(`cd ${directory} && export TAG=${tag} && docker-compose pull -q && ${before}docker-compose -f docker-compose.yml up -d`)
}

async function survey(activities: DeployActivities, environment: string, tag: string | null = null): Promise<Surveyed> {
  return activities.survey({ project: 'shop', environment, tag })
}

type Deployed = {
  readonly input: Parameters<DeployActivities['apply']>[0]
  readonly images: readonly ServiceImage[]
  readonly changes: readonly string[]
}

async function deploy(
  activities: DeployActivities,
  environment: string,
  revision: string,
  images: readonly ServiceImage[],
  { found }: Surveyed,
  epoch = 1,
): Promise<Deployed> {
  const { snapshot } = await activities.prepare({
    project: 'shop',
    environment,
    requestId: `r${epoch}`,
    candidate: candidateOf(revision, images),
    tag: `develop.${revision.slice(0, 8)}`,
    replaces: found === null ? null : { epoch: 0, revision: found.snapshot.candidate.revision },
  })
  const input = { project: 'shop', environment, fence: { epoch, attempt: 1 }, snapshot, previous: found?.snapshot ?? null }
  const { changes } = await activities.apply(input)
  await activities.verify(input)
  return { input, images, changes }
}

/** The rollback to epoch 0: what was found, as a deployment of its own. */
async function goBack(activities: DeployActivities, environment: string, { found }: Surveyed, later: Deployed): Promise<readonly string[]> {
  const input = { ...later.input, environment, fence: { epoch: 2, attempt: 1 }, snapshot: found!.snapshot, previous: later.input.snapshot }
  const { changes } = await activities.apply(input)
  await activities.verify(input)
  return changes
}

function digests(images: readonly ServiceImage[]): readonly string[] {
  return images.map(({ service, repository, digest }) => `${service} ${repository} ${digest}`)
}

async function containers(project: string): Promise<readonly string[]> {
  const names = await shop.at.docker('ps', '--filter', `label=com.docker.compose.project=${project}`, '--format', '{{.Names}}')
  return names.split('\n').toSorted()
}

async function served(container: string): Promise<string> {
  return shop.at.docker('exec', container, 'cat', '/www/version')
}

function overlayFiles(namespace: string, variables: Record<string, string>, maps: readonly string[]): Record<string, string> {
  return overlay(namespace, {
    'web.yaml': webDeployment(shop.at.prefix, 'web', { env: variables }),
    'api.yaml': webDeployment(shop.at.prefix, 'api'),
    ...Object.fromEntries(maps.map((name) => [`${name}.yaml`, configMap(name, { a: '1' })])),
  })
}

/** The article's script, in a copy of the overlay that lies on the host. */
async function applyByHand(files: Record<string, string>, tag: string): Promise<void> {
  const { registry, prefix } = shop.at
  const folder = join(await checkoutOf(shop.cluster.stateFolder, files), 'overlay')
  const rendered = await byKustomize(
    shop,
    folder,
    ['api', 'web'].map((name) => `${prefix}/${name}=${registry}/${prefix}/${name}:${tag}`),
  )
  await shop.cluster.kubectl(['apply', '-f', '-'], rendered)
}

async function env(namespace: string): Promise<readonly string[]> {
  const path = 'jsonpath={.spec.template.spec.containers[0].env[*].name}'
  const names = await shop.cluster.kubectl(['-n', namespace, 'get', 'deployment', 'web', '-o', path])
  return names
    .split(' ')
    .filter((each) => each !== '')
    .toSorted()
}

async function running(namespace: string): Promise<string> {
  return shop.cluster.kubectl([
    '-n',
    namespace,
    'get',
    'pods',
    '-l',
    'app=web',
    '-o',
    'jsonpath={.items[*].status.containerStatuses[*].imageID}',
  ])
}

async function names(namespace: string): Promise<readonly string[]> {
  return (await shop.cluster.kubectl(['-n', namespace, 'get', 'configmap', '-o', 'jsonpath={.items[*].metadata.name}'])).split(' ')
}
