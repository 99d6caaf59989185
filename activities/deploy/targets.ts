import { createComposeTarget } from '../compose/target.ts'
import type { ActivityDeps } from '../context.ts'
import { environmentEstate } from '../estate.ts'
import { createKustomizeTarget } from '../kustomize/target.ts'
import type { Registry } from '../registry/client.ts'
import { createScriptTarget } from '../script/target.ts'
import type { SshDeps } from '../ssh/connect.ts'
import type { Target } from './target.ts'

export type TargetDeps = ActivityDeps & {
  readonly readFile: (path: string) => Promise<string>
  readonly registry: Registry
}

/** The target of an environment, made once and kept: a cluster's connections are kept alive between activities. */
export function createTargets(deps: TargetDeps): (project: string, environment: string) => Target {
  const made = new Map<string, Target>()
  return (project, environment) => {
    const key = `${project}/${environment}`
    const target = made.get(key) ?? createTarget(deps, project, environment)
    made.set(key, target)
    return target
  }
}

function createTarget(deps: TargetDeps, project: string, environment: string): Target {
  const { target } = environmentEstate(deps.estate, project, environment)
  const { hosts, clusters } = deps.estate.file
  const ssh: SshDeps = { env: deps.environment, readFile: deps.readFile }
  // config/ has checked that every host and cluster that a target names is there.
  if ('compose' in target) return createComposeTarget({ target: target.compose, host: hosts[target.compose.host]!, deps: ssh })
  if ('script' in target) {
    return createScriptTarget({ target: target.script, host: hosts[target.script.host]!, deps: ssh, registry: deps.registry })
  }
  const { cluster, namespace, prune } = target.kustomize
  return createKustomizeTarget({ cluster: clusters[cluster]!, namespace, prune }, deps)
}
