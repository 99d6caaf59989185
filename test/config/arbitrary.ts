import fc from 'fast-check'

/** Valid files, as they are written: every option that has no default, and any of the others. */

const names = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,10}[a-z0-9])?$/).filter((name) => name !== 'constructor')
const variables = fc
  .stringMatching(/^[A-Z_][A-Z0-9_]{0,8}$/)
  .filter((name) => name !== 'TAG' && !name.startsWith('DIGEST_') && name !== '__proto__')
const texts = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !text.includes('\0') && text.isWellFormed())
const paths = fc.stringMatching(/^[a-z0-9_][a-z0-9_/]{0,12}$/)
const secrets = fc.oneof(fc.record({ env: variables }), fc.record({ file: paths }))
const logins = fc.oneof(
  fc.record({ keyFile: paths, passphrase: secrets }, { requiredKeys: ['keyFile'] }),
  fc.constant({ agent: true as const }),
)
const passwords = fc.record({ username: secrets, password: secrets })
const hostKeys = fc.oneof(fc.record({ knownHosts: paths }), fc.constant({ fingerprint: `SHA256:${'a'.repeat(43)}` }))

const services = fc.record(
  {
    context: paths,
    dockerfile: paths,
    target: names,
    args: fc.dictionary(variables, texts, { maxKeys: 3 }),
    prebuild: fc.record(
      {
        run: fc.constantFrom('make', 'dotnet publish -o publish/'),
        inputs: fc.array(paths, { minLength: 1, maxLength: 3 }),
        timeoutSeconds: fc.integer({ min: 1, max: 7200 }),
      },
      { requiredKeys: ['run'] },
    ),
  },
  { requiredKeys: [] },
)

const argv = fc.array(texts, { minLength: 1, maxLength: 3 }).filter(([program]) => program !== '')
const kinds = fc.oneof(
  fc.record({ job: paths }),
  fc.record({ compose: fc.record({ service: names, command: argv }, { requiredKeys: ['service'] }) }),
  fc.record({ command: argv }),
)
const hooks = fc.tuple(fc.array(kinds, { maxLength: 2 }), fc.array(kinds, { maxLength: 2 })).map(([before, after]) => ({
  before: before.map((each, index) => ({ name: `before-${index}`, ...each })),
  after: after.map((each, index) => ({ name: `after-${index}`, ...each })),
}))

const parts = fc.record(
  {
    compose: fc.record({ file: paths, services: fc.array(names, { minLength: 1, maxLength: 3 }) }, { requiredKeys: [] }),
    kustomize: fc.record({ overlay: paths }),
    hooks,
    irreversible: fc.record({ name: names, reason: fc.constantFrom('a column is gone', 'é') }),
  },
  { requiredKeys: [] },
)

export const slipwayFiles = fc.record(
  {
    project: names,
    services: fc
      .dictionary(names, services, { minKeys: 1, maxKeys: 4 })
      .map((each) =>
        Object.fromEntries(Object.entries(each).map(([name, service], index) => [name, { image: `eap/image${index}`, ...service }])),
      ),
    environments: fc.dictionary(names, parts, { maxKeys: 3 }),
  },
  { requiredKeys: ['project', 'services'] },
)

const pace = {
  successes: fc.integer({ min: 1, max: 10 }),
  windowSeconds: fc.constantFrom(0, 0.5, 10),
  intervalSeconds: fc.constantFrom(0.05, 0.25, 1),
  timeoutSeconds: fc.integer({ min: 11, max: 3600 }),
}

const health = fc.oneof(
  fc.record(
    {
      url: fc.webUrl(),
      status: fc.integer({ min: 100, max: 599 }),
      contains: texts.filter((text) => text !== ''),
      ...pace,
    },
    { requiredKeys: ['url'] },
  ),
  fc.record(
    {
      command: fc.tuple(fc.constantFrom('./smoke', 'true'), texts),
      answerSeconds: fc.integer({ min: 1, max: 600 }),
      ...pace,
    },
    { requiredKeys: ['command'] },
  ),
)

/** Every environment has a place of its own by its number. */
function targets(index: number) {
  return fc.oneof(
    fc.record({
      compose: fc.record(
        {
          host: fc.constant('main'),
          directory: fc.constant(`/srv/app${index}`),
          file: fc.constantFrom('repository', 'placed'),
          environment: fc.dictionary(variables, fc.oneof(texts, secrets), { maxKeys: 3 }),
        },
        { requiredKeys: ['host', 'directory'] },
      ),
    }),
    fc.record({ kustomize: fc.record({ cluster: fc.constant('main'), namespace: fc.constant(`app-${index}`) }) }),
    fc.record({ script: fc.record({ host: fc.constant('main'), command: fc.constant(`./deploy${index}.sh`) }) }),
  )
}

function environments(first: number) {
  const one = (index: number) =>
    fc.record(
      {
        from: fc.constantFrom('develop', 'release', 'tag'),
        deploy: fc.constantFrom('automatic', 'approval'),
        health: fc.array(health, { maxLength: 2 }),
        target: targets(index),
        driftSeconds: fc.oneof(fc.constant(0), fc.integer({ min: 10, max: 604_800 })),
        rolloutTimeoutSeconds: fc.integer({ min: 1, max: 7200 }),
      },
      { requiredKeys: ['from', 'target'] },
    )
  return fc.record({ integration: one(first), alpha: one(first + 1), prod: one(first + 2) }, { requiredKeys: [] })
}

function projects(first: number) {
  return fc.record(
    {
      repository: fc.oneof(
        fc.record({ url: fc.constant('git@git.example:eap/x.git'), login: logins, hostKey: hostKeys }, { requiredKeys: ['url'] }),
        fc.record(
          {
            url: fc.constant('https://git.example/eap/x.git'),
            login: passwords,
            sweepSeconds: fc.integer({ min: 5, max: 3600 }),
          },
          { requiredKeys: ['url'] },
        ),
        fc.record(
          {
            url: fc.constant('file:///srv/git/x.git'),
            branches: fc.constant({ develop: 'main', releasePrefix: 'rel/' }),
          },
          { requiredKeys: ['url'] },
        ),
      ),
      forge: fc.oneof(
        fc.record({
          gitea: fc.record({ url: fc.constant('http://127.0.0.1:3000/git'), repository: fc.constant('eap/x.y'), token: secrets }),
        }),
        fc.record({
          gitlab: fc.record({ url: fc.constant('https://gitlab.example'), project: fc.constant('eap/web/x'), token: secrets }),
        }),
      ),
      buildArgs: fc.dictionary(variables, texts, { maxKeys: 2 }),
      environments: environments(first),
    },
    { requiredKeys: ['repository', 'environments'] },
  )
}

export const estateFiles = fc.record(
  {
    registry: fc.record(
      {
        address: fc.constantFrom('registry.example:5000', 'localhost', '127.0.0.1:5000'),
        plainHttp: fc.boolean(),
        credentials: fc.oneof(passwords, fc.record({ dockerConfig: paths })),
      },
      { requiredKeys: ['address'] },
    ),
    hosts: fc
      .record(
        {
          address: fc.constantFrom('main.example', '127.0.0.1', '::1'),
          user: fc.constant('deploy'),
          login: logins,
          hostKey: hostKeys,
          port: fc.integer({ min: 1, max: 65535 }),
        },
        { requiredKeys: ['address', 'user', 'login', 'hostKey'] },
      )
      .map((main) => ({ main })),
    clusters: fc.constant({ main: { kubeconfig: 'kubeconfig' } }),
    engine: fc.constantFrom({}, { dockerHost: 'unix:///run/docker.sock' }),
    store: fc.oneof(fc.constant('registry'), fc.record({ folder: paths })),
    projects: fc.oneof(fc.record({ website: projects(0) }), fc.record({ website: projects(0), reports: projects(3) })),
  },
  { requiredKeys: ['registry', 'hosts', 'clusters', 'projects'] },
)
