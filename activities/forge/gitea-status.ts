import { z } from 'zod'
import { shaped, type AskForge } from './ask.ts'
import type { CommitStatus } from './forge.ts'
import { checkedStatus } from './texts.ts'

const STATES = { pending: 'pending', running: 'pending', success: 'success', failed: 'failure', dropped: 'warning' } as const

/** The newest of each context. */
const combined = z.object({ statuses: z.array(z.object({ status: z.string(), context: z.string(), description: z.string() })).nullish() })

/** Gitea keeps every status of a commit and shows the newest of each context: told twice, it is made once. */
export async function showGiteaStatus(
  { ask, name, repository }: { readonly ask: AskForge; readonly name: string; readonly repository: string },
  wanted: CommitStatus,
  signal: AbortSignal,
): Promise<void> {
  const { revision, context, state, description } = checkedStatus(wanted)
  const listing = `read the status of ${revision.slice(0, 8)}`
  const { json } = await ask({
    method: 'GET',
    path: `repos/${repository}/commits/${revision}/status`,
    query: { limit: '50' },
    what: listing,
    signal,
  })
  const newest = shaped(combined, json, name, listing).statuses?.find((each) => each.context === context)
  if (newest?.status === STATES[state] && newest.description === description) return
  const body = { state: STATES[state], context, description }
  await ask({
    method: 'POST',
    path: `repos/${repository}/statuses/${revision}`,
    body,
    what: `set the status of ${revision.slice(0, 8)}`,
    signal,
  })
}
