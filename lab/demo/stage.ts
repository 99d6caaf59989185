import type { LabEnv } from '../env.ts'
import type { Sample } from '../sample.ts'
import type { Screen } from './screen.ts'
import type { Shell } from './shell.ts'
import type { StageTimes } from './stage-times.ts'

/** What an act plays on. */
export type Stage = {
  readonly env: LabEnv
  readonly sample: Sample
  readonly shell: Shell
  readonly screen: Screen
  readonly times: StageTimes
  /** Waits until the cluster has forgotten the sample of an earlier demo. */
  readonly clusterIsEmpty: () => Promise<void>
}

/** The sprints of the story, in their order. */
export const FIRST = '1.0.0'
export const SECOND = '1.1.0'
export const THIRD = '1.2.0'
export const HOTFIX = `v${SECOND}-hotfix1`

/** Who speaks besides the developer, whom git names. */
export const QA = 'Quinn'
export const APPROVER = 'Priya'

/** Where the website's page and production's greeting stand in the sample. */
export const PAGE = 'website/www/cgi-bin/index.cgi'
export const PROD = 'deploy/overlays/prod/kustomization.yaml'
