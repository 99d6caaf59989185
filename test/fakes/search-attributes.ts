import type { WorkflowHandle } from '@temporalio/client'

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>

const REVISION = /^[0-9a-f]{40}$/

/** What a workflow of this id has to be found by; by what else it may be found, nobody says. */
const WANTED: readonly (readonly [RegExp, (...parts: string[]) => Readonly<Record<string, string | RegExp>>])[] = [
  [/^slipway\/([^/]+)\/(?:repository|announcer)$/, (project) => ({ SlipwayProject: project })],
  [
    /^slipway\/([^/]+)\/sprint\/([^/]+)$/,
    (project, version) => ({ SlipwayProject: project, SlipwayVersion: version, SlipwayPhase: /^[a-z]+[A-Za-z]+$/ }),
  ],
  [/^slipway\/([^/]+)\/build\/([^/]+)$/, (project, sha) => ({ SlipwayProject: project, SlipwayRevision: sha })],
  [/^slipway\/([^/]+)\/env\/([^/]+)$/, (project, name) => ({ SlipwayProject: project, SlipwayEnvironment: name })],
  [
    /^slipway\/([^/]+)\/env\/([^/]+)\/\d+$/,
    (project, name) => ({
      SlipwayProject: project,
      SlipwayEnvironment: name,
      SlipwayRevision: REVISION,
      SlipwayCandidate: /^[0-9a-f]{12}$/,
    }),
  ],
  [/^slipway\/([^/]+)\/merge-back\/v(\d+\.\d+\.\d+)[^/]*$/, (project, version) => ({ SlipwayProject: project, SlipwayVersion: version })],
]

/** Fails for a workflow that an auditor would not find by its project, version, environment, revision or candidate. */
export function assertSearchAttributes(workflowId: string, history: History): void {
  const found = searchAttributesOf(history)
  for (const [pattern, wanted] of WANTED) {
    const parts = pattern.exec(workflowId)
    if (parts === null) continue
    for (const [name, value] of Object.entries(wanted(...parts.slice(1)))) {
      const is = found[name]
      if (typeof is === 'string' && (typeof value === 'string' ? is === value : value.test(is))) continue
      throw new Error(`${workflowId} is not found by ${name} ${String(value)}: it has ${JSON.stringify(found)}`)
    }
  }
}

/** As they are at the end: those of the start, and what was said anew since. */
function searchAttributesOf(history: History): Readonly<Record<string, unknown>> {
  const found: Record<string, unknown> = {}
  for (const event of history.events ?? []) {
    const { searchAttributes } = event.workflowExecutionStartedEventAttributes ?? event.upsertWorkflowSearchAttributesEventAttributes ?? {}
    for (const [name, { data }] of Object.entries(searchAttributes?.indexedFields ?? {}))
      if (data !== null && data !== undefined) found[name] = JSON.parse(Buffer.from(data).toString('utf8'))
  }
  return found
}
