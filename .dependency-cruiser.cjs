/** Who may import whom. Each rule has a test that plants a forbidden import and sees it refused. */
const only = (name, folder, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: `^${folder}/` },
  to: { pathNot: allowed, dependencyTypesNot: ['undetermined'] },
})

const TEMPORAL_WORKFLOW = 'node_modules/@temporalio/(workflow|common)/'

module.exports = {
  forbidden: [
    only('domain-alone', 'domain', ['^domain/'], 'Rules are pure: no Temporal, no Node, no I/O.'),
    only(
      'config-on-domain',
      'config',
      [
        '^config/',
        '^domain/',
        'node_modules/(zod|yaml|leven|rrule-temporal|temporal-polyfill)/',
        '^node:',
        '^(crypto|fs|fs/promises|path|os)$',
      ],
      'Configuration reads files and knows the domain.',
    ),
    only(
      'evidence-offline',
      'evidence',
      ['^evidence/', '^domain/', '^config/', 'node_modules/zod/', '^node:', '^(crypto|child_process|fs|fs/promises|path|os)$'],
      'A bundle is checked years later with nothing of a running Slipway.',
    ),
    only(
      'workflows-small',
      'workflows',
      ['^workflows/', '^domain/', '^activities/contract', TEMPORAL_WORKFLOW],
      'Workflows know the domain, and the activities by their contract.',
    ),
    {
      name: 'contract-as-types-only',
      comment: 'A workflow that imports an activity runs it in the sandbox.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^activities/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'activities-without-workflows',
      comment: 'An activity never knows who calls it.',
      severity: 'error',
      from: { path: '^activities/' },
      to: { path: '^(workflows|worker|client|lab|gateway)/' },
    },
    {
      name: 'client-on-messages',
      comment: 'The client speaks to workflows by their messages and knows no activity at run time.',
      severity: 'error',
      from: { path: '^client/' },
      to: { path: '^(activities|worker|lab)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'client-on-messages-of-workflows',
      comment: 'Of the workflows the client imports the messages, the ids, the queues and the attributes; the rest as types only.',
      severity: 'error',
      from: { path: '^client/' },
      to: { path: '^workflows/(?!messages|ids|queues|attributes)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'worker-without-client',
      comment: 'The worker is started by the CLI and knows nothing of it.',
      severity: 'error',
      from: { path: '^worker/' },
      to: { path: '^(client|lab)/' },
    },
    {
      name: 'gateway-on-messages',
      comment: 'The gateway only hints and asks: of the workflows it imports the messages, the ids and the attributes, and no activity.',
      severity: 'error',
      from: { path: '^gateway/' },
      to: { path: '^(activities|worker|client|workflows/(?!messages|ids|attributes))', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'product-without-lab',
      comment: 'There is no lab and no test in the product.',
      severity: 'error',
      from: { path: '^(domain|config|evidence|workflows|activities|worker|client|gateway)/' },
      to: { path: '^(lab|test|examples|scripts|bench)/' },
    },
    {
      name: 'no-circles',
      severity: 'error',
      from: { path: '^(domain|config|evidence|activities|worker|client|gateway|lab)/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    parser: 'swc',
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
    },
  },
}
