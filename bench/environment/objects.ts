import { stringify } from 'yaml'

/** How many of each: what a large overlay is made of. */
export const OBJECTS = { ConfigMap: 80, Secret: 20, Service: 50, Deployment: 50 } as const
export const TOTAL = Object.values(OBJECTS).reduce((sum, count) => sum + count, 0)
/** Every so many of each kind differ from what was applied. */
const CHANGED_EVERY = 10
export const CHANGED = Object.values(OBJECTS).reduce((sum, count) => sum + count / CHANGED_EVERY, 0)

/** The files of an overlay with all of them, in the version before a change and after it. Its Deployments run no pods. */
export function overlayFiles(namespace: string, version: 'before' | 'after'): Readonly<Record<string, string>> {
  const objects = Object.entries(OBJECTS).flatMap(([kind, count]) =>
    Array.from({ length: count }, (_, index) => {
      const value = index % CHANGED_EVERY === 0 ? version : 'same'
      return { apiVersion: kind === 'Deployment' ? 'apps/v1' : 'v1', kind, metadata: { name: `o-${index}` }, ...bodyOf(kind, value) }
    }),
  )
  return {
    'kustomization.yaml': stringify({ namespace, resources: ['all.yaml'] }),
    'all.yaml': objects.map((object) => `---\n${stringify(object, { aliasDuplicateObjects: false })}`).join(''),
  }
}

function bodyOf(kind: string, value: string): object {
  const labels = { app: 'bench' }
  switch (kind) {
    case 'ConfigMap':
      return { data: { VALUE: value, OTHER: 'same' } }
    case 'Secret':
      return { stringData: { VALUE: value } }
    case 'Service':
      return { spec: { selector: { ...labels, version: value }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] } }
    default: {
      const container = { name: 'main', image: 'bench.example/none:1', env: [{ name: 'VALUE', value }] }
      return {
        spec: { replicas: 0, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [container] } } },
      }
    }
  }
}
