import { isImageTag } from '../../domain/image-reference.ts'
import { quoted } from '../../domain/parsed.ts'
import { branchRef } from '../../domain/ref-rules.ts'
import { shortSha, type Revision } from '../../domain/revision.ts'
import type { DeployActivities, Surveyed, SurveyInput } from '../contract.ts'
import type { AttemptContext, Estate } from '../context.ts'
import { environmentEstate, environmentSettings, projectEstate } from '../estate.ts'
import { permanent } from '../failure.ts'
import { listRemote } from '../git/list-refs.ts'
import type { Mirror } from '../git/mirror.ts'
import { withHeartbeat } from '../heartbeat.ts'
import { PROJECT_FILE, readProjectFile } from '../image/project-file.ts'
import type { DeployDeps } from './activities.ts'
import { findProjectFile, findSource } from './found-file.ts'
import { findImages } from './found-images.ts'
import { tagFound } from './tag-found.ts'
import { revisionOfTag } from './tag-revision.ts'
import { takeSnapshot } from './take-snapshot.ts'
import type { Seen, SeenImage } from './target.ts'

const OBSERVED_LIMIT = 50

/** Makes a snapshot of what runs on a target that somebody else deployed. Changes nothing there. */
export function createSurvey(deps: DeployDeps): DeployActivities['survey'] {
  return async (input) => {
    const { project, environment } = input
    const settings = environmentSettings(deps.estate, project, environment)
    if (input.tag !== null && !isImageTag(input.tag)) {
      throw permanent(
        'NotFound',
        `expected an image tag such as v1.0.0, found ${quoted(input.tag)}; pass the one that runs on ${environment}.`,
      )
    }
    const attempt = deps.attempt()
    return await withHeartbeat(attempt, `looking at what runs on ${environment}`, async (tell) => {
      const registry = deps.estate.file.registry.address
      const seen = await deps.target(project, environment).look({ project, environment, registry }, attempt)
      const found = nothingRuns(seen) ? null : await makeSnapshot(deps, input, seen, attempt, tell)
      return { found, epoch: seen.epoch, settings }
    })
  }
}

function nothingRuns({ images, others }: Seen): boolean {
  return images?.length === 0 && others.length === 0
}

async function makeSnapshot(
  deps: DeployDeps,
  { project, environment, tag: given }: SurveyInput,
  seen: Seen,
  attempt: AttemptContext,
  tell: (line: string) => void,
): Promise<NonNullable<Surveyed['found']>> {
  const { signal } = attempt
  const { branches } = projectEstate(deps.estate, project).repository
  const { target } = environmentEstate(deps.estate, project, environment)
  const mirror = deps.mirrors(project)
  const running = seen.images ?? []
  if (seen.images === null && given === null) throw cannotBeAsked(environment)
  if (seen.images?.length === 0) throw nothingOfOurs(environment, deps.estate.file.registry.address, seen.others)
  tell(`listing the refs of ${project}`)
  const listing = await listRemote(mirror, signal)
  const develop = listing.get(branchRef(branches.develop))?.commit ?? null
  const tag = tagFound(await ofProject(running, { estate: deps.estate, mirror, project, develop, signal }), given, environment)
  if (!tag.ok) throw permanent('NotFound', tag.problem)
  tell(`looking for the revision of ${tag.value}`)
  const revision = await revisionOfTag(tag.value, { mirror, listing, names: branches, signal })

  const places = { estate: deps.estate, mirror, project, revision, develop, signal }
  const { file, at: fileAt, lines: fileLines } = await findProjectFile(places)
  const source = await findSource(target, file.value.environments[environment] ?? {}, places)
  const { images, lines } = await findImages({
    services: file.value.services,
    seen: running,
    tag: tag.value,
    registry: deps.registry,
    signal,
  })
  if (images.length === 0) {
    throw permanent('NotFound', `nothing of ${project} can be gone back to on ${environment} under ${tag.value}: ${lines.join('; ')}.`)
  }
  tell(`rendering ${tag.value} for ${environment}`)
  const candidate = { revision, images, configHash: file.hash }
  const { snapshot, content } = await takeSnapshot(
    deps,
    { project, environment, candidate, tag: tag.value, file, fileAt, renderAt: source.at },
    attempt,
  )
  const strangers = running
    .filter(({ repository }) => !images.some((each) => each.repository === repository))
    .map((each) => `${each.where} runs ${each.repository}:${each.tag}, which is no service's of slipway.yaml`)
  const observed = [
    `${tag.value} is ${shortSha(revision)}`,
    ...lines,
    ...fileLines,
    ...source.lines,
    ...seen.compare(content),
    ...new Set(strangers),
    ...seen.others,
  ]
  return { tag: tag.value, snapshot, observed: observed.slice(0, OBSERVED_LIMIT) }
}

/**
 * What runs of this project: images of its services, as develop has them now. Others may come from the same registry; where
 * develop does not know Slipway yet, all that do are taken for the project's.
 */
async function ofProject(
  images: readonly SeenImage[],
  from: { estate: Estate; mirror: Mirror; project: string; develop: Revision | null; signal: AbortSignal },
): Promise<readonly SeenImage[]> {
  const { mirror, develop, signal } = from
  if (develop === null || (await mirror.objectId(develop, PROJECT_FILE, signal)) === null) return images
  const { value } = await readProjectFile(from, develop, signal)
  const repositories = Object.values(value.services).map(({ image }) => image)
  const ours = images.filter(({ repository }) => repositories.includes(repository))
  return ours.length > 0 ? ours : images
}

function cannotBeAsked(environment: string): Error {
  return permanent(
    'NotFound',
    `expected the image tag that runs on ${environment} to be passed: its target is a placed script, which cannot be asked.`,
  )
}

function nothingOfOurs(environment: string, registry: string, others: readonly string[]): Error {
  return permanent(
    'NotFound',
    `expected images of ${registry} to run on ${environment}, found ${others.slice(0, 10).join('; ')}. Start what is to be taken over, or correct the registry or the target in the estate.`,
  )
}
