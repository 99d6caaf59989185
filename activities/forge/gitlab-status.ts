import { ApplicationFailure } from '@temporalio/common'
import { z } from 'zod'
import { shaped, type AskForge } from './ask.ts'
import type { CommitStatus } from './forge.ts'
import { checkedStatus } from './texts.ts'

const STATES = { pending: 'pending', running: 'running', success: 'success', failed: 'failed', dropped: 'canceled' } as const

type Asked = { readonly ask: AskForge; readonly name: string; readonly project: string }

/** GitLab's commit status, and its deployments: what runs where is on its page of environments. */
export async function showGitlabStatus(asked: Asked, wanted: CommitStatus, signal: AbortSignal): Promise<void> {
  const status = checkedStatus(wanted)
  await setStatus(asked, status, signal)
  if (status.deployment !== null && (status.state === 'success' || status.state === 'failed')) await recordDeployment(asked, status, signal)
}

async function setStatus(
  { ask, project }: Asked,
  { revision, context, state, description }: CommitStatus,
  signal: AbortSignal,
): Promise<void> {
  const path = `projects/${encodeURIComponent(project)}/statuses/${revision}`
  const body = { state: STATES[state], name: context, description }
  try {
    await ask({ method: 'POST', path, body, what: `set the status of ${revision.slice(0, 8)}`, signal })
  } catch (error) {
    // It refuses to set what is set already.
    if (!(error instanceof ApplicationFailure && error.type === 'Conflict' && /cannot transition status/i.test(error.message))) throw error
  }
}

const deployments = z.array(z.object({ sha: z.string(), status: z.string(), created_at: z.string() }))

/** One that was recorded since it happened is this one, of an attempt whose answer was lost. */
async function recordDeployment(
  { ask, name, project }: Asked,
  { revision, state, deployment }: CommitStatus,
  signal: AbortSignal,
): Promise<void> {
  if (deployment === null) return
  const { environment, tag, at } = deployment
  const path = `projects/${encodeURIComponent(project)}/deployments`
  const what = `list the deployments to ${environment}`
  const { json } = await ask({ method: 'GET', path, query: { environment, order_by: 'id', sort: 'desc', per_page: '20' }, what, signal })
  const isThis = (each: z.output<typeof deployments>[number]) =>
    each.sha === revision && each.status === STATES[state] && Date.parse(each.created_at) >= at - CLOCKS_MS
  if (shaped(deployments, json, name, what).some(isThis)) return
  const isTag = /^v\d/.test(tag)
  // An image of a branch is named after it and its revision.
  const ref = isTag ? tag : tag.replace(/\.[0-9a-f]{8}$/, '')
  const body = { environment, sha: revision, ref, tag: isTag, status: STATES[state] }
  await ask({ method: 'POST', path, body, what: `record the deployment to ${environment}`, signal })
}

/** Two machines do not agree on the time to the second. */
const CLOCKS_MS = 5_000
