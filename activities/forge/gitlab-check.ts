import { z } from 'zod'
import { permanent } from '../failure.ts'
import { shaped } from './ask.ts'
import type { Place } from './gitlab.ts'

const access = z.object({ access_level: z.int() }).nullish()
const project = z.object({
  path_with_namespace: z.string(),
  archived: z.boolean().nullish(),
  merge_requests_access_level: z.string().nullish(),
  permissions: z.object({ project_access: access, group_access: access }).nullish(),
})

const DEVELOPER = 30

/** GitLab tells the role with the project, and the scopes to most kinds of token. */
export async function checkGitlab(place: Place, signal: AbortSignal): Promise<string> {
  const what = 'read the project'
  const { projects } = await place.client(what, signal)
  const json: unknown = await projects.show(place.project)
  const facts = shaped(project, json, place.name, what)
  if (facts.path_with_namespace.toLowerCase() !== place.project.toLowerCase())
    throw permanent('Conflict', `${place.name} answered for another project. Set the project of forge in estate.yaml to its name of today.`)
  if (facts.archived) throw permanent('Refused', `${place.name} is archived: no merge request can be opened there.`)
  if (facts.merge_requests_access_level === 'disabled')
    throw permanent('Refused', `${place.name} has merge requests switched off. Switch them on there.`)
  const roles = [facts.permissions?.project_access, facts.permissions?.group_access].flatMap((each) => (each ? [each.access_level] : []))
  if (roles.length > 0 && Math.max(...roles) < DEVELOPER)
    throw permanent('Refused', `The user of the token has a lower role than Developer at ${place.name}. Give it that role.`)
  const scopes = await scopesOf(place, signal)
  if (scopes === null) return 'answers; whether the token has the scope api, it does not tell'
  if (scopes.includes('api')) return 'answers, and the token has the scope api'
  throw permanent(
    'Refused',
    `The token for ${place.name} has the scopes ${scopes.join(', ').slice(0, 200)}, and needs api. Make one with it.`,
  )
}

async function scopesOf(place: Place, signal: AbortSignal): Promise<readonly string[] | null> {
  try {
    const { tokens } = await place.client('read what the token may do', signal)
    const json: unknown = await tokens.show()
    const self = z.object({ scopes: z.array(z.string().regex(/^[a-z_]{1,40}$/)) }).safeParse(json)
    return self.success ? self.data.scopes : null
  } catch {
    signal.throwIfAborted()
    // Not every kind of token may ask that.
    return null
  }
}
