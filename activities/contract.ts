import type { Actor } from '../domain/actor.ts'
import type { Announcement } from '../domain/announcer/announcement.ts'
import type { Addressee } from '../domain/announcer/state.ts'
import type { Candidate, ServiceImage } from '../domain/candidate.ts'
import type { Digest } from '../domain/digest.ts'
import type { Drift } from '../domain/environment/drift.ts'
import type { FreezeAnswer } from '../domain/environment/freeze.ts'
import type { Names } from '../domain/environment/state.ts'
import type { Revision } from '../domain/revision.ts'
import type { EnvironmentSettings, ProjectSettings } from '../domain/settings.ts'
import type { Signed } from '../domain/signed.ts'
import type { Snapshot, SnapshotHook } from '../domain/snapshot.ts'

/**
 * What the workflows see of the world. Every activity takes one plain object, runs at least once, looks before it acts,
 * and fails either permanently (an ApplicationFailure that is not retryable, its type one of `PermanentFailure`) or
 * transiently (anything else). Failure messages are sentences for a person: what was expected, what was found, what to do.
 */

/** The `type` of a failure that trying again will not mend. */
export type PermanentFailure =
  | 'InvalidConfiguration' // slipway.yaml or the estate does not allow what was asked
  | 'NotFound' // a revision, ref, digest or stored content that is not there
  | 'Conflict' // something else already has that name, or the remote refused the push
  | 'BuildFailed' // the Dockerfile or the pre-build failed
  | 'Refused' // wrong password, wrong key, unknown host key, forbidden
  | 'RenderFailed' // the overlay or compose file does not render
  | 'RolloutFailed' // it was applied and does not become healthy
  | 'Fenced' // a newer epoch or attempt holds the target
  | 'HookFailed' // a hook ended with a failure, or did not end in its time
  | 'OutcomeUnknown' // a hook was begun, and nobody can say how it ended

/** Where a log or rendered content lies in the store, by content hash. */
export type StoredContent = { readonly digest: Digest; readonly bytes: number }

// ---- git: task queue slipway -------------------------------------------------------------------------------------

export type FeatureFact = {
  readonly branch: string
  /** The tip of the branch on the remote, null when there is no such branch. */
  readonly revision: Revision | null
  /** How the feature is seen to be in develop: an ancestor, or a squash (merge-tree gives develop's own tree). */
  readonly merged: 'merge' | 'squash' | null
}

export type RefChange = {
  /** Full name, `refs/heads/…` or `refs/tags/…`. Tags are peeled: `to` is the commit. */
  readonly ref: string
  readonly from: Revision | null
  readonly to: Revision | null
  /** True when `from` is no ancestor of `to`: the branch was rewritten. */
  readonly rewritten: boolean
}

export type LookInput = {
  readonly project: string
  /** What the last look returned; null looks for the first time. */
  readonly cursor: string | null
  /** The settings' hash that the caller knows; the answer repeats the settings only when they differ. */
  readonly settingsHash: string | null
  /** Feature branches whose merge into develop is asked for. */
  readonly features: readonly string[]
  /** Versions of open sprints: on a first look their release tags are told too. */
  readonly versions: readonly string[]
}

export type LookResult = {
  readonly cursor: string
  /** On a first look (cursor null or no longer known): every branch the image rule names, and of the tags only `versions`'. */
  readonly first: boolean
  /** What changed since the cursor among the refs that the image rule names, branches first; at most 150. */
  readonly changes: readonly RefChange[]
  /** True when there are further changes: look again with the new cursor at once. */
  readonly more: boolean
  /** So many tags of no open sprint appeared at once that they are an import: they are in no `changes`, of this page or a later one. */
  readonly imported: number
  /** So many changed refs have names that Slipway does not serve; the first ten, quoted. */
  readonly unserved: { readonly count: number; readonly names: readonly string[] }
  readonly develop: Revision | null
  readonly features: readonly FeatureFact[]
  readonly settings: ProjectSettings | null
}

export type CreateRefInput = {
  readonly project: string
  readonly name: string
  readonly revision: Revision
  readonly by: Actor
  readonly message: string
}
export type CreateRefResult = { readonly ref: string; readonly revision: Revision; readonly created: boolean }

export type UnlistedMerge = { readonly revision: Revision; readonly subject: string }

/** `author`: the name that the commit says. */
export type Commit = { readonly revision: Revision; readonly subject: string; readonly author?: string }

export interface GitActivities {
  /** Lists the remote's refs once and fetches what changed. An empty listing is an outage (transient), never a deletion. */
  look(input: LookInput): Promise<LookResult>
  /** The tips of these full ref names now, for a sprint that starts or is adopted. */
  readRefs(input: { project: string; refs: readonly string[] }): Promise<{ refs: readonly { ref: string; revision: Revision | null }[] }>
  /** Never forces. The branch is there at the same revision: done. At another: permanent `Conflict`. */
  createBranch(input: CreateRefInput): Promise<CreateRefResult>
  /** An annotated tag; as createBranch. */
  createTag(input: CreateRefInput): Promise<CreateRefResult>
  /** Merges on develop's first-parent line since it left master, which no listed feature explains; at most 20. */
  listUnlistedMerges(input: {
    project: string
    develop: Revision
    features: readonly FeatureFact[]
  }): Promise<{ merges: readonly UnlistedMerge[] }>
  /** The commits that `to` has and `from` has not, the newest first; at most 20, and how many there are in all. */
  listCommits(input: { project: string; from: Revision; to: Revision }): Promise<{ commits: readonly Commit[]; total: number }>
  /**
   * How `a` stands to `b`: 'ahead' when a contains b. `lacks` is how many commits b has and a has not; 0 also when merging b
   * into a would change nothing (b came there as a squash or by cherry-picks).
   */
  compareRevisions(input: { project: string; a: Revision; b: Revision }): Promise<{ relation: Relation; ahead: number; lacks: number }>
  /** What the estate says of this project now. */
  readSettings(input: { project: string }): Promise<ProjectSettings>
}

export type Relation = 'same' | 'ahead' | 'behind' | 'diverged'

// ---- merge-back: task queue slipway --------------------------------------------------------------------------------

export type MergeInput = {
  readonly project: string
  readonly version: string
  /** The release tag and the commit that it names. */
  readonly tag: string
  readonly revision: Revision
  /** The branch that gets it, short name. */
  readonly target: string
  readonly by: Actor
  /** The commit of the target by which it came there, as a person says; null: git is asked. */
  readonly mergedAs: Revision | null
}

export type MergeResult =
  /** It is there already: an ancestor, merge-tree gives the target's own tree, or a person said so. */
  | { readonly outcome: 'contained'; readonly how: 'merge' | 'squash' | 'person'; readonly tip: Revision }
  /** Merged and pushed by this call; `tip` is the merge commit. */
  | { readonly outcome: 'merged'; readonly tip: Revision }
  /** `branch` was pushed at the tag's commit; a person merges. `steps` are the exact commands. */
  | {
      readonly outcome: 'conflict'
      readonly tip: Revision
      readonly files: readonly string[]
      readonly branch: string
      readonly steps: readonly string[]
    }
  /** The remote lets Slipway not push to the target: `branch` was pushed with the finished merge. */
  | {
      readonly outcome: 'protected'
      readonly tip: Revision
      readonly reason: string
      readonly branch: string
      readonly steps: readonly string[]
    }
  /** The remote has no such branch. */
  | { readonly outcome: 'absent' }

export type MergeRequestRef = { readonly number: number; readonly url: string }

export type MergeRequestState = {
  readonly state: 'open' | 'merged' | 'closed'
  /** The commit of the target by which it came there, once merged. */
  readonly mergedAs: Revision | null
}

export interface MergeActivities {
  /**
   * Merges a release into a branch, with a merge commit, and never forces. Looks first. Not a fast-forward (the target moved
   * meanwhile): fetches and merges anew, five times, then fails transiently. `mergedAs` that the target does not contain:
   * permanent `Conflict`.
   */
  mergeInto(input: MergeInput): Promise<MergeResult>
  /** The open merge request from `source` into `target`, found or made; null where no forge is configured. */
  openMergeRequest(input: { project: string; source: string; target: string; title: string; body: string }): Promise<MergeRequestRef | null>
  readMergeRequest(input: { project: string; number: number }): Promise<MergeRequestState>
}

// ---- release notes: task queue slipway ------------------------------------------------------------------------------

export type ReleaseNotes = {
  readonly tag: string
  /** False when the tag is not on the remote yet: the notes are those of the release branch's tip. */
  readonly tagged: boolean
  readonly revision: Revision
  /** The release before in Slipway's order; null: there was none. */
  readonly previous: string | null
  /** True when there were more commits than are read. */
  readonly more: boolean
  /** In plain text, and in Markdown with links to merge requests where a forge is configured; at most 16 KB each. */
  readonly text: string
  readonly markdown: string
}

export interface NotesActivities {
  /** What came since the release before. `name` is a release tag, or a version: its newest tag, else its release branch. */
  releaseNotes(input: { project: string; name: string }): Promise<ReleaseNotes>
  /** The release page of a tag with its notes, found or made; null where no forge is configured. */
  publishRelease(input: { project: string; tag: string }): Promise<{ readonly url: string; readonly created: boolean } | null>
}

// ---- images: task queue slipway-build -----------------------------------------------------------------------------

export type PlannedService = {
  readonly service: string
  readonly repository: string
  /** What the image would be made of; see ServiceImage.inputs. */
  readonly inputs: string
  /** The digest, when the registry already has an image made of the same inputs. */
  readonly known: Digest | null
}

export type BuildPlan = { readonly revision: Revision; readonly configHash: string; readonly services: readonly PlannedService[] }

export type BuiltImage = ServiceImage & {
  readonly log: StoredContent | null
  readonly seconds: number
  /** The base images that it was built on, and what their names stood for then; left out for one that was not built now. */
  readonly bases?: readonly { readonly name: string; readonly digest: Digest | null }[]
}

export interface ImageActivities {
  /** Reads slipway.yaml at the revision and asks the registry which of its services' images exist. */
  planBuild(input: { project: string; revision: Revision }): Promise<BuildPlan>
  /** Pre-build, build, push, and check of the pushed digest; heartbeats `{line}`, the newest log line. `BuildFailed` carries `{log, lastLines}` as details. */
  buildImage(input: { project: string; revision: Revision; service: string; inputs: string }): Promise<BuiltImage>
  /**
   * Gives every image of the candidate a further tag by manifest PUT, without a build. The tag already names another
   * digest: permanent `Conflict`, unless `move`.
   */
  nameImages(input: { project: string; candidate: Candidate; tag: string; move: boolean }): Promise<{ named: number }>
}

// ---- deployments: task queue slipway-deploy-<environment> ---------------------------------------------------------

export type PrepareInput = {
  readonly project: string
  readonly environment: string
  readonly requestId: string
  readonly candidate: Candidate
  readonly tag: string
  /** What runs there now, null at the first deployment: its epoch enters the hash that people approve. */
  readonly replaces: { readonly epoch: number; readonly revision: Revision } | null
}

export type Prepared = {
  readonly snapshot: Snapshot
  /** What an approval approves: sha256 over the request's id, the snapshot's hash and the epoch it replaces. */
  readonly requestHash: string
  /** How the candidate stands to what it replaces; null at the first deployment. */
  readonly relation: Relation | null
  /** So many commits of what it replaces are not in the candidate; 0 at the first deployment, and when nothing is missing. */
  readonly lacks?: number
  /** See Preparation. */
  readonly authors?: readonly string[]
  readonly tagger?: string | null
  readonly settings: EnvironmentSettings
}

export type SurveyInput = {
  readonly project: string
  readonly environment: string
  /** What a person says runs there, an image tag; null: the target is asked. A script target cannot be asked. */
  readonly tag: string | null
}

/** What was found on a target that Slipway did not deploy, made into something one can go back to. */
export type Surveyed = {
  readonly found: {
    readonly tag: string
    readonly snapshot: Snapshot
    /** What was seen, and where the rendered content comes from; a line each. At most 50. */
    readonly observed: readonly string[]
  } | null
  /** The epoch that the target holds: 0 where Slipway never deployed. */
  readonly epoch: number
  readonly settings: EnvironmentSettings
}

/** (epoch, attempt): the token that the target keeps and that refuses whatever is older. */
export type Fence = {
  readonly epoch: number
  readonly attempt: number
  /** Whose epoch it is, by the snapshot that the deployment was begun with: a Temporal put back from a backup counts anew. */
  readonly identity?: string
}

export type DeployInput = {
  readonly project: string
  readonly environment: string
  readonly fence: Fence
  readonly snapshot: Snapshot
  /** What the target was made of before, so that `compose` can tell its own orphans. */
  readonly previous: Snapshot | null
  /** A way back: what was verified there comes back as it was, and fields that somebody else decides by now are taken back. */
  readonly takeBack?: true
  /** From 2 on: a person says that it shall be done once more, and the end of the run before is not told again. */
  readonly run?: number
}

export type Applied = {
  /** One line an object or service, for the audit: `deployment/website configured`. At most 50. */
  readonly changes: readonly string[]
  readonly log: StoredContent | null
}

export type Verified = {
  /** What was seen: replicas ready, container states, answers of health checks. At most 50 lines. */
  readonly observed: readonly string[]
}

export interface DeployActivities {
  /** Renders and stores what would be deployed; changes nothing on the target. */
  prepare(input: PrepareInput): Promise<Prepared>
  /** Puts the snapshot on the target, fenced. Heartbeats `{line}`. */
  apply(input: DeployInput): Promise<Applied>
  /**
   * Follows the rollout to its end, compares the running digests with the snapshot's, then asks the health checks.
   * `RolloutFailed` carries `{observed}`: the pods' own words and last log lines; and `{infrastructure: true}` where the cluster had no
   * room for it, which says nothing against the snapshot. Heartbeats `{line}`.
   */
  verify(input: DeployInput): Promise<Verified>
  /**
   * Looks at what runs on the target and makes a snapshot of it: digests from what runs, the tag's revision from the
   * repository, compose file or overlay rendered at it. Changes nothing on the target. Nothing runs: `found` is null. What
   * runs cannot be told (mixed tags, no such git ref, a script target without `tag`): permanent `NotFound` with the reason.
   */
  survey(input: SurveyInput): Promise<Surveyed>
}

export type HookInput = {
  readonly project: string
  readonly environment: string
  readonly fence: Fence
  readonly snapshot: Snapshot
  readonly hook: SnapshotHook
  /** 1, and one more each time a person says that it shall run once more. */
  readonly run: number
}

export type HookRan = {
  /** What it printed last, and how it ended. At most 50 lines. */
  readonly observed: readonly string[]
  readonly log: StoredContent | null
}

export interface HookActivities {
  /**
   * Runs a hook to its end, fenced, and at most once for each (environment, epoch, hook, run): asked again, it follows what was
   * begun, or tells how it ended. `HookFailed` and `OutcomeUnknown` carry `{observed, log}`. Out of time or cancelled, it is
   * ended where it runs. Heartbeats `{line}`.
   */
  runHook(input: HookInput): Promise<HookRan>
}

export type PlanInput = {
  readonly project: string
  readonly environment: string
  readonly snapshot: Snapshot
  /** What was verified there before. */
  readonly previous: Snapshot | null
  /** As when it is applied: a plan of a way back takes fields back, too. */
  readonly takeBack?: true
}

export type PlannedChange = {
  /** `deployment/website`, or `service website` of a compose target. */
  readonly object: string
  /** `replace`: taken away and made anew. `unknown`: the target cannot say beforehand. */
  readonly change: 'create' | 'update' | 'replace' | 'delete' | 'unchanged' | 'unknown'
  /** A unified diff without its file names, secrets left out; null where nothing differs or nothing can be shown. */
  readonly diff: string | null
  /** What a reader has to know besides, in a sentence: why it is replaced or unknown, what stays. */
  readonly note: string | null
}

export type Planned = {
  /** What differs first. At most 200, and 48 KB in all: `left` says how many more there are. Long diffs are cut. */
  readonly changes: readonly PlannedChange[]
  readonly left: number
  /** How many of each there are in all. */
  readonly counts: Readonly<Record<PlannedChange['change'], number>>
  /** False when `changes` leaves out something of `whole`: an object, or the end of a diff. */
  readonly complete: boolean
  /** All of them, as JSON. */
  readonly whole: StoredContent
  /** sha256 over the state of the target that was planned against: another one, and the plan is stale. */
  readonly basis: string
}

export interface PlanActivities {
  /** What applying the snapshot would change, asked of the target; changes nothing there. A script target: permanent `InvalidConfiguration`. */
  plan(input: PlanInput): Promise<Planned>
  /** The same, told in short. `seen`: the whole of a plan that somebody was shown, by its digest, to hold this one against. */
  planBriefly(input: PlanInput & { seen: Digest | null }): Promise<PlanBrief>
}

/** Names are of objects, with what becomes of them, such as `delete configmap/settings`: at most 20. */
export type PlanBrief = Pick<Planned, 'counts' | 'whole' | 'basis'> & {
  /** What is deleted or replaced. */
  readonly removals: Names
  /** Of these, what was not in the plan that was seen; all of them where nothing was seen, or that is not kept any more. */
  readonly unseen: Names
  /** All that the plan that was seen said otherwise; null where nothing was seen, or that is not kept any more. */
  readonly otherwise: Names | null
}

export interface FreezeActivities {
  /** Whether an environment is frozen now: by this worker's estate, clock and time zones. */
  readFreeze(input: { project: string; environment: string }): Promise<FreezeAnswer>
}

export type InspectInput = {
  readonly project: string
  readonly environment: string
  /** What was verified there last. */
  readonly snapshot: Snapshot
  /** The newest deployment's that was begun: a target that holds a later one was deployed to by somebody else. */
  readonly epoch: number
}

export type Inspected = {
  /** At most 50; `left` says how many more there are. */
  readonly drift: readonly Drift[]
  readonly left: number
}

export interface InspectActivities {
  /** Holds what lives on the target against what was applied, for what Slipway owns. Changes nothing. A script target: permanent `InvalidConfiguration`. */
  inspect(input: InspectInput): Promise<Inspected>
}

// ---- evidence: task queue slipway -----------------------------------------------------------------------------------

export type EvidenceInput = {
  readonly project: string
  readonly version: string
  /** True: gathered anew, also where a bundle of the sprint's end is kept. */
  readonly anew: boolean
}

/** A bundle in the store. */
export type Evidence = {
  readonly content: StoredContent
  /** True when it is found under the version's name from now on: the sprint is over. */
  readonly kept: boolean
  /** The fingerprint of the key that signed it; null: it is not signed, or was kept before. */
  readonly signer: string | null
  /** What belongs in it and could not be had; at most 20. */
  readonly missing: readonly string[]
}

/** A page of anything in the store: `gzip` is the gzipped bytes from the offset on, in base64, at most 60 KiB of it. */
export type ContentPage = { readonly gzip: string; readonly totalBytes: number; readonly nextOffset: number | null }

export interface EvidenceActivities {
  /**
   * Gathers what is known of a version into a bundle and stores it. Of a version that Temporal has forgotten: what was kept at
   * its end, else permanent `NotFound`. Heartbeats `{line}`.
   */
  exportEvidence(input: EvidenceInput): Promise<Evidence>
  readContent(input: { digest: Digest; offset: number }): Promise<ContentPage>
}

// ---- people: task queue slipway -----------------------------------------------------------------------------------

export type IdentifyInput = {
  readonly project: string
  readonly signed: Signed
  /** Whom the statement claims to be from: a name, or an address. */
  readonly who: string
}

export type Identified =
  | {
      readonly ok: true
      /** The person's name in the estate; else the principal in the signers' file. */
      readonly name: string
      /** The key's fingerprint, `SHA256:…`. */
      readonly key: string
      /** sha256 of what was kept: statement and signature, as JSON. */
      readonly statement: Digest
    }
  /** Why nobody can be held to it, in a sentence. */
  | { readonly ok: false; readonly reason: string }

export interface IdentityActivities {
  /**
   * Whose word this is, by the signers of the estate. That it is not whom it claims is an answer; a signers' file or a
   * program that is not there: permanent `InvalidConfiguration`.
   */
  identify(input: IdentifyInput): Promise<Identified>
}

// ---- the house: on whichever queue owns the part --------------------------------------------------------------------

export type Finding = {
  /** What was checked, such as `registry 127.0.0.1:5000`. */
  readonly part: string
  readonly ok: boolean
  /** What was found, in a sentence. */
  readonly detail: string
  /** What to do, where something is to be done. */
  readonly fix: string | null
}

export type LogPage = { readonly text: string; readonly totalBytes: number; readonly nextOffset: number | null }

export type Cleaned = { readonly what: string; readonly removed: number; readonly bytes: number }

export interface HouseActivities {
  /** Starts the project's environment workflows where they do not run, and keeps the schedules by which they look for drift. */
  ensureEnvironments(input: { project: string }): Promise<void>
  /** git and the remote, from where the remote is read. */
  checkRepository(input: { project: string }): Promise<Finding[]>
  /** Engine and registry, from where images are built. */
  checkBuild(input: { project: string }): Promise<Finding[]>
  /** The target, from where the environment is deployed. */
  checkEnvironment(input: { project: string; environment: string }): Promise<Finding[]>
  /** A page of a stored log; at most 48 KiB, cut where a character ends. */
  readLog(input: { digest: Digest; offset: number }): Promise<LogPage>
  /** Worktrees and listings that nothing needs. */
  cleanRepository(input: { project: string }): Promise<Cleaned[]>
  /** Images on the builder's engine that nothing needs. */
  cleanBuild(input: { project: string }): Promise<Cleaned[]>
}

// ---- announcer: task queue slipway ----------------------------------------------------------------------------------

export type AnnounceActivities = {
  /** Who of the estate wants to hear what: its notifications, and the forge. */
  listAddressees(input: { project: string }): Promise<{ addressees: readonly Addressee[] }>
  /**
   * Tells one of them one event; told before, it is told again under the same id, or found to be there already.
   *
   * @throws permanent `InvalidConfiguration`, `NotFound`, `Conflict` or `Refused` when trying again does not help
   */
  announce(input: { project: string; to: string; event: Announcement }): Promise<void>
}

export type Activities = AnnounceActivities &
  GitActivities &
  MergeActivities &
  NotesActivities &
  ImageActivities &
  DeployActivities &
  HookActivities &
  PlanActivities &
  FreezeActivities &
  InspectActivities &
  EvidenceActivities &
  IdentityActivities &
  HouseActivities
