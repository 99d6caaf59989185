import { requestHash, snapshotHash } from '../../config/made-of.ts'
import { quoted } from '../../domain/parsed.ts'
import { environmentPlace } from '../../domain/signed.ts'
import type { Snapshot } from '../../domain/snapshot.ts'
import type { CheckedDeployment, CheckedEnvironment, CheckedPerson, Head } from '../format.ts'
import type { Found } from './bundle.ts'
import type { SignedWord } from './statements.ts'

/** An epoch is small; a forged one shall not keep anybody busy. */
const MOST_EPOCHS = 100_000

/** What was deployed is what was approved: by its hash, and by the words that people signed. */
export function checkApprovals(head: Head, environment: CheckedEnvironment, words: readonly SignedWord[]): Found {
  const found = environment.deployments.map((deployment) => checkDeployment(head, environment, deployment, words))
  return { problems: found.flatMap(({ problems }) => problems), notes: found.flatMap(({ notes }) => notes) }
}

function checkDeployment(head: Head, { name }: CheckedEnvironment, deployment: CheckedDeployment, words: readonly SignedWord[]): Found {
  const { snapshot, approval, epoch } = deployment
  const what = `epoch ${epoch} of ${quoted(name)}`
  const { hash, ...made } = snapshot as unknown as Snapshot
  const snapshotFits = snapshotHash(made) === hash
  const problems = snapshotFits ? [] : [`${what}: what its snapshot is made of does not give its hash`]
  if (approval === null) return { problems, notes: [] }
  if (snapshotFits && !isHashOf(approval, deployment))
    problems.push(`${what}: the approval is of another request than the one that was deployed`)
  const notes: string[] = []
  const heard = new Set<string>()
  for (const by of [approval.by, ...(approval.earlier ?? []).map((vote) => vote.by)]) {
    if (by.verified !== true) {
      notes.push(`${what}: the approval by ${quoted(by.name)} is not verified: the name is what the caller said`)
      continue
    }
    const word = words.find(({ digest }) => digest === by.statement)
    if (word === undefined) problems.push(`${what}: the statement of ${quoted(by.name)} is not in the bundle`)
    else if (!speaksOf(word, { head, name, approval, by })) problems.push(`${what}: what ${quoted(by.name)} signed is not this approval`)
    else if (heard.has(word.digest)) problems.push(`${what}: one statement stands for the approvals of two people`)
    else if (word.principal !== null && word.principal !== by.name)
      notes.push(`${what}: ${quoted(by.name)} approved with the key of ${quoted(word.principal)}: are they one person?`)
    if (word !== undefined) heard.add(word.digest)
  }
  return { problems, notes }
}

/** The epoch that it replaced is not told beside it: one of those before it, or none. */
function isHashOf(approval: NonNullable<CheckedDeployment['approval']>, { snapshot, epoch }: CheckedDeployment): boolean {
  const { request, hash } = approval
  const of = (replacesEpoch: number | null) => requestHash({ request, snapshotHash: snapshot.hash, replacesEpoch })
  if (of(null) === hash) return true
  for (let before = Math.min(epoch, MOST_EPOCHS) - 1; before >= 0; before--) if (of(before) === hash) return true
  return false
}

function speaksOf(
  word: SignedWord,
  record: { head: Head; name: string; approval: NonNullable<CheckedDeployment['approval']>; by: CheckedPerson },
): boolean {
  const { head, name, approval, by } = record
  return (
    word.project === head.project &&
    word.place === environmentPlace(name) &&
    word.action === 'approve' &&
    word.message['request'] === approval.request &&
    word.message['hash'] === approval.hash &&
    (by.key === undefined || by.key === word.fingerprint)
  )
}
