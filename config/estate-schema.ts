import { z } from 'zod'
import { isRegistryAddress } from '../domain/image-reference.ts'
import { name, refName, seconds, variableName } from './names.ts'

/** estate.yaml: what the operator says. It lies beside the worker and only the worker reads it. */

/** A secret by reference: its value is in an environment variable or a file, never here. */
const secret = z.union([
  z.strictObject({ env: variableName.describe('The environment variable of the worker that holds the value.') }),
  z.strictObject({ file: z.string().min(1).describe('The file beside the worker that holds the value; one trailing newline is dropped.') }),
])

const localPath = z.string().min(1).max(1000)

const sshKey = z.union([
  z.strictObject({ keyFile: localPath.describe('The private key.'), passphrase: secret.optional() }),
  z.strictObject({ agent: z.literal(true).describe('Use the ssh agent at SSH_AUTH_SOCK.') }),
])

const hostKey = z.union([
  z.strictObject({ knownHosts: localPath.describe('A known_hosts file.') }),
  z.strictObject({ fingerprint: z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'a fingerprint as ssh-keygen -lf prints it: SHA256:<43 characters>') }),
])

const host = z.strictObject({
  address: z.string().regex(/^[A-Za-z0-9.:_-]+$/, 'a host name or an IP address'),
  port: z.number().int().min(1).max(65535).default(22),
  user: z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, 'a user name'),
  login: sshKey.describe('How to log in.'),
  hostKey: hostKey.describe('How to know the host; checked before any login.'),
})

const cluster = z.strictObject({
  kubeconfig: localPath.describe('The kubeconfig file.'),
  context: z.string().min(1).optional().describe('The context in it. Default: its current one.'),
})

const registry = z.strictObject({
  address: z.string().refine(isRegistryAddress, 'a registry address such as registry.example:5000, without https:// and path'),
  plainHttp: z.boolean().default(false).describe('Talk HTTP instead of HTTPS.'),
  credentials: z
    .union([
      z.strictObject({ username: secret, password: secret }),
      z.strictObject({ dockerConfig: localPath.describe('A Docker config.json with auths, credHelpers or credsStore.') }),
    ])
    .optional(),
})

const composeTarget = z.strictObject({
  host: name.describe('One of the hosts below.'),
  directory: z
    .string()
    .regex(/^\/[A-Za-z0-9._/-]+$/, 'an absolute folder on the host of letters, digits, ".", "_", "-" and "/"')
    .describe('The folder on the host.'),
  file: z.enum(['repository', 'placed']).default('repository').describe('"repository" brings the compose file of the revision; "placed" uses the one already there.'),
  project: name.optional().describe('The compose project name. Default: the folder\'s name, as compose has it.'),
  environment: z.record(variableName, z.union([z.string(), secret])).default({}).describe('Variables for the compose file; a secret by reference.'),
})

const kustomizeTarget = z.strictObject({
  cluster: name.describe('One of the clusters below.'),
  namespace: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/).describe('The namespace that this environment is.'),
})

const scriptTarget = z.strictObject({
  host: name.describe('One of the hosts below.'),
  command: z
    .string()
    .regex(/^[A-Za-z0-9._/-]+$/, 'a path of letters, digits, ".", "_", "-" and "/"')
    .describe('The script that is already placed on the host; TAG and DIGEST_<SERVICE> are exported.'),
  timeoutSeconds: seconds(1, 7200).default(900),
})

const target = z.union([
  z.strictObject({ compose: composeTarget }),
  z.strictObject({ kustomize: kustomizeTarget }),
  z.strictObject({ script: scriptTarget }),
])

const health = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('Asked by the worker after the rollout.'),
  status: z.number().int().min(100).max(599).default(200),
  contains: z.string().min(1).optional().describe('Text that the answer has to contain; {tag} and {revision} stand for the deployed ones.'),
  successes: z.number().int().min(1).max(100).default(1).describe('So many good answers in a row.'),
  intervalSeconds: z.number().min(0.05).max(60).default(0.25),
  timeoutSeconds: seconds(1, 3600).default(60),
})

const environment = z.strictObject({
  from: z.enum(['develop', 'release', 'tag']).describe('What feeds it: pushes to develop, pushes to a sprint\'s release branch, or release tags.'),
  deploy: z.enum(['automatic', 'approval']).optional().describe('"approval" waits for a person. Default: approval for tag, automatic otherwise.'),
  approvers: z.array(z.string().min(1).max(100)).default([]).describe('Who may approve and reject here. Empty: everybody who reaches Temporal, recorded as unverified.'),
  target: target,
  health: z.array(health).default([]),
  rolloutTimeoutSeconds: seconds(1, 7200).default(300),
})

const repository = z.strictObject({
  url: z
    .string()
    .regex(/^(https?:\/\/|ssh:\/\/|file:\/\/|\/|[A-Za-z0-9_.-]+@[A-Za-z0-9.-]+:)[^\s'"`$;|&<>\\]+$/, 'a git URL: https://…, ssh://…, user@host:path, file:///… or an absolute path')
    .describe('Where git finds the repository. No password in it.'),
  login: z
    .union([sshKey, z.strictObject({ username: secret, password: secret })])
    .optional()
    .describe('For ssh a key, for https a user name and a password or token.'),
  hostKey: hostKey.optional(),
  branches: z
    .strictObject({
      develop: refName.default('develop'),
      master: refName.default('master'),
      releasePrefix: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/).default('release-'),
    })
    .prefault({}),
  sweepSeconds: seconds(5, 3600).default(60).describe('The remote is looked at this often even when nobody hints.'),
})

const project = z.strictObject({
  repository,
  buildArgs: z.record(variableName, z.string()).default({}).describe('Build arguments for every service; they win over those of slipway.yaml.'),
  environments: z.record(name, environment),
})

export const estateSchema = z
  .strictObject({
    registry,
    hosts: z.record(name, host).default({}),
    clusters: z.record(name, cluster).default({}),
    engine: z
      .strictObject({ dockerHost: z.string().regex(/^(unix:\/\/\/|tcp:\/\/)\S+$/, 'unix:///path or tcp://host:port').optional() })
      .prefault({})
      .describe('The Docker engine that builds. Default: DOCKER_HOST of the worker, else /var/run/docker.sock.'),
    store: z
      .union([z.literal('registry'), z.strictObject({ folder: localPath })])
      .default('registry')
      .describe('Where logs and rendered manifests are kept: in the registry, or in a folder where there is one worker only.'),
    projects: z.record(name, project),
  })
  .refine((file) => Object.keys(file.projects).length > 0, { path: ['projects'], message: 'at least one project' })

export type EstateFile = z.output<typeof estateSchema>
export type ProjectEstate = EstateFile['projects'][string]
export type EnvironmentEstate = ProjectEstate['environments'][string]
export type TargetEstate = EnvironmentEstate['target']
export type HostEstate = EstateFile['hosts'][string]
export type ClusterEstate = EstateFile['clusters'][string]
export type RegistryEstate = EstateFile['registry']
export type HealthCheck = EnvironmentEstate['health'][number]
export type SecretReference = z.output<typeof secret>
export type SshLogin = z.output<typeof sshKey>
export type HostKeyCheck = z.output<typeof hostKey>
