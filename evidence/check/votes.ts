import { quoted } from '../../domain/parsed.ts'
import type { CheckedApproval, CheckedEnvironment } from '../format.ts'
import type { Found } from './bundle.ts'
import type { SignedWord } from './statements.ts'

type Vote = Pick<CheckedApproval, 'by' | 'at'>
type Policy = NonNullable<CheckedApproval['policy']>

/** Where the record tells no policy, an earlier version recorded it: one approval. */
const ONE_APPROVER: Policy = { count: 1, required: [], verified: false }

/** As many people as the policy asks for approved it, each by a word of their own, and those without whom it does not count. */
export function checkVotes(what: string, approval: CheckedApproval, { settings }: CheckedEnvironment, words: readonly SignedWord[]): Found {
  const votes: readonly Vote[] = [...(approval.earlier ?? []), approval]
  const now = settings?.approval ?? ONE_APPROVER
  const { policy = now } = approval
  const problems = [...sameTwice(votes, words), ...missing(votes, policy)]
  const unverified = votes.filter(({ by }) => by.kind !== 'person' || by.verified !== true).map(({ by }) => quoted(by.name))
  const unsigned = unverified.map((name) => `the approval by ${name} is not verified`)
  const strangers = votes.filter(({ by }) => (settings?.approvers.length ?? 0) > 0 && settings?.approvers.includes(by.name) !== true)
  const notes = [
    ...(policy.verified ? [] : unsigned.map((text) => `${text}: the name is what the caller said`)),
    // Who may approve, and how many have to, may be otherwise by the time of the bundle.
    ...(missing(votes, now).length === 0
      ? []
      : [`it was approved when fewer had to: ${told(policy)}; the record's settings ask for ${told(now)}`]),
    ...strangers.map(({ by }) => `${quoted(by.name)} is not among those who may approve, by the record's settings`),
  ]
  const wrong = [...problems, ...(policy.verified ? unsigned.map((text) => `${text}, and approvals have to be signed there`) : [])]
  return { problems: wrong.map((text) => `${what}: ${text}`), notes: notes.map((text) => `${what}: ${text}`) }
}

function missing(votes: readonly Vote[], { count, required }: Policy): string[] {
  const given = new Set(votes.map(({ by }) => by.name))
  const without = required.filter((name) => !given.has(name))
  return [
    ...(given.size < count ? [`${given.size} of the ${count} people who have to approve it did`] : []),
    ...without.map((name) => `${quoted(name)} has to approve it, and did not`),
  ]
}

/** One person has one name, one key at a time, and one line among the allowed signers. */
function sameTwice(votes: readonly Vote[], words: readonly SignedWord[]): string[] {
  const principals = votes.map(({ by }) => words.find(({ digest }) => digest === by.statement)?.principal)
  const isTwice = (told: readonly (string | null | undefined)[]) => {
    // A pattern among the allowed signers is many people's.
    const known = told.filter((each) => each !== null && each !== undefined && !/[*?]/.test(each))
    return new Set(known).size < known.length
  }
  return isTwice(votes.map(({ by }) => by.name)) || isTwice(votes.map(({ by }) => by.key)) || isTwice(principals)
    ? ['one person approved it twice']
    : []
}

function told({ count, required }: Policy): string {
  return required.length === 0 ? `${count}` : `${count}, among them ${required.map(quoted).join(', ')}`
}
