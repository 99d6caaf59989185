import { resolve } from 'node:path'
import type {
  EnvironmentEstate,
  EstateFile,
  ForgeEstate,
  HealthCheck,
  HostEstate,
  ProjectEstate,
  RegistryEstate,
  SecretReference,
  GatewayEstate,
  NotificationEstate,
  WebhooksEstate,
} from './estate-schema.ts'

/** The estate with every path in it absolute. `folder` is where the file lies, itself absolute. */
export function resolvePaths(estate: EstateFile, folder: string): EstateFile {
  const path = (each: string) => resolve(folder, each)
  return {
    ...estate,
    registry: withCredentials(estate.registry, path),
    hosts: mapValues(estate.hosts, (host) => ({
      ...host,
      login: withLogin(host.login, path),
      hostKey: withHostKey(host.hostKey, path),
    })),
    clusters: mapValues(estate.clusters, (cluster) => ({ ...cluster, kubeconfig: path(cluster.kubeconfig) })),
    ...(estate.evidence === undefined ? {} : { evidence: { key: path(estate.evidence.key) } }),
    ...(estate.signers === undefined ? {} : { signers: path(estate.signers) }),
    store: estate.store === 'registry' ? estate.store : { folder: path(estate.store.folder) },
    ...(estate.gateway ? { gateway: withCertificate(estate.gateway, path) } : {}),
    projects: mapValues(estate.projects, (project) => ({
      ...project,
      repository: withRepository(project.repository, path),
      ...(project.forge ? { forge: withToken(project.forge, path) } : {}),
      ...(project.notifications ? { notifications: mapValues(project.notifications, (each) => withAddress(each, path)) } : {}),
      ...(project.webhooks ? { webhooks: withHookSecrets(project.webhooks, path) } : {}),
      environments: mapValues(project.environments, (each) => ({
        ...each,
        target: withTarget(each.target, path),
        health: each.health.map((check) => withProgram(check, path)),
      })),
    })),
  }
}

type ToAbsolute = (path: string) => string
type Login = NonNullable<ProjectEstate['repository']['login']>

function withCredentials({ credentials, ...registry }: RegistryEstate, path: ToAbsolute): RegistryEstate {
  if (!credentials) return registry
  return 'dockerConfig' in credentials
    ? { ...registry, credentials: { dockerConfig: path(credentials.dockerConfig) } }
    : { ...registry, credentials: withPassword(credentials, path) }
}

function withRepository({ login, hostKey, ...repository }: ProjectEstate['repository'], path: ToAbsolute): ProjectEstate['repository'] {
  return {
    ...repository,
    ...(login ? { login: 'username' in login ? withPassword(login, path) : withLogin(login, path) } : {}),
    ...(hostKey ? { hostKey: withHostKey(hostKey, path) } : {}),
  }
}

function withToken(forge: ForgeEstate, path: ToAbsolute): ForgeEstate {
  return 'gitea' in forge
    ? { gitea: { ...forge.gitea, token: withSecret(forge.gitea.token, path) } }
    : { gitlab: { ...forge.gitlab, token: withSecret(forge.gitlab.token, path) } }
}

function withCertificate({ tls, ...gateway }: GatewayEstate, path: ToAbsolute): GatewayEstate {
  return { ...gateway, ...(tls ? { tls: { certificateFile: path(tls.certificateFile), keyFile: path(tls.keyFile) } } : {}) }
}

function withHookSecrets({ gitlab, github, gitea, plain }: WebhooksEstate, path: ToAbsolute): WebhooksEstate {
  const token = gitlab && 'token' in gitlab ? { token: withSecret(gitlab.token, path) } : null
  const signing = gitlab && 'signingToken' in gitlab ? { signingToken: withSecret(gitlab.signingToken, path) } : null
  const each = (hook: { secret: SecretReference }) => ({ secret: withSecret(hook.secret, path) })
  return {
    ...(token ? { gitlab: token } : signing ? { gitlab: signing } : {}),
    ...(github ? { github: each(github) } : {}),
    ...(gitea ? { gitea: each(gitea) } : {}),
    ...(plain ? { plain: each(plain) } : {}),
  }
}

function withAddress(notification: NotificationEstate, path: ToAbsolute): NotificationEstate {
  if ('slack' in notification) return { ...notification, slack: { url: withSecret(notification.slack.url, path) } }
  const { webhook } = notification
  const url = typeof webhook.url === 'string' ? webhook.url : withSecret(webhook.url, path)
  return { ...notification, webhook: { ...webhook, url, secret: withSecret(webhook.secret, path) } }
}

function withPassword(login: Extract<Login, { username: unknown }>, path: ToAbsolute) {
  return { username: withSecret(login.username, path), password: withSecret(login.password, path) }
}

function withLogin(login: HostEstate['login'], path: ToAbsolute): HostEstate['login'] {
  if ('agent' in login) return login
  const { keyFile, passphrase } = login
  return { keyFile: path(keyFile), ...(passphrase ? { passphrase: withSecret(passphrase, path) } : {}) }
}

function withHostKey(hostKey: HostEstate['hostKey'], path: ToAbsolute): HostEstate['hostKey'] {
  return 'knownHosts' in hostKey ? { knownHosts: path(hostKey.knownHosts) } : hostKey
}

function withTarget(target: EnvironmentEstate['target'], path: ToAbsolute): EnvironmentEstate['target'] {
  if (!('compose' in target)) return target
  const environment = mapValues(target.compose.environment, (each) => (typeof each === 'string' ? each : withSecret(each, path)))
  return { compose: { ...target.compose, environment } }
}

/** A program with a slash in its name lies beside this file; one without is looked up on the PATH, and the host has its own. */
function withProgram(check: HealthCheck, path: ToAbsolute): HealthCheck {
  if (!('command' in check) || check.on === 'host') return check
  const [program = '', ...args] = check.command
  return { ...check, command: [program.includes('/') ? path(program) : program, ...args] }
}

function withSecret(secret: SecretReference, path: ToAbsolute): SecretReference {
  return 'file' in secret ? { file: path(secret.file) } : secret
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}
