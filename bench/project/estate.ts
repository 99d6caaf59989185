import { join } from 'node:path'
import type { LabEnv } from '../../lab/env.ts'
import { composeProjectOf } from '../../lab/sample.ts'
import type { BenchProject } from './create.ts'
import { namespaceOf, portVariable, type Overlay } from './shape.ts'

/** What the estate says of the lab, whatever the project. */
export function labEstate(env: LabEnv) {
  return {
    registry: { address: env.registry.address, plainHttp: true },
    engine: { dockerHost: env.engine.dockerHost },
    hosts: {
      lab: {
        address: env.ssh.host,
        port: env.ssh.port,
        user: env.ssh.user,
        login: { keyFile: env.ssh.keyFile },
        hostKey: { knownHosts: env.ssh.knownHostsFile },
      },
    },
    clusters: { lab: { kubeconfig: env.kubernetes.kubeconfig } },
  }
}

/**
 * Integration by compose, with the health check that a team would have, and alpha by kustomize. A prod by compose stands
 * in integration's place: there is one of these on the host.
 */
export function projectEstateOf(env: LabEnv, { shape, remote, ports }: BenchProject): object {
  const directory = join(env.ssh.home, shape.name)
  const project = composeProjectOf(env, shape.name)
  const compose = {
    // What is measured is the work: waiting for a service to prove that it stays up is a setting, and the script does not.
    target: { compose: { host: 'lab', directory, project, environment: portsEnvironment(ports), settleSeconds: 0 } },
    driftSeconds: 0,
    health: Object.values(ports).map((port) => ({ url: `http://127.0.0.1:${port}/healthz` })),
  }
  // A look by the schedule in the middle of a measurement would be measured along.
  const overlay = (each: Overlay) => ({ target: { kustomize: { cluster: 'lab', namespace: namespaceOf(shape, each) } }, driftSeconds: 0 })
  return {
    repository: { url: remote },
    buildArgs: { BASE: env.images.busybox },
    environments: {
      ...(shape.prod === 'compose' ? { prod: { from: 'tag', ...compose } } : { integration: { from: 'develop', ...compose } }),
      alpha: { from: 'release', ...overlay('alpha') },
      ...(shape.prod === 'kustomize' ? { prod: { from: 'tag', ...overlay('prod') } } : {}),
    },
  }
}

export function portsEnvironment(ports: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(ports).map(([service, port]) => [portVariable(service), String(port)]))
}
