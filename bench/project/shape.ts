import { stringify } from 'yaml'

/** A project of the benchmark: some services of the sample, each published by itself so that each can be asked. */
export type Shape = {
  /** Of the project, its namespace and the first part of its image repositories. */
  readonly name: string
  readonly services: readonly string[]
  /** What its prod is deployed by; without it, it has none. */
  readonly prod?: 'compose' | 'kustomize'
}

export const SERVICES = ['website', 'api', 'news'] as const

/** The environments that have an overlay and a namespace. */
export const OVERLAYS = ['alpha', 'prod'] as const
export type Overlay = (typeof OVERLAYS)[number]

export function overlaysOf({ prod }: Shape): Overlay[] {
  return OVERLAYS.filter((each) => each !== 'prod' || prod === 'kustomize')
}

export function namespaceOf({ name }: Shape, overlay: Overlay = 'alpha'): string {
  return `${name}-${overlay}`
}

/** The environment variable with the port that compose publishes a service at. */
export function portVariable(service: string): string {
  return `${service.toUpperCase()}_PORT`
}

export function composeFile({ name, services }: Shape): string {
  const service = (each: string) => ({
    image: `\${REGISTRY:?}/${name}/${each}:\${TAG:?}`,
    environment: { ENVIRONMENT: 'integration' },
    ports: [`127.0.0.1:\${${portVariable(each)}:?}:8080`],
    restart: 'unless-stopped',
  })
  return stringify({ version: '3.7', services: Object.fromEntries(services.map((each) => [each, service(each)])) })
}

export function slipwayFile({ name, services, prod }: Shape): string {
  const compose = { compose: { file: 'docker-compose.yml' } }
  const overlay = (each: Overlay) => ({ kustomize: { overlay: `deploy/overlays/${each}` } })
  return stringify({
    project: name,
    services: Object.fromEntries(services.map((each) => [each, { image: `${name}/${each}`, context: each }])),
    environments: {
      ...(prod === 'compose' ? { prod: compose } : { integration: compose }),
      alpha: overlay('alpha'),
      ...(prod === 'kustomize' ? { prod: overlay('prod') } : {}),
    },
  })
}

/** @param template the sample's manifests of its website: every service of the benchmark is deployed like it */
export function serviceManifests(template: string, { name }: Shape, service: string): string {
  return template.replaceAll('eap/website', `${name}/${service}`).replaceAll(/(?<![\w/])website\b/g, service)
}

export function baseKustomization({ services }: Shape): string {
  return stringify({
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: services.map((each) => `${each}.yaml`),
    configMapGenerator: [{ name: 'settings', literals: ['ENVIRONMENT=alpha', 'GREETING=Hello'] }],
  })
}

export function overlayKustomization(shape: Shape, overlay: Overlay): string {
  const nodePort = (name: string) => stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { type: 'NodePort' } })
  return stringify({
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    namespace: namespaceOf(shape, overlay),
    resources: ['namespace.yaml', '../../base'],
    patches: shape.services.map((each) => ({ patch: nodePort(each) })),
  })
}

/** @param label stands on it, so that whoever cleans the lab knows it for the lab's own */
export function namespaceManifest(shape: Shape, overlay: Overlay, label: Readonly<Record<string, string>>): string {
  return stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespaceOf(shape, overlay), labels: label } })
}
