import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Context } from '@temporalio/activity'
import type {
  Activities,
  AnnounceActivities,
  DeployInput,
  EvidenceActivities,
  Fence,
  Identified,
  MergeResult,
  PermanentFailure,
  PlanBrief,
  PlanInput,
  Planned,
  PlannedChange,
  Prepared,
  RefChange,
  Relation,
} from '../../activities/contract.ts'
import { permanent, transient } from '../../activities/failure.ts'
import { isOvertaken } from '../../activities/overtaken.ts'
import { otherwise, removals, unseenRemovals } from '../../activities/plan/compare.ts'
import { countsOf } from '../../activities/plan/limit.ts'
import { pageOf } from '../../activities/evidence/page.ts'
import type { Announcement } from '../../domain/announcer/announcement.ts'
import type { Addressee } from '../../domain/announcer/state.ts'
import { canonicalJson } from '../../config/hash.ts'
import { requestHash, snapshotHash } from '../../config/made-of.ts'
import type { Candidate } from '../../domain/candidate.ts'
import type { Drift } from '../../domain/environment/drift.ts'
import type { FreezeAnswer } from '../../domain/environment/freeze.ts'
import type { Rights } from '../../domain/rights.ts'
import { settingsOfEnvironment, type EnvironmentSettings, type ProjectSettings } from '../../domain/settings.ts'
import type { Snapshot } from '../../domain/snapshot.ts'
import { IMPORT_OF_TAGS } from '../../domain/repository/absorb.ts'
import { ARTICLE_BRANCHES, classifyRef, isBuilt } from '../../domain/ref-rules.ts'

export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** A revision for a name, so that tests read well: `rev('A')`. */
export const rev = (name: string) => sha256(name).slice(0, 40)

/**
 * A world in memory that keeps the activities' contract, where failures and time must be steered: a remote with refs and
 * ancestry, a registry, and targets that remember what was put on them.
 */
export class World {
  readonly refs = new Map<string, string>()
  readonly parents = new Map<string, string[]>()
  readonly squashed = new Set<string>()
  readonly listings = new Map<string, Map<string, string>>()
  readonly images = new Map<string, string>()
  readonly names = new Map<string, string>()
  readonly builds: string[] = []
  readonly applied: { environment: string; tag: string; epoch: number; attempt: number }[] = []
  /** What never becomes healthy: an image tag, or one on one environment, `v1.0.0 prod`. */
  readonly unhealthy = new Set<string>()
  /** Revisions whose Dockerfile fails. */
  readonly broken = new Set<string>()
  /** The newest token that a target holds: what comes with an older one is refused. */
  readonly held = new Map<string, Fence>()
  /** What the manifests of an environment are rendered with, besides the candidate. */
  readonly overlays = new Map<string, string>()
  /** How often each activity was begun. */
  readonly calls = new Map<string, number>()
  readonly running = new Map<string, string>()
  /** Every hook that was begun: once for each (environment, epoch, hook, run), however often it is asked for. */
  readonly hooks: { environment: string; epoch: number; hook: string; run: number; ended: boolean }[] = []
  /** How hooks end, by name or by `<name> <run>`; without an entry well. */
  readonly hookEnds = new Map<string, 'fails' | 'hangs' | 'unknown'>()
  /** The hooks of an environment's snapshots, and what they say cannot be taken back. */
  readonly plannedHooks = new Map<string, Pick<Snapshot, 'hooks' | 'irreversible'>>()
  /** The snapshot's hash of what runs on a target: what a plan compares with. */
  readonly made = new Map<string, string>()
  /** The revision of what runs on an environment that somebody else deployed: what a survey tells. */
  readonly found = new Map<string, string>()
  /** What a plan of an environment has to say besides, because of what somebody did there by hand. */
  readonly changedByHand = new Map<string, PlannedChange[]>()
  /** What an environment's freeze says at a moment; without an entry it is open. */
  readonly freezes = new Map<string, (now: number) => FreezeAnswer>()
  /** Every plan that was made, by its digest. */
  readonly plans = new Map<string, readonly PlannedChange[]>()
  /** What differs on an environment from what was applied, until the next deployment. */
  readonly drifts = new Map<string, Drift[]>()
  /** Another one is what the estate says from then on. */
  settings: ProjectSettings
  services = ['website', 'api']
  /** Branches that a release cannot be merged into by itself, and those that take no push. */
  readonly conflicting = new Set<string>()
  readonly protectedBranches = new Set<string>()
  /** Merge requests of the forge by number; null where the project has none. */
  mergeRequests: Map<number, { source: string; target: string; state: 'open' | 'merged' | 'closed'; mergedAs: string | null }> | null = null
  /** The tags whose release pages were asked for. */
  readonly published: string[] = []
  /** The real ones, for who wants them; null: a bundle that says nothing. */
  evidence: EvidenceActivities | null = null
  /** Who wants to hear what; nobody does unless `settings` say so. */
  addressees: Addressee[] = []
  /** Every attempt to tell somebody something that was not stopped before. */
  told: { readonly to: string; readonly event: Announcement }[] = []
  /** Called before an activity does its work; what it throws is the activity's failure. */
  before: (activity: string, input: unknown) => void | Promise<void> = () => undefined

  /** Who has which signature; what the real activity does is tried in test/activities/identity. */
  readonly signers = new Map<string, string>()

  /** Finds out in another way who signed; null: by `signers`. */
  verifier: Activities['identify'] | null = null

  identify(signature: string, who: string): Identified {
    return this.signers.get(signature) === who
      ? {
          ok: true,
          name: who,
          key: `SHA256:${Buffer.from(sha256(who), 'hex').toString('base64').slice(0, 43)}`,
          statement: `sha256:${sha256(signature)}`,
        }
      : { ok: false, reason: 'the key that signed is not among the signers' }
  }

  private holds: Hold[] = []

  /** Stops an activity before it does anything: `reached` resolves when one gets there, `release` lets it and all after it go on. */
  hold(activity: keyof Activities, matches: (input: never) => boolean = () => true) {
    const reached = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    const hold: Hold = {
      matches: (name, input) => name === activity && matches(input),
      wait: () => {
        reached.resolve()
        return released.promise
      },
    }
    this.holds.push(hold)
    const release = () => {
      this.holds = this.holds.filter((other) => other !== hold)
      released.resolve()
    }
    return { reached: reached.promise, release }
  }

  constructor(project: string, environments: EnvironmentSettings[] = ARTICLE_ENVIRONMENTS, rights?: Rights) {
    const known = { environments, ...(rights === undefined ? {} : { rights }) }
    this.settings = { project, branches: ARTICLE_BRANCHES, ...known, sweepSeconds: 3600, hash: sha256(canonicalJson(known)) }
  }

  push(branch: string, name: string, parents: string[] = []): string {
    const revision = rev(name)
    const before = this.refs.get(`refs/heads/${branch}`)
    this.parents.set(revision, [...(before === undefined ? [] : [before]), ...parents.map(rev)])
    this.refs.set(`refs/heads/${branch}`, revision)
    return revision
  }

  contains(revision: string, other: string): boolean {
    return revision === other || (this.parents.get(revision) ?? []).some((parent) => this.contains(parent, other))
  }

  relation(a: string, b: string): Relation {
    if (a === b) return 'same'
    if (this.contains(a, b)) return 'ahead'
    return this.contains(b, a) ? 'behind' : 'diverged'
  }

  activities(): Activities {
    const world = this
    const steered = <K extends keyof Activities>(name: K, activity: Activities[K]) =>
      (async (input: never) => {
        world.calls.set(name, (world.calls.get(name) ?? 0) + 1)
        await alive(world.before(name, input))
        for (const hold of world.holds) if (hold.matches(name, input)) await alive(hold.wait())
        return (activity as (input: never) => unknown)(input)
      }) as unknown as Activities[K]
    const made: Activities = {
      ...gitActivities(world),
      ...mergeActivities(world),
      ...imageActivities(world),
      ...deployActivities(world),
      ...hookActivities(world),
      ...notesActivities(world),
      ...evidenceActivities(world),
      ...houseActivities(),
      identify: async (input) => (world.verifier === null ? world.identify(input.signed.signature, input.who) : world.verifier(input)),
      ...announceActivities(world),
    }
    return Object.fromEntries(
      Object.entries(made).map(([name, activity]) => [name, steered(name as keyof Activities, activity as never)]),
    ) as unknown as Activities
  }
}

type Hold = { readonly matches: (activity: string, input: never) => boolean; readonly wait: () => Promise<void> }

/** Waits as an activity should: it tells that it lives, and stops when it is cancelled. */
async function alive(waiting: void | Promise<void>): Promise<void> {
  const context = Context.current()
  const beat = setInterval(() => context.heartbeat({ line: 'waiting' }), 1000)
  try {
    await Promise.race([waiting, context.cancelled])
  } finally {
    clearInterval(beat)
  }
}

const environmentSettings = (
  name: string,
  from: EnvironmentSettings['from'],
  target: EnvironmentSettings['target'],
): EnvironmentSettings => ({
  name,
  from,
  guarded: from === 'tag',
  approvers: [],
  target,
})

export const ARTICLE_ENVIRONMENTS: EnvironmentSettings[] = [
  environmentSettings('integration', 'develop', 'compose'),
  environmentSettings('alpha', 'release', 'kustomize'),
  environmentSettings('prod', 'tag', 'kustomize'),
]

function gitActivities(world: World) {
  const createRef = (prefix: string) =>
    (async ({ name, revision }) => {
      const ref = `${prefix}${name}`
      const there = world.refs.get(ref)
      if (there !== undefined && there !== revision) throw permanent('Conflict', `${name} is at ${there.slice(0, 8)} already`)
      world.refs.set(ref, revision)
      return { ref, revision, created: there === undefined }
    }) satisfies Activities['createTag']
  return {
    look: (async ({ cursor, settingsHash, features, versions }) => {
      const known = cursor === null ? undefined : world.listings.get(cursor)
      const first = known === undefined
      const now = new Map([...world.refs].filter(([ref]) => isBuilt(classifyRef(ref, world.settings.branches) ?? { kind: 'branch' })))
      const names = new Set([...now.keys(), ...(known?.keys() ?? [])])
      const fresh = [...now.keys()].filter((ref) => ref.startsWith('refs/tags/') && known?.has(ref) === false)
      const aside =
        fresh.length > IMPORT_OF_TAGS ? fresh.filter((ref) => !versions.some((version) => ref.startsWith(`refs/tags/v${version}`))) : []
      const changes = [...names].flatMap((ref): RefChange[] => {
        if (aside.includes(ref)) return []
        const [from, to] = [known?.get(ref) ?? null, now.get(ref) ?? null]
        if (from === to || (first && ref.startsWith('refs/tags/') && !versions.some((version) => ref.startsWith(`refs/tags/v${version}`))))
          return []
        return [{ ref, from, to, rewritten: from !== null && to !== null && !world.contains(to, from) }]
      })
      const next = sha256(JSON.stringify([...now]))
      world.listings.set(next, now)
      const develop = world.refs.get('refs/heads/develop') ?? null
      return {
        cursor: next,
        first,
        changes,
        more: false,
        imported: aside.length,
        unserved: { count: 0, names: [] },
        develop,
        features: features.map((branch) => {
          const revision = world.refs.get(`refs/heads/${branch}`) ?? null
          const merged =
            revision !== null && develop !== null && world.contains(develop, revision)
              ? 'merge'
              : world.squashed.has(branch)
                ? 'squash'
                : null
          return { branch, revision, merged }
        }),
        settings: settingsHash === world.settings.hash ? null : world.settings,
      }
    }) satisfies Activities['look'],
    readRefs: (async ({ refs }) => ({
      refs: refs.map((ref) => ({ ref, revision: world.refs.get(ref) ?? null })),
    })) satisfies Activities['readRefs'],
    createBranch: createRef('refs/heads/'),
    createTag: createRef('refs/tags/'),
    listUnlistedMerges: async () => ({ merges: [] }),
    listCommits: (async ({ to }) => ({
      commits: [{ revision: to, subject: 'a late one', author: 'dora' }],
      total: 1,
    })) satisfies Activities['listCommits'],
    compareRevisions: (async ({ a, b }) => ({
      relation: world.relation(a, b),
      ahead: 0,
      lacks: world.contains(a, b) ? 0 : 1,
    })) satisfies Activities['compareRevisions'],
    readSettings: async () => world.settings,
  }
}

function mergeActivities(world: World) {
  return {
    mergeInto: (async ({ tag, revision, target, mergedAs }): Promise<MergeResult> => {
      const ref = `refs/heads/${target}`
      const tip = world.refs.get(ref)
      if (tip === undefined) return { outcome: 'absent' }
      if (world.contains(tip, revision)) return { outcome: 'contained', how: 'merge', tip }
      if (world.squashed.has(`${tag} ${target}`)) return { outcome: 'contained', how: 'squash', tip }
      if (mergedAs !== null) {
        if (!world.contains(tip, mergedAs)) throw permanent('Conflict', `${target} does not contain ${mergedAs.slice(0, 8)}`)
        return { outcome: 'contained', how: 'person', tip }
      }
      const branch = `merge-back/${tag}-into-${target.replaceAll('/', '-')}`
      if (world.conflicting.has(target)) {
        world.refs.set(`refs/heads/${branch}`, revision)
        return { outcome: 'conflict', tip, files: ['index.html'], branch, steps: [`git merge ${tag}`] }
      }
      const merge = rev(`${tag} into ${target} at ${tip}`)
      world.parents.set(merge, [tip, revision])
      if (world.protectedBranches.has(target)) {
        world.refs.set(`refs/heads/${branch}`, merge)
        return { outcome: 'protected', tip, reason: 'protected branch', branch, steps: [`git push origin ${branch}:${target}`] }
      }
      world.refs.set(ref, merge)
      return { outcome: 'merged', tip: merge }
    }) satisfies Activities['mergeInto'],
    openMergeRequest: (async ({ source, target }) => {
      const requests = world.mergeRequests
      if (requests === null) return null
      const open = [...requests].find(([, request]) => request.source === source && request.target === target && request.state === 'open')
      const number = open?.[0] ?? requests.size + 1
      if (open === undefined) requests.set(number, { source, target, state: 'open', mergedAs: null })
      return { number, url: `https://forge.example/merge-requests/${number}` }
    }) satisfies Activities['openMergeRequest'],
    readMergeRequest: (async ({ number }) => {
      const request = world.mergeRequests?.get(number)
      if (request === undefined) throw permanent('NotFound', `no merge request ${number}`)
      return { state: request.state, mergedAs: request.mergedAs }
    }) satisfies Activities['readMergeRequest'],
  }
}

function imageActivities(world: World) {
  const inputsOf = (service: string, revision: string) => sha256(`${service} ${service === 'api' ? 'same' : revision}`)
  return {
    planBuild: (async ({ revision }) => ({
      revision,
      configHash: sha256('slipway.yaml'),
      services: world.services.map((service) => {
        const inputs = inputsOf(service, revision)
        return { service, repository: `eap/${service}`, inputs, known: world.images.get(inputs) ?? null }
      }),
    })) satisfies Activities['planBuild'],
    buildImage: (async ({ service, revision, inputs }) => {
      if (world.broken.has(revision))
        throw permanent('BuildFailed', 'COPY failed: no such file', {
          log: { digest: `sha256:${sha256('log')}`, bytes: 3 },
          lastLines: ['COPY failed'],
        })
      const digest = `sha256:${sha256(`image ${inputs}`)}`
      world.builds.push(`${service} ${revision.slice(0, 8)}`)
      world.images.set(inputs, digest)
      return { service, repository: `eap/${service}`, digest, inputs, reused: false, log: null, seconds: 0.1 }
    }) satisfies Activities['buildImage'],
    nameImages: (async ({ candidate, tag, move }) => {
      for (const image of candidate.images) {
        const name = `${image.repository}:${tag}`
        const there = world.names.get(name)
        if (there !== undefined && there !== image.digest && !move) throw permanent('Conflict', `${name} names another image`)
        world.names.set(name, image.digest)
      }
      return { named: candidate.images.length }
    }) satisfies Activities['nameImages'],
  }
}

function deployActivities(world: World) {
  return {
    prepare: (async ({ environment, requestId, candidate, tag, replaces }): Promise<Prepared> => {
      const settings = settingsOf(world, environment)
      const snapshot = snapshotOf(world, settings, candidate, tag)
      const lacks = replaces === null || world.contains(candidate.revision, replaces.revision) ? 0 : 1
      const hash = requestHash({ request: requestId, snapshotHash: snapshot.hash, replacesEpoch: replaces?.epoch ?? null })
      return {
        snapshot,
        requestHash: hash,
        relation: replaces === null ? null : world.relation(candidate.revision, replaces.revision),
        lacks,
        settings,
      }
    }) satisfies Activities['prepare'],
    apply: (async ({ environment, snapshot, fence }: DeployInput) => {
      refuseOlder(world, environment, fence)
      world.held.set(environment, fence)
      world.applied.push({ environment, tag: snapshot.tag, epoch: fence.epoch, attempt: fence.attempt })
      world.running.set(environment, snapshot.tag)
      world.made.set(environment, snapshot.hash)
      world.drifts.delete(environment)
      return { changes: [`${environment} configured`], log: null }
    }) satisfies Activities['apply'],
    plan: (async (input): Promise<Planned> => {
      const { changes, ...rest } = planOf(world, input)
      return { changes, left: 0, complete: true, ...rest }
    }) satisfies Activities['plan'],
    planBriefly: (async ({ seen, ...input }): Promise<PlanBrief> => {
      const { changes, ...rest } = planOf(world, input)
      const before = seen === null ? null : (world.plans.get(seen) ?? null)
      return {
        ...rest,
        removals: removals(changes),
        unseen: unseenRemovals(before, changes),
        otherwise: before === null ? null : otherwise(before, changes),
      }
    }) satisfies Activities['planBriefly'],
    readFreeze: (async ({ environment }) => world.freezes.get(environment)?.(Date.now()) ?? OPEN) satisfies Activities['readFreeze'],
    verify: (async ({ environment, snapshot }: DeployInput) => {
      if (world.unhealthy.has(snapshot.tag) || world.unhealthy.has(`${snapshot.tag} ${environment}`))
        throw permanent('RolloutFailed', `${snapshot.tag} does not become healthy`, {
          observed: ['website-1 CrashLoopBackOff: exit code 1'],
        })
      return { observed: ['2 of 2 replicas are ready'] }
    }) satisfies Activities['verify'],
    inspect: (async ({ environment }) => ({ drift: world.drifts.get(environment) ?? [], left: 0 })) satisfies Activities['inspect'],
    survey: (async ({ environment, tag: given }) => {
      const settings = settingsOf(world, environment)
      const epoch = world.held.get(environment)?.epoch ?? 0
      const tag = given ?? world.running.get(environment)
      if (!world.running.has(environment) || tag === undefined) return { found: null, epoch, settings }
      const revision = world.found.get(environment)
      if (revision === undefined) throw permanent('NotFound', `the remote has no git tag ${tag}; pass the tag`)
      const images = world.services.toSorted().map((service) => {
        const digest = `sha256:${sha256(`${service} ${tag}`)}`
        return { service, repository: `eap/${service}`, digest, inputs: sha256(`found ${digest}`), reused: true }
      })
      const snapshot = snapshotOf(world, settings, { revision, images, configHash: sha256('slipway.yaml') }, tag)
      return { found: { tag, snapshot, observed: [`website runs ${tag}`] }, epoch, settings }
    }) satisfies Activities['survey'],
  }
}

const OPEN: FreezeAnswer = { open: true, windows: [], until: null, untilWords: null, rollbacks: 'pass' }

function planOf(world: World, { environment, snapshot }: PlanInput) {
  if (settingsOf(world, environment).target === 'script') throw permanent('InvalidConfiguration', 'not available for a script target')
  const before = world.running.get(environment) ?? null
  const change = before === null ? 'create' : world.made.get(environment) === snapshot.hash ? 'unchanged' : 'update'
  const diff =
    change === 'unchanged' ? null : [`@@ -1,1 +1,1 @@`, ...(before === null ? [] : [`-tag: ${before}`]), `+tag: ${snapshot.tag}`].join('\n')
  const byHand = world.changedByHand.get(environment) ?? []
  const changes: readonly PlannedChange[] = [...byHand, { object: 'deployment/website', change, diff, note: null }]
  const digest = `sha256:${sha256(JSON.stringify(changes))}`
  world.plans.set(digest, changes)
  const held = world.held.get(environment) ?? null
  return {
    changes,
    counts: countsOf(changes),
    whole: { digest, bytes: 1 },
    basis: sha256(canonicalJson({ held, before, byHand })),
  }
}

function hookActivities(world: World) {
  return {
    runHook: (async ({ environment, fence, hook, run }) => {
      refuseOlder(world, environment, fence)
      world.held.set(environment, fence)
      const key = { environment, epoch: fence.epoch, hook: hook.name, run }
      const isSame = (each: (typeof world.hooks)[number]) =>
        Object.entries(key).every(([name, value]) => each[name as keyof typeof key] === value)
      let begun = world.hooks.find(isSame)
      if (begun === undefined) world.hooks.push((begun = { ...key, ended: false }))
      const end = world.hookEnds.get(`${hook.name} ${run}`) ?? world.hookEnds.get(hook.name)
      const ran = { observed: [`${hook.name} printed this`], log: null }
      try {
        if (end === 'hangs') await alive(new Promise(() => {}))
      } finally {
        begun.ended = true
      }
      if (end === 'fails') throw permanent('HookFailed', `The hook ${hook.name} of ${environment} ended with exit code 1`, ran)
      if (end === 'unknown')
        throw permanent('OutcomeUnknown', `The hook ${hook.name} of ${environment} was begun, and nobody knows its end`, ran)
      return ran
    }) satisfies Activities['runHook'],
  }
}

function refuseOlder(world: World, environment: string, fence: Fence): void {
  const held = world.held.get(environment) ?? { epoch: 0, attempt: 0 }
  if (isOvertaken(fence, held)) throw permanent('Fenced', `${environment} holds epoch ${held.epoch}, attempt ${held.attempt}`, { held })
}

function settingsOf(world: World, environment: string): EnvironmentSettings {
  const settings = settingsOfEnvironment(world.settings, environment)
  if (settings === null) throw permanent('InvalidConfiguration', `no environment ${environment}`)
  return settings
}

function snapshotOf(world: World, { name, target }: EnvironmentSettings, candidate: Candidate, tag: string): Snapshot {
  const content = `sha256:${sha256(`${candidate.revision} ${world.overlays.get(name) ?? ''}`)}`
  const more = world.plannedHooks.get(name) ?? {}
  const body = { candidate, tag, target, content, configHash: candidate.configHash, estateHash: world.settings.hash, ...more }
  return { hash: snapshotHash(body), ...body }
}

function notesActivities(world: World) {
  return {
    releaseNotes: (async ({ name }) => ({
      tag: name.startsWith('v') ? name : `v${name}`,
      tagged: true,
      revision: rev('A'),
      previous: null,
      more: false,
      text: 'Features\n\n- a cart (11111111, !2)',
      markdown: '### Features\n\n- a cart (11111111, !2)',
    })) satisfies Activities['releaseNotes'],
    publishRelease: (async ({ tag }) => {
      world.published.push(tag)
      return { url: `https://forge.example/releases/${tag}`, created: true }
    }) satisfies Activities['publishRelease'],
  }
}

function evidenceActivities(world: World) {
  return {
    exportEvidence: (async (input) =>
      world.evidence?.exportEvidence(input) ?? {
        content: { digest: `sha256:${sha256('a bundle')}`, bytes: 8 },
        kept: true,
        signer: null,
        missing: [],
      }) satisfies Activities['exportEvidence'],
    readContent: (async (input) =>
      world.evidence?.readContent(input) ?? pageOf(Buffer.from('a bundle'), input.offset)) satisfies Activities['readContent'],
  }
}

function houseActivities() {
  return {
    ensureEnvironments: async () => undefined,
    checkRepository: async () => [{ part: 'repository', ok: true, detail: 'answers', fix: null }],
    checkBuild: async () => [{ part: 'engine', ok: true, detail: 'answers', fix: null }],
    checkEnvironment: async () => [{ part: 'target', ok: true, detail: 'answers', fix: null }],
    readLog: async () => ({ text: 'a log', totalBytes: 5, nextOffset: null }),
    cleanRepository: async () => [{ what: 'worktrees', removed: 0, bytes: 0 }],
    cleanBuild: async () => [{ what: 'images', removed: 0, bytes: 0 }],
  }
}

/** The same world where somebody wants to hear what happens; who, `addressees` say. */
export function listening(world: World): World {
  const environments = world.settings.environments.map((each) => ({ ...each, announced: true as const }))
  return Object.assign(world, { settings: { ...world.settings, environments, announced: true } })
}

/** Fails the first `times` calls of an activity transiently, then lets it through. */
export function failsTransiently(activity: string, times: number, message = 'the host does not answer'): World['before'] {
  let left = times
  return (name) => {
    if (name === activity && left-- > 0) throw transient(message)
  }
}

/** Fails the first `times` calls of an activity for good. */
export function failsForGood(activity: string, times: number, type: PermanentFailure, message: string): World['before'] {
  let left = times
  return (name) => {
    if (name === activity && left-- > 0) throw permanent(type, message)
  }
}

export async function until<T>(read: () => Promise<T> | T, holds: (value: T) => boolean, timeoutMs = 30_000): Promise<T> {
  const start = Date.now()
  for (;;) {
    const value = await read()
    if (holds(value)) return value
    const elapsedMs = Date.now() - start
    if (elapsedMs > timeoutMs) throw new Error(`not within ${timeoutMs} ms; last seen: ${JSON.stringify(value, null, 1)?.slice(0, 6000)}`)
    // Asked ever less often: every question costs the worker what it should be working with.
    await sleep(Math.min(250, 25 + elapsedMs / 10))
  }
}

function announceActivities(world: World): AnnounceActivities {
  return {
    listAddressees: async () => ({ addressees: world.addressees }),
    announce: async ({ to, event }) => void world.told.push({ to, event }),
  }
}
