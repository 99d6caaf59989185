import type { PlannedChange } from '../../activities/contract.ts'
import type { Answer } from '../../domain/wait.ts'
import type { Dossier } from '../approval/review.ts'
import { iso } from '../view/duration.ts'
import { planSeenJson, type PlanSeenJson } from './environment.ts'

/** `slipway approve --json`; stable, see docs/json.md. Times are ISO 8601 in UTC. */
export type ApprovalJson = {
  readonly environment: string
  readonly request: string
  readonly version: string | null
  readonly tag: string
  readonly revision: string
  /** What is approved. */
  readonly hash: string
  /** What runs there now; null at the first deployment. */
  readonly replaces: { readonly epoch: number; readonly tag: string; readonly revision: string } | null
  /** The digest that each service would run, and the one it runs now; null where it does not, or would not. */
  readonly services: readonly { readonly service: string; readonly digest: string | null; readonly replaces: string | null }[]
  readonly signOffs: readonly {
    readonly environment: string
    readonly verdict: 'pass' | 'fail'
    readonly by: string
    readonly at: string
    readonly message: string | null
  }[]
  /** What it brings since what runs: the newest 20 of so many; null where git cannot be asked. */
  readonly commits: {
    readonly total: number
    readonly newest: readonly { readonly revision: string; readonly subject: string; readonly author: string | null }[]
  } | null
  readonly irreversible: { readonly name: string; readonly reason: string } | null
  /** Until when it is frozen there; null where it is not. */
  readonly frozen: { readonly until: string | null; readonly windows: readonly string[] } | null
  /** What it would change, as the target told it last; null where nothing is planned beforehand. */
  readonly plan: PlanSeenJson | null
  /** Object by object, as in `slipway plan --json`; null where that cannot be read. */
  readonly changes: readonly PlannedChange[] | null
  /** Why the plan is not of now, or cannot be shown whole. */
  readonly problem: string | null
  /** What came of the approval; null where none was said (`--dry-run`). */
  readonly answer: { readonly ok: boolean; readonly text: string; readonly next: readonly string[] } | null
}

export function composeApproval(dossier: Dossier, answer: Answer<{ text: string }> | null): ApprovalJson {
  const { view, waiting, preparation, signOffs, commits, plan, changes, planProblem } = dossier
  const { name, current, freeze } = view.state
  const { snapshot, requestHash } = preparation
  return {
    environment: name,
    request: waiting.request.id,
    version: waiting.request.version,
    tag: snapshot.tag,
    revision: snapshot.candidate.revision,
    hash: requestHash,
    replaces: current === null ? null : { epoch: current.epoch, tag: current.tag, revision: current.snapshot.candidate.revision },
    services: servicesOf(dossier),
    signOffs: signOffs.map(({ at, ...signOff }) => ({ ...signOff, at: iso(at) })),
    commits:
      commits === null
        ? null
        : {
            total: commits.total,
            newest: commits.commits.map(({ revision, subject, author = null }) => ({ revision, subject, author })),
          },
    irreversible: snapshot.irreversible ?? null,
    frozen:
      freeze?.open === false
        ? { until: freeze.until === null ? null : iso(freeze.until), windows: freeze.windows.map((window) => window.name) }
        : null,
    plan: planSeenJson(plan ?? undefined),
    changes: changes?.map(({ object, change, diff, note }) => ({ object, change, diff, note })) ?? null,
    problem: planProblem,
    answer:
      answer === null
        ? null
        : answer.ok
          ? { ok: true, text: answer.text, next: [] }
          : { ok: false, text: answer.reason, next: answer.next },
  }
}

function servicesOf({ view, preparation }: Dossier): ApprovalJson['services'] {
  const before = new Map(view.state.current?.snapshot.candidate.images.map(({ service, digest }) => [service, digest]))
  const after = new Map(preparation.snapshot.candidate.images.map(({ service, digest }) => [service, digest]))
  return [...new Set([...after.keys(), ...before.keys()])].map((service) => ({
    service,
    digest: after.get(service) ?? null,
    replaces: before.get(service) ?? null,
  }))
}
