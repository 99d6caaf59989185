import type { Findings } from './find.ts'

/** A commented estate.yaml: where it runs is a guess for the operator to mend, in a form that is valid as it stands. */
export function estateText(found: Findings): string {
  const clusters = found.overlays.length > 0
  const hosts = found.compose !== null || !clusters
  return `${[
    '# estate.yaml: where this project is built and deployed, and with which credentials. It lies beside the worker, and',
    '# only the worker reads it. What is written here is a first guess: mend the names that end in ".example".',
    '# Secrets are never in this file, only where they are: { env: NAME } or { file: PATH }.',
    '',
    '# The registry that images are pushed to and pulled from.',
    'registry:',
    `  address: ${found.registry ?? 'registry.example:5000'}`,
    ...(found.registry !== null && /^(localhost|127\.)/.test(found.registry) ? ['  plainHttp: true'] : ['  # plainHttp: true']),
    '  # credentials:',
    '  #   username: { env: REGISTRY_USER }',
    '  #   password: { env: REGISTRY_PASSWORD }',
    '',
    ...(hosts ? HOSTS : []),
    ...(clusters ? CLUSTERS : []),
    'projects:',
    `  ${found.project}:`,
    '    repository:',
    ...(found.url === null ? ['      # git knows no remote "origin" here: write its address'] : []),
    `      url: ${found.url ?? `git@git.example:team/${found.project}.git`}`,
    '    environments:',
    ...(hosts ? integration(found) : []),
    ...found.overlays.flatMap((overlay) => kustomize(found, overlay.name)),
  ].join('\n')}\n`
}

const HOSTS = [
  '# Machines that are reached over ssh. The host key is checked before any login.',
  'hosts:',
  '  integration:',
  '    address: integration.example',
  '    user: deploy',
  '    login: { keyFile: secrets/deploy_ed25519 }',
  '    hostKey: { knownHosts: secrets/known_hosts }',
  '',
]

const CLUSTERS = ['# Kubernetes clusters.', 'clusters:', '  main:', '    kubeconfig: secrets/kubeconfig', '']

function integration({ project }: Findings): string[] {
  return [
    '      # Every push to develop is deployed here.',
    '      integration:',
    '        from: develop',
    '        target:',
    '          compose:',
    '            host: integration',
    `            directory: /home/deploy/${project}`,
    '        # health:',
    '        #   - url: http://integration.example:8080/version',
  ]
}

function kustomize({ project, compose }: Findings, name: string): string[] {
  const from = /prod|live/.test(name) ? 'tag' : /^(integration|develop|dev)$/.test(name) && compose === null ? 'develop' : 'release'
  return [
    `      # ${MEANING[from]}`,
    `      ${name}:`,
    `        from: ${from}`,
    ...(from === 'tag' ? ['        deploy: approval', '        # approvers: [alice, bob]'] : []),
    '        target:',
    '          kustomize:',
    '            cluster: main',
    `            namespace: ${`${project}-${name}`.slice(0, 63)}`,
  ]
}

const MEANING = {
  develop: 'Every push to develop is deployed here.',
  release: "Every push to a sprint's release branch is deployed here.",
  tag: 'Release tags come here, each after an approval.',
}
