import type { EnvironmentParts } from '../../config/slipway-schema.ts'
import type { Candidate } from '../../domain/candidate.ts'
import type { Applied, Fence, Verified } from '../contract.ts'
import type { AttemptContext } from '../context.ts'
import type { Mirror } from '../git/mirror.ts'

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
  readonly rolloutTimeoutMs: number
}

/** One way of deploying. `content` holds no secret and no epoch, so that the same candidate renders to the same bytes. */
export type Target = {
  readonly render: (input: RenderInput, attempt: AttemptContext) => Promise<Buffer>
  /** Puts it there under the fence; does not wait until it runs. `logText` is kept in the store. */
  readonly apply: (input: ActInput, attempt: AttemptContext) => Promise<Omit<Applied, 'log'> & { logText: string }>
  /** Waits until what was applied runs, and checks that the running digests are the candidate's. */
  readonly verify: (input: ActInput, attempt: AttemptContext) => Promise<Verified>
  /** Reaches the target and looks for what a deployment needs there, changing nothing. @returns a sentence; throws what is wrong */
  readonly check: (attempt: AttemptContext) => Promise<string>
}
