import type { Actor } from '../domain/actor.ts'
import { authorise } from '../domain/authorise.ts'
import type { Rights } from '../domain/rights.ts'
import { sprintPlace } from '../domain/signed.ts'
import { fields, readActor, readCommand } from './doors.ts'
import { openHearing, unanswered } from './hear.ts'
import type { MergeBackInput } from './merge-back.ts'
import type { MergedAs } from './readers/merge-back.ts'

type Heard = {
  readonly nonces: () => readonly string[] | undefined
  readonly remember: (nonces: readonly string[]) => void
  readonly take: (said: MergedAs) => void
  readonly deny: (by: Actor, reason: string) => void
}

/**
 * How a merge-back hears that a branch has the release. Where words have to be signed, the sprint's Signal is not believed,
 * for anybody can send it who reaches Temporal: the word comes along as it was signed, and is judged here by the same rules.
 */
export function openMergeBackWords({ project, version, startedAt, heard }: MergeBackInput, { nonces, remember, take, deny }: Heard) {
  if (heard === undefined) return (wish: MergedAs) => take({ ...wish, by: readActor(wish.by) })
  let rights: Rights | null = heard
  const hear = openHearing({
    project,
    place: sprintPlace(version),
    since: () => startedAt,
    nonces,
    remember,
    // What is not signed may be enough by now.
    knows: () => false,
    learn: (settings) => void (rights = settings.rights ?? null),
    deny: (_action, by, { reason }) => deny(by, reason),
  })
  return (wish: MergedAs) =>
    unanswered(
      hear('finish', wish, (said, by, signed) => {
        const refusal = authorise('finish', by, { where: `the sprint ${version}`, rights, approvers: [], guarded: true })
        if (refusal !== null) deny(by, refusal.reason)
        else if (signed !== undefined && !says(said, wish)) deny(by, 'what was signed is not what was sent')
        else take({ ...wish, by })
      }),
    )
}

/** Of a signed word counts what was signed. It names no branch where only one waited. */
function says(said: unknown, { target, revision }: MergedAs): boolean {
  const command = readCommand(fields(said)['command'])
  if (!command.ok || command.value.kind !== 'finish' || command.value.mergedAs !== revision) return false
  return command.value.target === null || command.value.target === target
}
