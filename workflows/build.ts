import { proxyActivities, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow'
import type { BuildPlan, BuiltImage, ImageActivities, PlannedService } from '../activities/contract.ts'
import { announcement, type Announcement, type AnnouncementKind } from '../domain/announcer/announcement.ts'
import type { Candidate } from '../domain/candidate.ts'
import { shortSha } from '../domain/revision.ts'
import { announcerId, repositoryId } from './ids.ts'
import { announceSignal, buildQuery, buildReportSignal, unwantedSignal, type BuildReport, type BuildView } from './messages.ts'
import { persist, type Permanent } from './persist.ts'
import { BUILD, PLAN } from './policies.ts'
import { openPost } from './post.ts'
import { BUILD_QUEUE } from './queues.ts'
import { reportBack } from './report-back.ts'

export type BuildInput = {
  readonly project: string
  readonly revision: string
  /** Set where somebody wants to hear of it. */
  readonly announced?: true
}

type ServiceView = BuildView['services'][number]

/** One revision's digests: all services in parallel, each pushed. What the registry has is not built again. */
export async function build(input: BuildInput): Promise<BuildReport> {
  const { planBuild } = proxyActivities<ImageActivities>({ ...PLAN, taskQueue: BUILD_QUEUE })
  const post = openPost()
  let services: ServiceView[] = []
  let wanted = true
  const isWanted = () => wanted
  const show = (service: string, change: Partial<ServiceView>) => {
    services = services.map((view) => (view.service === service ? { ...view, ...change } : view))
    setCurrentDetails(details(services))
  }
  setHandler(unwantedSignal, () => {
    wanted = false
  })
  setHandler(buildQuery, () => ({ revision: input.revision, services }))

  const tell = (kind: AnnouncementKind, text: string) => {
    if (input.announced === true) post.send(announcerId(input.project), announceSignal, [announced(input, kind, text)])
  }
  const report = (said: BuildReport, dropped = false) => {
    if (said.ok) tell('built', `${shortSha(input.revision)} is built`)
    else tell(dropped ? 'buildDropped' : 'buildFailed', `the build of ${shortSha(input.revision)} failed: ${said.reason}`)
    return reportBack(repositoryId(input.project), buildReportSignal, said)
  }
  tell('building', `${shortSha(input.revision)} is being built`)

  const planned = await persist(
    () =>
      planBuild.executeWithOptions({ summary: `what ${shortSha(input.revision)} is made of, and which images exist` }, [
        { project: input.project, revision: input.revision },
      ]),
    {
      onRetry: (retry) => {
        services = retry === null ? [] : [{ service: 'plan', status: 'waiting', seconds: null, log: null, retry }]
      },
      wanted: isWanted,
    },
  )
  if (!planned.ok) return report(failed(input, planned.failure), planned.failure === null)

  const plan = planned.value
  services = plan.services.map((service) => ({
    service: service.service,
    status: service.known === null ? 'building' : 'reused',
    seconds: null,
    log: null,
    retry: null,
  }))
  setCurrentDetails(details(services))
  const images = await Promise.all(plan.services.map((service) => image(input, service, show, isWanted)))
  const broken = images.find((result) => !result.ok)
  if (broken !== undefined && !broken.ok) return report(failed(input, broken.failure), broken.failure === null)
  return report({
    revision: input.revision,
    ok: true,
    candidate: candidateOf(
      plan,
      images.flatMap((result) => (result.ok ? [result.value] : [])),
    ),
  })
}

type Built = Pick<BuiltImage, 'service' | 'repository' | 'digest' | 'inputs' | 'reused'>

async function image(
  input: BuildInput,
  planned: PlannedService,
  show: (service: string, change: Partial<ServiceView>) => void,
  isWanted: () => boolean,
) {
  const { service, repository, inputs, known } = planned
  if (known !== null) return { ok: true, value: { service, repository, inputs, digest: known, reused: true } satisfies Built } as const
  const { buildImage } = proxyActivities<ImageActivities>({ ...BUILD, taskQueue: BUILD_QUEUE })
  const built = await persist(
    () =>
      buildImage.executeWithOptions({ summary: `build and push ${service} at ${shortSha(input.revision)}` }, [
        { project: input.project, revision: input.revision, service, inputs },
      ]),
    { onRetry: (retry) => show(service, { retry }), wanted: isWanted },
  )
  if (built.ok) {
    const { digest, reused, seconds, log } = built.value
    show(service, { status: reused ? 'reused' : 'built', seconds, log: log?.digest ?? null })
    return { ok: true, value: { service, repository, inputs, digest, reused } satisfies Built } as const
  }
  show(service, { status: 'failed', log: logOf(built.failure) })
  return { ok: false, failure: built.failure } as const
}

function candidateOf(plan: BuildPlan, images: readonly Built[]): Candidate {
  const sorted = images.toSorted((a, b) => (a.service < b.service ? -1 : 1))
  return { revision: plan.revision, images: sorted, configHash: plan.configHash }
}

/** Built anew after a failure, it is told anew. */
function announced({ project, revision }: BuildInput, kind: AnnouncementKind, text: string): Announcement {
  const { firstExecutionRunId } = workflowInfo()
  const id = [project, 'build', shortSha(revision), kind.toLowerCase(), firstExecutionRunId.slice(0, 8)].join('/')
  return announcement({ id, kind, project, environment: null, revision, tag: null, version: null, epoch: null, at: Date.now(), text })
}

function failed(input: BuildInput, failure: Permanent | null): BuildReport {
  return { revision: input.revision, ok: false, reason: failure?.reason ?? 'nobody waits for it any more', log: logOf(failure) }
}

function logOf(failure: Permanent | null): string | null {
  const details = failure?.details as { log?: { digest?: string } | null } | null | undefined
  return details?.log?.digest ?? null
}

function details(services: readonly ServiceView[]): string {
  return services
    .map((view) => `- ${view.service}: ${view.status}${view.seconds === null ? '' : ` in ${view.seconds.toFixed(1)} s`}`)
    .join('\n')
}
