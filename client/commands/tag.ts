import type { RepositoryState } from '../../domain/repository/state.ts'
import type { SprintView } from '../../workflows/messages.ts'
import { actorOf } from '../actor.ts'
import { tellAnswer } from '../answer.ts'
import { chooseSprint } from '../choose-sprint.ts'
import type { Context } from '../context.ts'
import { notFound, type ExitCode } from '../exit.ts'

export async function tag(
  context: Context,
  input: { readonly version: string | undefined; readonly revision?: string },
): Promise<ExitCode> {
  const [slipway, by] = await Promise.all([context.open(), actorOf(context)])
  const repository = await slipway.repository()
  const version = input.version ?? chooseSprint(slipway.project, repository.sprints, ['stabilising'])
  const revision = input.revision === undefined ? null : fullRevision(input.revision, repository, await slipway.sprint(version))
  return tellAnswer(context.io, await slipway.command(version, { kind: 'tag', revision }, by))
}

/** A shortened commit is made full from what Slipway has seen; one that it has not seen cannot be signed off anyway. */
export function fullRevision(sha: string, repository: RepositoryState, sprint: SprintView | null): string {
  if (sha.length === 40 || sha.length === 64) return sha
  const known = new Set([
    ...repository.refs.map((ref) => ref.revision),
    ...repository.builds.map((build) => build.revision),
    ...(sprint?.state.signedOff ?? []).map((signOff) => signOff.revision),
  ])
  const found = [...known].filter((revision) => revision.startsWith(sha))
  if (found.length === 1) return found[0]!
  throw notFound(
    `${found.length === 0 ? 'no commit' : `${found.length} commits`} that Slipway has seen begin${found.length === 0 ? 's' : ''} with ${sha}; name it in full`,
  )
}
