import type { Io } from './io.ts'
import type { Slipway } from './typed/slipway.ts'

/** The options that every command takes. */
export type GlobalOptions = {
  readonly config?: string
  readonly project?: string
  readonly as?: string
  /** The SSH key that signs what is said. */
  readonly key?: string
  readonly verbose?: boolean
}

/** What a command gets besides its own arguments. */
export type Context = {
  readonly io: Io
  readonly options: GlobalOptions
  /** Connects to Temporal for the project of this folder, or for the one that is named. */
  readonly open: (project?: string) => Promise<Slipway>
}
