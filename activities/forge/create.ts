import type { ForgeEstate } from '../../config/estate-schema.ts'
import { resolveSecret } from '../../config/secrets.ts'
import { projectEstate } from '../estate.ts'
import type { ActivityDeps } from '../context.ts'
import { permanent } from '../failure.ts'
import type { Forge } from './forge.ts'
import { createGitea } from './gitea.ts'
import { createGitlab } from './gitlab.ts'

export type ForgeDeps = ActivityDeps & { readonly readFile: (path: string) => Promise<string> }

/**
 * The forge of a project, its token looked up anew each time, for tokens are replaced; null where it has none.
 *
 * @throws permanent `InvalidConfiguration` when the token is not where the estate says, or cannot be one
 */
export async function forgeOf(deps: ForgeDeps, project: string): Promise<Forge | null> {
  const { forge } = projectEstate(deps.estate, project)
  if (forge === undefined) return null
  const token = await tokenOf(forge, deps)
  return 'gitea' in forge ? createGitea(forge.gitea, token) : createGitlab(forge.gitlab, token)
}

async function tokenOf(forge: ForgeEstate, { environment, readFile }: ForgeDeps): Promise<string> {
  const { token: reference } = 'gitea' in forge ? forge.gitea : forge.gitlab
  const secret = await resolveSecret(reference, { env: environment, readFile })
  if (!secret.ok) throw permanent('InvalidConfiguration', `The token of the forge: ${secret.problem}.`)
  // What is no token would break the header that carries it, and an error would then repeat it.
  if (/^[\x21-\x7e]{1,1000}$/.test(secret.value)) return secret.value
  const where = 'env' in reference ? `the environment variable ${reference.env}` : `the file ${reference.file}`
  throw permanent('InvalidConfiguration', `The token of the forge: expected one line without blanks in ${where}, found something else.`)
}
