import type { LabEnv } from '../../lab/env.ts'
import type { CleanUp } from '../machine/clean-up.ts'

/** What every measurement is given. */
export type Bench = {
  readonly env: LabEnv
  /** The benchmark's own, deleted at the end. */
  readonly folder: string
  /** What the npm package would hold. */
  readonly packageFolder: string
  readonly rounds: number
  readonly cleanUp: CleanUp
  readonly signal: AbortSignal
  readonly say: (text: string) => void
}
