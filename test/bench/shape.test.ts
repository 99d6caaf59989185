import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { composeFile, overlayKustomization, serviceManifests, slipwayFile, type Shape } from '../../bench/project/shape.ts'

const shape: Shape = { name: 'bench-three', services: ['website', 'api', 'news'] }

test('every service has an image and a port of its own', () => {
  const { services } = parse(composeFile(shape)) as { services: Record<string, { image: string; ports: string[] }> }
  expect(Object.entries(services).map(([name, { image, ports }]) => [name, image, ports])).toEqual(
    shape.services.map((name) => [
      name,
      `\${REGISTRY:?}/bench-three/${name}:\${TAG:?}`,
      [`127.0.0.1:\${${name.toUpperCase()}_PORT:?}:8080`],
    ]),
  )
  expect(parse(slipwayFile(shape))).toMatchObject({
    project: 'bench-three',
    services: { news: { image: 'bench-three/news', context: 'news' } },
  })
})

test('a prod by compose stands in place of integration, one by kustomize has an overlay beside alpha', () => {
  const environments = (prod: 'compose' | 'kustomize') => (parse(slipwayFile({ ...shape, prod })) as { environments: object }).environments
  expect(environments('compose')).toEqual({
    prod: { compose: { file: 'docker-compose.yml' } },
    alpha: { kustomize: { overlay: 'deploy/overlays/alpha' } },
  })
  expect(environments('kustomize')).toMatchObject({
    integration: { compose: { file: 'docker-compose.yml' } },
    prod: { kustomize: { overlay: 'deploy/overlays/prod' } },
  })
  expect(parse(overlayKustomization(shape, 'prod'))).toMatchObject({ namespace: 'bench-three-prod' })
})

test('manifests of another service are those of the sample under another name', async () => {
  const template = await readFile(join(import.meta.dirname, '..', '..', 'examples', 'website', 'deploy', 'base', 'website.yaml'), 'utf8')
  const [service, deployment] = parseAllDocuments(serviceManifests(template, shape, 'news')).map(
    (each) => each.toJS() as Record<string, unknown>,
  )
  const labels = { 'app.kubernetes.io/name': 'news' }
  expect(service).toMatchObject({ kind: 'Service', metadata: { name: 'news' }, spec: { selector: labels } })
  expect(deployment).toMatchObject({
    kind: 'Deployment',
    metadata: { name: 'news', labels },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'news', image: 'bench-three/news' }] } },
    },
  })
})
