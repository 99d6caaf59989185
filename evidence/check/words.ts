import { quoted } from '../../domain/parsed.ts'
import { readStatement } from '../../domain/statement.ts'
import { both, type Found } from './bundle.ts'
import type { Claim } from './claims.ts'
import type { SignedWord } from './statements.ts'

/** What records say that people signed, they signed: for each of it there is a statement, and one for that alone. */
export function checkWords(project: string, claims: readonly Claim[], words: readonly SignedWord[]): Found {
  const byDigest = new Map(words.map((word) => [word.digest, word]))
  return both(...claims.map((claim) => checkClaim(project, claim, byDigest)), checkOnce(claims))
}

function checkClaim(project: string, claim: Claim, words: ReadonlyMap<string, SignedWord>): Found {
  const { by, what } = claim
  const word = by.statement === null ? undefined : words.get(by.statement)
  if (word === undefined) return { problems: [`the statement of ${quoted(by.name)} for ${what} is not in the bundle`], notes: [] }
  const why = whyNot(project, claim, word)
  if (why !== null) return { problems: [`what ${quoted(by.name)} signed is not ${what}: ${why}`], notes: [] }
  const isOther = word.principal !== null && word.principal !== by.name
  const other = `${what} is by ${quoted(by.name)}, with the key of ${quoted(word.principal ?? '')}: are they one person?`
  return { problems: [], notes: isOther ? [other] : [] }
}

/** The worker's own reading, as of when it was recorded; then what the record repeats of it. */
function whyNot(project: string, { by, place, at, words }: Claim, word: SignedWord): string | null {
  if (by.key !== word.fingerprint) return `it is signed by ${word.fingerprint}, and the record names ${by.key ?? 'no key'}`
  const meant = words?.find(({ action }) => action === word.action)
  if (words !== null && meant === undefined) return `it says ${quoted(word.action)}`
  const expected = { project, place: place ?? word.place, action: word.action }
  const reading = readStatement(word.signed, expected, undefined, at ?? word.at)
  if (!reading.ok) return at === null ? reading.problem : `when it was recorded, ${new Date(at).toISOString()}: ${reading.problem}`
  return meant?.says(reading.statement.message) === false ? 'it says something else' : null
}

/** A signed word counts once, for who signed it, when it was said. The same word may stand in several records. */
function checkOnce(claims: readonly Claim[]): Found {
  const byStatement = Map.groupBy(
    claims.filter(({ by }) => by.statement !== null),
    ({ by }) => by.statement,
  )
  const problems = [...byStatement.values()].flatMap((same) => {
    const isOne = (told: (claim: Claim) => string | number | null) => new Set(same.map(told).filter((each) => each !== null)).size <= 1
    if (!isOne(({ by }) => by.name)) return [`one statement stands for two people: ${names(same)}`]
    return isOne(({ at }) => at) && isOne(({ of }) => of) ? [] : [`one statement of ${names(same)} stands for two words: ${whats(same)}`]
  })
  return { problems, notes: [] }
}

function names(claims: readonly Claim[]): string {
  return [...new Set(claims.map(({ by }) => quoted(by.name)))].join(' and ')
}

function whats(claims: readonly Claim[]): string {
  return [...new Set(claims.map(({ what }) => what))].slice(0, 5).join(', ')
}
