import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from './cache.ts'
import { allOwn, readChoices } from './choices.ts'
import type { Choices } from './choices.ts'
import type { Layout, PortRange } from './layout.ts'
import { homeFolder } from './parts/account.ts'
import { engineSocket } from './parts/engine.ts'
import { forgeFiles, forgeUrl, forgeUser } from './parts/forge-account.ts'
import { gitFolder } from './parts/git.ts'
import { imageOf } from './parts/images.ts'
import { kubeconfigOf } from './parts/kubernetes/kubeconfig.ts'
import { nodePorts, serverOf } from './parts/kubernetes/addresses.ts'
import { registryAddress } from './parts/registry.ts'
import { keyFile, knownHostsFile } from './parts/ssh.ts'
import { temporalAddress } from './parts/temporal.ts'
import { knownLayout } from './slot-file.ts'

/** How each part of a lab is reached. Paths are absolute; nothing here is secret by itself. */
export type LabEnv = {
  id: string
  checkout: string
  /** The lab's state, `.lab` in the checkout. */
  folder: string
  engine: { socket: string; dockerHost: string; own: boolean }
  /** `host:port`, plain HTTP, no password. */
  registry: { address: string }
  images: { busybox: string }
  ssh: { host: string; port: number; user: string; keyFile: string; knownHostsFile: string; home: string }
  /** A remote's URL is `<base>/<name>.git`. */
  git: { folder: string; base: string }
  /** NodePorts are served at `nodeAddress`, reachable from this machine only. */
  kubernetes: { kubeconfig: string; server: string | null; kubectl: string; nodeAddress: string | null; nodePorts: PortRange; own: boolean }
  kustomize: string
  temporal: { address: string; namespace: string; binary: string; uiAddress: string | null; own: boolean }
  /** Gitea, where it was brought (`up --forge`); the token may do everything that a test needs. */
  forge: { url: string; user: string; userFile: string; passwordFile: string; tokenFile: string }
  /** Free on 127.0.0.1 for what is published by the engine. */
  hostPorts: PortRange
  /** A folder with kubectl, kustomize, temporal, docker, docker-compose, and gitea where the forge was brought. */
  path: string
}

/** Of a checkout that has a lab, up or not; an error names the command that makes one. */
export async function labEnv(checkout: string, environment: NodeJS.ProcessEnv = process.env): Promise<LabEnv> {
  const layout = await knownLayout(cacheFolder(environment), await realpath(checkout))
  if (!layout) throw new Error(`there is no lab in ${checkout}; bring it up with: npm run lab -- up`)
  return envOf(layout, (await readChoices(layout.state)) ?? allOwn)
}

export function envOf(layout: Layout, choices: Choices): LabEnv {
  const { ports, bin } = layout
  const socket = engineSocket(layout, choices)
  const ownCluster = choices.kubernetes.kind === 'own'
  const ownTemporal = choices.temporal.kind === 'own'
  return {
    id: layout.id,
    checkout: layout.checkout,
    folder: layout.state,
    engine: { socket, dockerHost: `unix://${socket}`, own: choices.engine.kind === 'own' },
    registry: { address: registryAddress(layout) },
    images: { busybox: imageOf(layout, 'busybox') },
    ssh: {
      host: '127.0.0.1',
      port: ports.ssh,
      user: layout.user,
      keyFile: keyFile(layout),
      knownHostsFile: knownHostsFile(layout),
      home: homeFolder(layout),
    },
    git: { folder: gitFolder(layout), base: gitFolder(layout) },
    kubernetes: {
      kubeconfig: kubeconfigOf(layout, choices),
      server: ownCluster ? serverOf(layout) : null,
      kubectl: join(bin, 'kubectl'),
      nodeAddress: ownCluster ? layout.network.node.address : null,
      nodePorts,
      own: ownCluster,
    },
    kustomize: join(bin, 'kustomize'),
    temporal: {
      address: temporalAddress(layout, choices),
      namespace: choices.temporal.kind === 'existing' ? choices.temporal.namespace : 'default',
      binary: join(bin, 'temporal'),
      uiAddress: ownTemporal ? `http://127.0.0.1:${ports.temporalUi}` : null,
      own: ownTemporal,
    },
    forge: { url: forgeUrl(layout), user: forgeUser, ...forgeFiles(layout) },
    hostPorts: ports.published,
    path: bin,
  }
}

/** Lines for a shell's `eval`. */
export function shellExports(env: LabEnv): string {
  const exports: Record<string, string | null> = {
    DOCKER_HOST: env.engine.dockerHost,
    KUBECONFIG: env.kubernetes.kubeconfig,
    TEMPORAL_ADDRESS: env.temporal.address,
    TEMPORAL_NAMESPACE: env.temporal.namespace,
    SLIPWAY_LAB: env.id,
    SLIPWAY_LAB_FOLDER: env.folder,
    SLIPWAY_LAB_REGISTRY: env.registry.address,
    SLIPWAY_LAB_BUSYBOX: env.images.busybox,
    SLIPWAY_LAB_SSH_HOST: env.ssh.host,
    SLIPWAY_LAB_SSH_PORT: String(env.ssh.port),
    SLIPWAY_LAB_SSH_USER: env.ssh.user,
    SLIPWAY_LAB_SSH_KEY: env.ssh.keyFile,
    SLIPWAY_LAB_SSH_KNOWN_HOSTS: env.ssh.knownHostsFile,
    SLIPWAY_LAB_SSH_HOME: env.ssh.home,
    SLIPWAY_LAB_GIT: env.git.base,
    SLIPWAY_LAB_NODE: env.kubernetes.nodeAddress,
    SLIPWAY_LAB_TEMPORAL_UI: env.temporal.uiAddress,
    SLIPWAY_LAB_FORGE: env.forge.url,
    SLIPWAY_LAB_FORGE_USER: env.forge.user,
    SLIPWAY_LAB_FORGE_TOKEN_FILE: env.forge.tokenFile,
    SLIPWAY_LAB_PORTS: `${env.hostPorts.from}-${env.hostPorts.to}`,
  }
  const lines = Object.entries(exports).flatMap(([name, value]) => (value === null ? [] : [`export ${name}=${quote(value)}`]))
  return [...lines, `export PATH=${quote(env.path)}:"$PATH"`].join('\n')
}

export function quote(value: string): string {
  return `'${value.replaceAll("'", String.raw`'\''`)}'`
}
