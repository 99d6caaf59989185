import type { HookConfig } from '../../config/hooks-schema.ts'
import type { EnvironmentParts } from '../../config/slipway-schema.ts'
import type { Candidate } from '../../domain/candidate.ts'
import type { Digest } from '../../domain/digest.ts'
import type { Drift } from '../../domain/environment/drift.ts'
import type { Applied, Fence, PlannedChange, Verified } from '../contract.ts'
import type { AttemptContext } from '../context.ts'
import type { Mirror } from '../git/mirror.ts'
import type { SharedConnection } from '../ssh/share.ts'

/** What a target needs to render a candidate: it reads the repository and changes nothing. */
export type RenderInput = {
  readonly project: string
  readonly environment: string
  readonly candidate: Candidate
  readonly tag: string
  /** The registry's address, to put before each image's repository. */
  readonly registry: string
  /** What slipway.yaml at the revision says of this environment. */
  readonly parts: EnvironmentParts
  readonly mirror: Mirror
}

/** What a target needs to act: `content` is what `render` gave, byte for byte, maybe weeks ago. */
export type ActInput = {
  readonly project: string
  readonly environment: string
  readonly fence: Fence
  readonly candidate: Candidate
  readonly tag: string
  readonly registry: string
  readonly content: Buffer
  /** The content that ran before, null when there was none. */
  readonly previous: Buffer | null
  /** The content of what was found on the target and is put back or replaced now: the target may take over what it holds. */
  readonly adopted?: Buffer | null
  /** True where a person wants back what others decide by now of what was applied here. */
  readonly takeBack?: boolean
  /** As in DeployInput. */
  readonly run?: number
  readonly rolloutTimeoutMs: number
}

/**
 * Asks the health checks of the environment until each answered well for long enough, and says what was seen. A command on
 * the target's host goes over the connection that is handed in; null where the target has no host.
 */
export type AskHealth = (host: SharedConnection | null) => Promise<readonly string[]>

/** What a target needs to run a hook, `content` being that of the deployment it belongs to; rendered with the snapshot, maybe weeks ago. */
export type HookActInput = Pick<ActInput, 'project' | 'environment' | 'fence' | 'candidate' | 'tag' | 'registry' | 'content'> & {
  readonly hook: { readonly name: string; readonly content: Buffer; readonly timeoutSeconds: number; readonly run: number }
}

/** How a hook ended. `unknown`: it was begun, and the target cannot tell. */
export type HookEnd = {
  readonly outcome: 'succeeded' | 'failed' | 'unknown'
  /** How, for a person: it completes "the hook migrate …". */
  readonly words: string
  /** What it printed, secrets already taken out. */
  readonly logText: string
}

/** What a target needs to say beforehand what acting would change: there is no token yet. */
export type PlanInput = Omit<ActInput, 'fence' | 'rolloutTimeoutMs'>

export type TargetPlan = {
  /** Every object that is wanted, or was and is no longer. Secrets are left out. */
  readonly changes: readonly PlannedChange[]
  /** Changes whenever what was planned against does, but for what comes and goes by itself. */
  readonly basis: string
}

/** What was applied, to hold the target against it. */
export type AppliedInput = {
  readonly project: string
  readonly environment: string
  /** The newest deployment's that was begun here. */
  readonly epoch: number
  readonly candidate: Candidate
  readonly tag: string
  readonly registry: string
  readonly content: Buffer
}

export type LookInput = { readonly project: string; readonly environment: string; readonly registry: string }

/** An image of the estate's registry that runs on a target, whoever put it there. */
export type SeenImage = {
  /** What runs it, for a person: `deployment/website`, or the compose service. */
  readonly where: string
  readonly repository: string
  /** Null when it was asked for by digest alone. */
  readonly tag: string | null
  /** What the engine or the cluster says it is; null when nothing of it is up. */
  readonly digest: Digest | null
}

/** What a look at a target saw. */
export type Seen = {
  /** The epoch that the target holds; 0 without a fence. */
  readonly epoch: number
  /** Empty when none is there; null when the target cannot be asked. */
  readonly images: readonly SeenImage[] | null
  /** What else is there, a line each: images of other registries, containers that have ended. */
  readonly others: readonly string[]
  /**
   * Holds what was rendered against what was seen. @returns lines about what the content does not have
   * @throws permanent `InvalidConfiguration` when it would be put beside what runs instead of in its place
   */
  readonly compare: (content: Buffer) => readonly string[]
}

/** One way of deploying. `content` holds no secret and no epoch, so that the same candidate renders to the same bytes. */
export type Target = {
  readonly render: (input: RenderInput, attempt: AttemptContext) => Promise<Buffer>
  /** Renders a hook of the same candidate; `content` is what `render` gave. No secret and no epoch is in it either. */
  readonly renderHook: (hook: HookConfig, input: RenderInput, content: Buffer, attempt: AttemptContext) => Promise<Buffer>
  /**
   * Runs a hook under the fence to its end, at most once for each (epoch, hook, run): asked again, it follows what was begun
   * or tells how it ended. Out of time or cancelled, it ends it there. Throws what keeps it from knowing, or from beginning.
   */
  readonly runHook: (input: HookActInput, attempt: AttemptContext) => Promise<HookEnd>
  /** Asks the target what `apply` would change, and changes nothing. Left out where it cannot be asked. */
  readonly plan?: (input: PlanInput, attempt: AttemptContext) => Promise<TargetPlan>
  /** Puts it there under the fence; does not wait until it runs. `logText` is kept in the store. */
  readonly apply: (input: ActInput, attempt: AttemptContext) => Promise<Omit<Applied, 'log'> & { logText: string }>
  /**
   * Waits until what was applied runs, checks that the running digests are the candidate's, and lets its health be asked.
   * Whatever can be looked at over one connection, is.
   */
  readonly verify: (input: ActInput, attempt: AttemptContext, askHealth: AskHealth) => Promise<Verified>
  /** Looks at what runs there, whoever deployed it, and at the fence; changes nothing. */
  readonly look: (input: LookInput, attempt: AttemptContext) => Promise<Seen>
  /** Says what of the content is otherwise there by now, and changes nothing; a target that cannot be asked has it not. */
  readonly inspect?: (input: AppliedInput, attempt: AttemptContext) => Promise<readonly Drift[]>
  /** Reaches the target and looks for what a deployment needs there, changing nothing. @returns a sentence; throws what is wrong */
  readonly check: (attempt: AttemptContext) => Promise<string>
  /** Says what of the fence depends on how the target is set up, where anything does. @returns a sentence */
  readonly checkFence?: (input: Pick<LookInput, 'project' | 'environment'>, attempt: AttemptContext) => Promise<string>
}
