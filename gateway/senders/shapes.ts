import { z } from 'zod'

/** So little is asked of a body because nothing of it is believed: it has to be what this event is, no more. */
const ref = z.string().min(1).max(1000)

const withRef = z.object({ ref })
const withPullRequest = z.object({ pull_request: z.object({ number: z.int().positive() }) })
const withMergeRequest = z.object({ object_attributes: z.object({ iid: z.int().positive() }) })
export const anyObject = z.record(z.string(), z.unknown())

/** The events of GitHub, and of Gitea and Forgejo, which took them over. */
export const GITHUB_EVENTS: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ['push', withRef],
  ['create', withRef],
  ['delete', withRef],
  ['pull_request', withPullRequest],
])

export const GITLAB_EVENTS: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ['Push Hook', withRef],
  ['Tag Push Hook', withRef],
  ['Merge Request Hook', withMergeRequest],
])
