import type { ActivityDeps } from '../context.ts'
import { projectSettings } from '../estate.ts'
import type { GitActivities, MergeActivities } from '../contract.ts'
import { withHeartbeat } from '../heartbeat.ts'
import { compareRevisions } from './compare.ts'
import { createBranch, createTag } from './create-ref.ts'
import { createFeatureJudge } from './features.ts'
import { look } from './look.ts'
import { mergeInto } from './merge-into.ts'
import type { GitMirror } from './open-mirror.ts'
import { readRefs } from './read-refs.ts'
import { listCommits } from './list-commits.ts'
import { listUnlistedMerges } from './unlisted-merges.ts'

export type GitActivityDeps = ActivityDeps & {
  /** The mirrors of this worker; see `createMirrors`. */
  readonly mirrors: (project: string) => GitMirror
  /** Milliseconds since 1970, for the date of a tag or a merge. Default: the machine's clock. */
  readonly now?: () => number
}

export function createGitActivities(deps: GitActivityDeps): GitActivities & Pick<MergeActivities, 'mergeInto'> {
  const { estate, mirrors, now = Date.now } = deps
  const judge = createFeatureJudge()
  const settings = (project: string) => projectSettings(estate, project)
  const beat = <T>(line: string, work: (signal: AbortSignal) => Promise<T>) =>
    withHeartbeat(deps.attempt(), line, (_say, signal) => work(signal))
  return {
    look: (input) =>
      beat(`looking at the remote of ${input.project}`, (signal) =>
        look(input, { mirror: mirrors(input.project), settings: settings(input.project), judge }, signal),
      ),
    readRefs: (input) => beat(`reading refs of ${input.project}`, (signal) => readRefs(input, mirrors(input.project), signal)),
    createBranch: (input) => beat(`creating the branch ${input.name}`, (signal) => createBranch(input, mirrors(input.project), signal)),
    createTag: (input) => beat(`creating the tag ${input.name}`, (signal) => createTag(input, mirrors(input.project), now(), signal)),
    listCommits: (input) => beat(`reading commits of ${input.project}`, (signal) => listCommits(input, mirrors(input.project), signal)),
    listUnlistedMerges: (input) =>
      beat(`reading the merges of ${input.project}`, (signal) =>
        listUnlistedMerges(input, mirrors(input.project), settings(input.project).branches, signal),
      ),
    compareRevisions: (input) =>
      beat(`comparing revisions of ${input.project}`, (signal) => compareRevisions(input, mirrors(input.project), signal)),
    mergeInto: (input) =>
      beat(`merging ${input.tag} into ${input.target}`, (signal) => mergeInto(input, mirrors(input.project), now(), signal)),
    readSettings: async ({ project }) => settings(project),
  }
}
