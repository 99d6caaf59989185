import type { Choices } from './choices.ts'
import type { Layout } from './layout.ts'
import type { Log } from './log.ts'

/** What a plain `up` brings; the forge, whose build takes minutes more, only who asks for it. */
export const defaultParts = ['network', 'account', 'engine', 'registry', 'images', 'ssh', 'git', 'temporal', 'kubernetes'] as const
export const partNames = [...defaultParts, 'forge'] as const
export type PartName = (typeof partNames)[number]

/** What every part is handed. */
export type Lab = {
  layout: Layout
  choices: Choices
  binaries: Binaries
  log: Log
}

/** Programs that are built where Debian has none: asked for at most once a run, answered by a path. */
export type Binaries = {
  temporal: () => Promise<string>
  kubelab: () => Promise<string>
  gitea: () => Promise<string>
  /** What is on the PATH, for a cluster that is not the lab's; undefined unless both are. */
  clientsOnPath: () => Promise<{ kubectl: string; kustomize: string } | undefined>
}

export type Part = {
  name: PartName
  needs: readonly PartName[]
  /** Keys of `programs`: what must be installed before the part starts. */
  programs: (choices: Choices) => readonly string[]
  /** Asks the part itself; quick, and changes nothing. */
  answers: (lab: Lab) => Promise<boolean>
  /** Brings the part up from whatever state it is in, and returns when it answers. */
  start: (lab: Lab) => Promise<void>
  /** Ends what `start` began and takes away what it made outside the state folders; works on a half-started part too. */
  stop: (lab: Lab) => Promise<void>
  /** The names of its processes' records. */
  daemons: (choices: Choices) => readonly string[]
  /** Where it is reached, for `status`. */
  address: (lab: Lab) => string
}
