import type { HostEstate, TargetEstate } from '../../config/estate-schema.ts'
import type { Target } from '../deploy/target.ts'
import type { SshDeps } from '../ssh/connect.ts'
import { applyCompose } from './apply.ts'
import { checkCompose } from './check.ts'
import { inspectCompose } from './inspect.ts'
import { lookAtCompose } from './look.ts'
import { renderComposeHook } from './render-hook.ts'
import { planCompose } from './plan.ts'
import { renderCompose } from './render.ts'
import { runComposeHook } from './run-hook.ts'
import { verifyCompose } from './verify.ts'

export type ComposeTargetEstate = Extract<TargetEstate, { compose: unknown }>['compose']

export type ComposeSetup = {
  readonly target: ComposeTargetEstate
  readonly host: HostEstate
  readonly deps: SshDeps
}

/**
 * docker-compose on a host, over ssh. Images go there by digest, through a further compose file; TAG, REGISTRY,
 * DOCKER_REGISTRY_HOST and DIGEST_<SERVICE> are exported, and what the estate adds. Paths in the compose file count from
 * the folder on the host; nothing but the file itself is brought there. The host's engine has to be logged in to the
 * registry already. Images that are not the candidate's are pulled when they are missing, and left as they are otherwise.
 */
export function createComposeTarget(setup: ComposeSetup): Target {
  return {
    render: (input, attempt) => renderCompose(setup.target, input, attempt),
    renderHook: async (hook, input, content) => renderComposeHook(hook, input, content),
    runHook: (input, attempt) => runComposeHook(setup, input, attempt),
    plan: (input, attempt) => planCompose(setup, input, attempt),
    apply: (input, attempt) => applyCompose(setup, input, attempt),
    verify: (input, attempt, askHealth) => verifyCompose(setup, input, attempt, askHealth),
    look: (input, attempt) => lookAtCompose(setup, input, attempt),
    inspect: (input, attempt) => inspectCompose(setup, input, attempt),
    check: (attempt) => checkCompose(setup, attempt),
  }
}
