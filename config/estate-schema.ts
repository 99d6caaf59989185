import { z } from 'zod'
import { cluster, host, hostKey, passwordLogin, registry, type secret, sshKey } from './estate-access.ts'
import { environment } from './estate-environment.ts'
import { forge } from './estate-forge.ts'
import { groups, people, roles } from './estate-people.ts'
import { gateway, webhooks } from './estate-gateway.ts'
import { notifications } from './estate-notifications.ts'
import { imageRepository, localPath, name, refName, seconds, variableName, variableValue } from './names.ts'

/** estate.yaml: what the operator says. It lies beside the worker and only the worker reads it. */

/** No host or path begins with "-" (ssh and git would take it for an option), and no password fits in. */
const REPOSITORY_URL = new RegExp(
  [
    String.raw`^(?:https?:\/\/[A-Za-z0-9][A-Za-z0-9.-]*(?::\d+)?\/PATH+`,
    String.raw`|ssh:\/\/(?:[A-Za-z0-9_][A-Za-z0-9_.-]*@)?[A-Za-z0-9][A-Za-z0-9.-]*(?::\d+)?\/PATH+`,
    String.raw`|[A-Za-z0-9_][A-Za-z0-9_.-]*@[A-Za-z0-9][A-Za-z0-9.-]*:(?!-)PATH+`,
    String.raw`|file:\/\/\/PATH+|\/PATH+)$`,
  ]
    .join('')
    .replaceAll('PATH', String.raw`[A-Za-z0-9._~\/:?#@!()*+,=%-]`),
)

const repository = z.strictObject({
  url: z
    .string()
    .max(1000)
    .regex(REPOSITORY_URL, 'a git URL without a password: https://host/path, ssh://user@host/path, user@host:path, file:///path or /path')
    .describe('Where git finds the repository. No password in it.'),
  login: z
    .union([sshKey, passwordLogin])
    .optional()
    .describe('For ssh { keyFile } or { agent: true }, for https { username, password }, a token being a password. Default: without.'),
  hostKey: hostKey
    .optional()
    .describe("For ssh: how to know the host, { knownHosts } or { fingerprint }. Default: the worker user's known_hosts."),
  branches: z
    .strictObject({
      develop: refName.default('develop').describe('The branch into which features are merged.'),
      master: refName.default('master').describe('The branch that holds what was released.'),
      releasePrefix: z
        .string()
        .refine(
          (prefix) => refName.safeParse(`${prefix}1.0.0`).success,
          'the beginning of a branch name, of letters, digits, ".", "_", "-" and "/"',
        )
        .default('release-')
        .describe('A release branch is this followed by the version, such as release-1.0.0.'),
    })
    .prefault({})
    .describe("The names of the team's branches."),
  sweepSeconds: seconds(5, 3600).default(60).describe('The remote is looked at this often, in seconds, even when nobody hints.'),
})

const project = z.strictObject({
  repository: repository.describe('The git repository of the project.'),
  forge: forge
    .optional()
    .describe(
      'Where merge requests are opened when Slipway cannot merge by itself, and releases get their page: { gitea } or { gitlab }. Default: nowhere.',
    ),
  webhooks: webhooks
    .optional()
    .describe(
      'What the gateway takes for this project, each with a secret of its own. A webhook only hints: what happened is read from the remote.',
    ),
  notifications: notifications
    .optional()
    .describe('Who is told what happens, by names of your own: { webhook } or { slack } each. Default: nobody.'),
  buildArgs: z
    .record(variableName, variableValue)
    .default({})
    .describe('Build arguments for every service; they win over those of slipway.yaml. They stay visible in the image: no secrets.'),
  images: z
    .array(imageRepository)
    .min(1)
    .max(100)
    .optional()
    .describe(
      "The image repositories that are this project's alone: whole ones, or the beginning of a path such as eap/website for all below it. The project may use no others, and no other project these. Default: any that no other project names.",
    ),
  roles: roles
    .optional()
    .describe('Who may do what, people or groups. Where it is there, who has no role may nothing. Default: everybody may everything.'),
  verified: z
    .boolean()
    .optional()
    .describe('What people say to sprints and environments counts only when it is signed; needs `signers`. Default: false.'),
  environments: z.record(name, environment).describe('Where the project is deployed, by the name of the environment.'),
})

const engine = z.strictObject({
  dockerHost: z
    .string()
    .regex(/^(unix:\/\/\/|tcp:\/\/[A-Za-z0-9[])[^\s@]+$/, 'unix:///path or tcp://host:port')
    .optional()
    .describe('The Docker engine that builds. Default: DOCKER_HOST of the worker, else unix:///var/run/docker.sock.'),
})

export const estateSchema = z.strictObject({
  registry: registry.describe('The registry that every image is pushed to and pulled from.'),
  hosts: z.record(name, host).default({}).describe('Machines that are reached over ssh, for compose and script targets.'),
  clusters: z.record(name, cluster).default({}).describe('Kubernetes clusters, for kustomize targets.'),
  engine: engine.prefault({}).describe('The Docker engine that builds.'),
  store: z
    .union([z.literal('registry'), z.strictObject({ folder: localPath.describe('The folder that holds them.') })])
    .default('registry')
    .describe('Where logs and rendered manifests are kept: in the registry, or in a { folder } where there is one worker only.'),
  evidence: z
    .strictObject({
      key: localPath.describe(
        'An SSH key without a passphrase that signs bundles of evidence, or the public key of one that the ssh agent of the worker holds.',
      ),
    })
    .optional()
    .describe('How evidence is signed: { key }. Default: it is not, and says so.'),
  signers: localPath
    .optional()
    .describe("OpenSSH's allowed_signers file: who signs with which key, for the namespace slipway. Default: nobody can sign."),
  people: people
    .optional()
    .describe('People by the names that the signers have, with the addresses that git knows them by. Default: none.'),
  groups: groups.optional().describe('Groups of people by names of your own; wherever people are named, a group may be. Default: none.'),
  gateway: gateway.optional().describe('How slipway gateway takes webhooks in. Default: there is none.'),
  projects: z
    .record(name, project)
    .refine((projects) => Object.keys(projects).length > 0, 'at least one project')
    .meta({ minProperties: 1 })
    .describe('The projects that this worker serves, by name.'),
})

export type EstateFile = z.output<typeof estateSchema>
export type ProjectEstate = EstateFile['projects'][string]
export type EnvironmentEstate = ProjectEstate['environments'][string]
export type TargetEstate = EnvironmentEstate['target']
export type ForgeEstate = NonNullable<ProjectEstate['forge']>
export type GatewayEstate = NonNullable<EstateFile['gateway']>
export type WebhooksEstate = NonNullable<ProjectEstate['webhooks']>
export type NotificationEstate = NonNullable<ProjectEstate['notifications']>[string]
export type HostEstate = EstateFile['hosts'][string]
export type ClusterEstate = EstateFile['clusters'][string]
export type RegistryEstate = EstateFile['registry']
export type HealthCheck = EnvironmentEstate['health'][number]
export type HttpCheck = Extract<HealthCheck, { url: unknown }>
export type CommandCheck = Extract<HealthCheck, { command: unknown }>
export type SecretReference = z.output<typeof secret>
