import type { Candidate } from '../../domain/candidate.ts'
import { shortDigest, type Digest } from '../../domain/digest.ts'
import type { SprintState } from '../../domain/sprint/state.ts'
import { contentPath } from '../../evidence/check/contents.ts'
import { envelopeOf, IN_TOTO, signedBytes } from '../../evidence/dsse.ts'
import { ATTESTATIONS, ENVIRONMENTS, HISTORIES, SPRINT, STATEMENTS, type EnvironmentEvidence, type Missing } from '../../evidence/format.ts'
import type { Member } from '../../evidence/member.ts'
import type { Say } from '../heartbeat.ts'
import type { ServiceConfig } from '../../config/slipway-schema.ts'
import { projectEstate } from '../estate.ts'
import { projectFileAt } from '../image/project-file.ts'
import type { EvidenceDeps } from './activities.ts'
import { buildFacts, type BuildFacts } from './build-facts.ts'
import { environmentEvidenceOf } from './environment.ts'
import { eventsOf, valuesIn } from './history.ts'
import { provenanceOf } from './provenance.ts'
import type { Run } from './records.ts'
import { referencesIn } from './references.ts'
import { signedAt, verifiedIn } from './said.ts'
import { jsonMember } from './seal.ts'
import type { Signer } from './sign.ts'

type Gathering = {
  readonly deps: EvidenceDeps
  readonly project: string
  readonly sprint: SprintState
  readonly signer: Signer | null
  readonly say: Say
  readonly signal: AbortSignal
}

export type Gathered = { readonly members: readonly Member[]; readonly missing: readonly Missing[] }

/** What is taken up stays below what the registry and a reader take: bytes. */
const MOST_BYTES = 40 * 1024 * 1024
/** So much of it is left to histories, which are by far the largest. */
const MOST_CONTENT_BYTES = 12 * 1024 * 1024

/** Everything that is known of a version, and what belongs to it and could not be had. */
export async function gather(gathering: Gathering): Promise<Gathered> {
  const { sprint } = gathering
  const missing: Missing[] = []
  const environments = await environmentsOf(gathering, missing)
  const histories = await historiesOf(gathering, environments, missing)
  const observed = observedIn(histories)
  const records = environments.map((each) => ({
    ...each,
    deployments: each.deployments.map((deployed) => ({
      ...deployed,
      observed: observed.get(`${each.name}/${deployed.epoch}`) ?? deployed.observed,
    })),
  }))
  const told = histories.filter(({ run }) => run.type !== 'build').flatMap(({ text }) => valuesIn(eventsOf(text)))
  const members = [
    jsonMember(SPRINT, { state: sprint }),
    ...records.map((each) => jsonMember(`${ENVIRONMENTS}${each.name}.json`, each)),
    ...(await storedContents(gathering, records, told, missing)),
    ...(await attestations(gathering, records, histories, missing)),
    ...histories.map(({ run, text }) => ({ path: historyPath(run), bytes: Buffer.from(text) })),
  ]
  return { members, missing }
}

async function environmentsOf({ deps, project, sprint, say }: Gathering, missing: Missing[]): Promise<EnvironmentEvidence[]> {
  const found: EnvironmentEvidence[] = []
  for (const { name } of sprint.settings.environments) {
    say(`the record of ${name}`)
    const state = await deps.records.environment(project, name)
    if (state === null) missing.push({ what: `environment ${name}`, why: 'its workflow does not run' })
    else found.push(environmentEvidenceOf(state, sprint.version))
  }
  return found
}

/** Milliseconds since 1970; `since` is that of its phase. */
function beginOf({ since, entries }: SprintState): number {
  return Math.min(since, ...entries.map(({ at }) => at))
}

type History = { readonly run: Run; readonly text: string }

async function historiesOf(gathering: Gathering, environments: readonly EnvironmentEvidence[], missing: Missing[]): Promise<History[]> {
  const { deps, project, sprint, say, signal } = gathering
  const deployments = environments.flatMap(({ name, deployments }) => deployments.map(({ epoch }) => ({ environment: name, epoch })))
  const candidates = candidatesOf(environments)
  const runs = await deps.records.runs(project, {
    version: sprint.version,
    environments: environments.map(({ name }) => name),
    deployments,
    revisions: [...new Set(candidates.map(({ revision }) => revision))],
    since: beginOf(sprint),
  })
  const histories: History[] = []
  let left = MOST_BYTES - MOST_CONTENT_BYTES
  for (const run of runs) {
    signal.throwIfAborted()
    say(`the history of ${run.workflowId}`)
    // Base64 takes a third more.
    const text = run.historyBytes * 1.4 > left ? null : await deps.records.history(run)
    if (text !== null && Buffer.byteLength(text) <= left) {
      histories.push({ run, text })
      left -= Buffer.byteLength(text)
    } else missing.push({ what: `history of ${run.workflowId}/${run.runId}`, why: 'it is too large for this bundle' })
  }
  return histories
}

/** What each deployment saw of its rollout and its health checks, by environment and epoch. */
function observedIn(histories: readonly History[]): ReadonlyMap<string, readonly string[]> {
  const deployments = histories.filter(({ run }) => run.type === 'deployment')
  return new Map(
    deployments.flatMap(({ run, text }) => {
      const end = eventsOf(text).at(-1)?.['workflowExecutionCompletedEventAttributes']
      const [report] = valuesIn(end) as { observed?: unknown }[]
      const [environment, epoch] = run.workflowId.split('/').slice(-2)
      return Array.isArray(report?.observed) ? [[`${environment}/${epoch}`, report.observed as string[]] as const] : []
    }),
  )
}

async function storedContents(
  { deps, sprint, say, signal }: Gathering,
  environments: readonly EnvironmentEvidence[],
  told: readonly unknown[],
  missing: Missing[],
): Promise<Member[]> {
  const snapshots = environments.flatMap(({ deployments }) => deployments.map(({ snapshot }) => snapshot))
  const rendered = snapshots.flatMap(({ content, hooks = [] }) => [content, ...hooks.map((hook) => hook.content)])
  const { statements } = referencesIn(sprint, ...environments, ...told)
  const { contents } = referencesIn(...environments)
  const verified = verifiedIn(told)
  const since = beginOf(sprint)
  const said = [...verified].flatMap(([digest, kept]) => (signedAt(kept) >= since ? [digest] : []))
  let left = MOST_CONTENT_BYTES
  const stored = (digest: Digest) =>
    deps.store.get(digest, signal).catch((error: unknown) => {
      if (signal.aborted) throw error
      return null
    })
  const take = async (digest: Digest, path: string): Promise<Member[]> => {
    say(`the content ${shortDigest(digest)}`)
    const bytes = (await stored(digest)) ?? verified.get(digest) ?? null
    if (bytes !== null && bytes.length <= left) {
      left -= bytes.length
      return [{ path, bytes }]
    }
    missing.push({ what: digest, why: bytes === null ? 'the store does not give it' : 'it is too large for this bundle' })
    return []
  }
  const members: Member[] = []
  for (const digest of new Set([...statements, ...said]))
    members.push(...(await take(digest, `${STATEMENTS}${digest.slice('sha256:'.length)}.json`)))
  for (const digest of new Set([...rendered, ...contents])) members.push(...(await take(digest, contentPath(digest))))
  return members
}

/** One for each image that was deployed, by its digest. */
async function attestations(
  gathering: Gathering,
  environments: readonly EnvironmentEvidence[],
  histories: readonly History[],
  missing: Missing[],
): Promise<Member[]> {
  const { deps, project, signer, say } = gathering
  const { repository, buildArgs } = projectEstate(deps.estate, project)
  const members = new Map<string, Member>()
  for (const candidate of candidatesOf(environments)) {
    say(`the provenance of ${candidate.revision.slice(0, 8)}`)
    const builds = histories.filter(({ run }) => run.workflowId.endsWith(`/build/${candidate.revision}`))
    const facts = builds.flatMap(({ run, text }) => buildFacts(run, text))
    const services = await servicesAt(gathering, candidate, missing)
    for (const image of candidate.images) {
      const path = `${ATTESTATIONS}${image.service}-${shortDigest(image.digest)}.json`
      const own = image.reused ? null : (facts.findLast(({ service }) => service === image.service) ?? null)
      // The revision that built it says more than one that found it there.
      if (members.has(path) && own === null) continue
      const statement = provenanceOf({
        image,
        candidate,
        registry: deps.estate.file.registry.address,
        repository: repository.url,
        config: services?.[image.service] ?? null,
        estateArgs: buildArgs,
        facts: own satisfies BuildFacts | null,
        slipwayVersion: deps.version,
      })
      members.set(path, jsonMember(path, await signed(Buffer.from(JSON.stringify(statement)), signer)))
    }
  }
  return [...members.values()]
}

async function signed(payload: Buffer, signer: Signer | null) {
  if (signer === null) return envelopeOf(payload, [])
  return envelopeOf(payload, [{ keyid: signer.fingerprint, armored: await signer.sign(signedBytes(IN_TOTO, payload)) }])
}

async function servicesAt(
  { deps, project, signal }: Gathering,
  { revision }: Candidate,
  missing: Missing[],
): Promise<Readonly<Record<string, ServiceConfig>> | null> {
  try {
    const mirror = deps.mirrors(project)
    await mirror.ensure(revision, signal)
    return (await projectFileAt(mirror, project, revision, signal)).value.services
  } catch (error) {
    if (signal.aborted) throw error
    missing.push({ what: `slipway.yaml at ${revision}`, why: error instanceof Error ? error.message : String(error) })
    return null
  }
}

/** What was deployed, each revision once, the one that was built before one that found its images there. */
function candidatesOf(environments: readonly EnvironmentEvidence[]): readonly Candidate[] {
  const all = environments.flatMap(({ deployments }) => deployments.map(({ snapshot }) => snapshot.candidate))
  return [...new Map(all.map((candidate) => [JSON.stringify(candidate), candidate])).values()]
}

/** A workflow's id is a path of plain words. */
function historyPath({ workflowId, runId }: Run): string {
  return `${HISTORIES}${workflowId}/${runId}.json`
}
