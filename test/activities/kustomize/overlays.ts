/** Overlays for tests. A pod of these serves /healthz by busybox's httpd, or runs the command that the test gives. */
export type WebOptions = {
  readonly replicas?: number
  readonly command?: string
  readonly probe?: string | null
  readonly env?: Record<string, string>
  readonly cpu?: string
  readonly image?: string
  readonly extra?: string
}

const SERVE = 'mkdir -p /tmp/w && echo ok > /tmp/w/healthz && exec httpd -f -p 8080 -h /tmp/w'

/** The image is written as the article has it, without registry: `<id>/website`. */
export function webDeployment(id: string, name: string, options: WebOptions = {}): string {
  const {
    replicas = 1,
    command = SERVE,
    probe = '{httpGet: {path: /healthz, port: 8080}, periodSeconds: 1}',
    env = {},
    cpu = '10m',
  } = options
  const variables = Object.entries(env).map(([key, value]) => `{name: ${key}, value: ${JSON.stringify(value)}}`)
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 1
      containers:
        - name: main
          image: ${options.image ?? `${id}/${name}`}
          command: [sh, -c, ${JSON.stringify(command)}]
          env: [${variables.join(', ')}]
          resources: {requests: {cpu: ${cpu}}}
${probe ? `          readinessProbe: ${probe}\n` : ''}${options.extra ?? ''}`
}

/** `kustomization.yaml` beside the resources, in the folder `overlay`. */
export function overlay(namespace: string, resources: Record<string, string>, more = ''): Record<string, string> {
  const names = Object.keys(resources)
  return {
    'overlay/kustomization.yaml': `namespace: ${namespace}\nresources: [${names.join(', ')}]\n${more}`,
    ...Object.fromEntries(names.map((name) => [`overlay/${name}`, resources[name] ?? ''])),
  }
}

export function configMap(name: string, data: Record<string, string>): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data })
}
