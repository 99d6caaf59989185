import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadSlipwayFile } from '../../config/load.ts'
import { composeConfig, kustomize, render } from './tools.ts'

const sample = join(import.meta.dirname, '../../examples/website')
const digest = `sha256:${'0123456789abcdef'.repeat(4)}`
const services = ['website', 'api']

let copy: string
beforeEach(async () => {
  copy = await mkdtemp(join(tmpdir(), 'slipway-website-'))
  await cp(sample, copy, { recursive: true })
})
afterEach(() => rm(copy, { recursive: true, force: true }))

describe('overlays', () => {
  it.each([
    { overlay: 'alpha', replicas: 1 },
    { overlay: 'prod', replicas: 2 },
  ])('$overlay renders into its own namespace', async ({ overlay, replicas }) => {
    const objects = await render(join(copy, 'deploy/overlays', overlay))
    const namespace = `website-${overlay}`

    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      `Namespace ${namespace}`,
      expect.stringMatching(/^ConfigMap settings-[a-z0-9]{10}$/),
      'Service api',
      'Service website',
      'Deployment api',
      'Deployment website',
    ])
    for (const { kind, metadata } of objects) {
      expect(metadata.namespace).toBe(kind === 'Namespace' ? undefined : namespace)
    }
    expect(find(objects, 'Service', 'website')['spec']).toMatchObject({ type: 'NodePort' })
    const settings = objects.find(({ kind }) => kind === 'ConfigMap')
    expect(settings?.['data']).toMatchObject({ ENVIRONMENT: overlay })
    for (const name of services) {
      expect(find(objects, 'Deployment', name)['spec']).toMatchObject({
        replicas,
        strategy: { rollingUpdate: { maxSurge: '100%', maxUnavailable: 0 } },
        template: {
          spec: {
            automountServiceAccountToken: false,
            terminationGracePeriodSeconds: 2,
            containers: [
              {
                envFrom: [{ configMapRef: { name: settings?.metadata.name } }],
                readinessProbe: { httpGet: { path: '/healthz' } },
              },
            ],
          },
        },
      })
    }
  })

  it('take an image by digest from "kustomize edit set image"', async () => {
    const overlay = join(copy, 'deploy/overlays/alpha')
    const images = services.map((name) => `eap/${name}=registry.example:5000/eap/${name}@${digest}`)
    await kustomize(['edit', 'set', 'image', ...images], overlay)

    const objects = await render(overlay)
    for (const name of services) {
      expect(find(objects, 'Deployment', name)['spec']).toMatchObject({
        template: {
          spec: { containers: [{ image: `registry.example:5000/eap/${name}@${digest}` }] },
        },
      })
    }
  })
})

describe('docker-compose.yml', () => {
  it('runs both services from TAG, published on loopback only', async () => {
    const config = await composeConfig(copy, {
      REGISTRY: 'registry.example:5000',
      TAG: 'develop.1a2b3c4d',
    })
    expect(config).toMatchObject({
      services: {
        website: { image: 'registry.example:5000/eap/website:develop.1a2b3c4d' },
        api: { image: 'registry.example:5000/eap/api:develop.1a2b3c4d' },
      },
    })
    expect(JSON.stringify(config)).toContain('127.0.0.1')
  })

  it('takes image references with digests and ports of its own', async () => {
    const config = await composeConfig(copy, { TAG: `v1.0.0@${digest}`, WEBSITE_PORT: '18080' })
    expect(config).toMatchObject({
      services: { website: { image: `localhost:5000/eap/website:v1.0.0@${digest}` } },
    })
    expect(JSON.stringify(config)).toContain('18080')
  })

  it('says what is missing without TAG', async () => {
    await expect(composeConfig(copy, {})).rejects.toThrow(/set TAG to the image tag to run/)
  })
})

it('slipway.yaml is valid and names what is there', async () => {
  const result = await loadSlipwayFile(join(sample, 'slipway.yaml'))
  if (!result.ok) throw new Error(JSON.stringify(result.problems))

  expect(Object.keys(result.value.services)).toEqual(services)
  for (const { context, dockerfile } of Object.values(result.value.services)) {
    await readFile(join(sample, context, dockerfile))
  }
  for (const { compose, kustomize: parts } of Object.values(result.value.environments)) {
    await readFile(join(sample, compose?.file ?? join(parts?.overlay ?? '', 'kustomization.yaml')))
  }
})

type Objects = Awaited<ReturnType<typeof render>>

function find(objects: Objects, kind: string, name: string): Objects[number] {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name)
  if (!found) throw new Error(`no ${kind} ${name} was rendered`)
  return found
}
