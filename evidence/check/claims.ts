import type { Action } from '../../domain/authorise.ts'
import { cut } from '../../domain/cut.ts'
import { quoted } from '../../domain/parsed.ts'
import { environmentPlace, REPOSITORY_PLACE, sprintPlace } from '../../domain/signed.ts'
import { fieldsOf, nearest, spotsIn, type Around, type Fields, type Spot, type VerifiedPerson } from './spots.ts'

/** What a record says that a person signed. */
export type Claim = {
  readonly by: VerifiedPerson
  /** For a person who reads it: `the sign-off of epoch 4 of "alpha"`. */
  readonly what: string
  /** Whom it was said to; null where any place of the project will do. */
  readonly place: string | null
  /** When it was recorded, and what it was said of, where one statement could be used for two; null where the record does not tell. */
  readonly at: number | null
  readonly of: string | null
  /** What may have been signed, and what of the message the record repeats; null where the record does not tell. */
  readonly words: readonly Word[] | null
}

export type Word = { readonly action: Action; readonly says: (message: Fields) => boolean }

const LONGEST_SENTENCE = 500

/** Everything in the record of an environment that somebody is said to have signed. */
export function environmentClaims(name: string, record: unknown): readonly Claim[] {
  return spotsIn(record).map((spot) => claimOf(spot, name))
}

/** The same of a sprint's record, which has pictures of environments in it. */
export function sprintClaims(version: string, record: unknown): readonly Claim[] {
  return spotsIn(record).map((spot) => {
    const environment = environmentAround(spot.around)
    return environment === null ? sprintClaim(spot, version) : claimOf(spot, environment)
  })
}

function sprintClaim({ by, field, around }: Spot, version: string): Claim {
  const claim = { by, at: null, of: null }
  if (field === 'startedBy') {
    const begun = (action: Action): Word => ({ action, says: (message) => message['version'] === version })
    const words = [begun('startSprint'), begun('openHotfix'), begun('adoptSprint')]
    return { ...claim, what: `the beginning of ${version}`, place: REPOSITORY_PLACE, words }
  }
  if (around.name !== 'mergeBack') return { ...claim, what: `what stands in ${quoted(around.name)}`, place: null, words: null }
  const says = (message: Fields) => fieldsOf(message['command'])['kind'] === 'finish'
  return { ...claim, what: `the finish of ${version}`, place: sprintPlace(version), words: [{ action: 'finish', says }] }
}

/** By what holds the person; where no rule knows that, there still has to be a statement. */
function claimOf({ by, around }: Spot, environment: string): Claim {
  const { name, fields } = around
  const deployed = nearest(around, 'deployments') ?? nearest(around, 'running') ?? nearest(around, 'current') ?? {}
  const epoch = fields['epoch'] ?? deployed['epoch']
  const here = `${epoch === undefined ? '' : `epoch ${plain(epoch)} of `}${quoted(environment)}`
  const claim = (what: string, at: unknown, words: readonly Word[], of: unknown = null): Claim => ({
    by,
    what,
    place: environmentPlace(environment),
    at: typeof at === 'number' ? at : null,
    of: of === null || of === undefined ? null : `${name} ${plain(of)}`,
    words,
  })
  switch (name) {
    case 'approval':
    case 'rests':
    case 'earlier':
    case 'votes':
      return claim(`this approval in ${here}`, fields['at'], [approves(around)])
    case 'signOff':
      return claim(`this sign-off in ${here}`, fields['at'], [signsOff(fields, deployed)])
    case 'rollback': {
      const isAgain = deployed['origin'] !== undefined || deployed['request'] === undefined
      return claim(`this rollback to ${here}`, isAgain ? null : deployed['askedAt'], goesBack(fields, deployed), isAgain ? null : epoch)
    }
    case 'breakGlass':
    case 'unconfirmed':
      return claim(`this word on a freeze in ${here}`, fields['at'], [breaks(fields)], fields['hash'])
    case 'confirmed':
      return claim(`this confirmation of ${here}`, fields['at'], [confirms(fields, deployed)], deployed['epoch'])
    case 'override':
      return claim(`this override in ${here}`, fields['at'], [overrides(around)])
    case 'request':
      return claim(`the request ${quoted(String(fields['id']))} in ${here}`, fields['at'], asks(fields))
    default:
      return { by, what: `what stands in ${quoted(name)} of ${here}`, place: null, at: null, of: null, words: null }
  }
}

function approves(around: Around): Word {
  const approval = around.name === 'earlier' ? around.outer?.fields : around.fields
  const waiting = around.name === 'votes' ? nearest(around, 'waiting') : null
  const preparation = fieldsOf(around.outer?.fields['preparation'])
  const [request, hash] =
    waiting === null ? [approval?.['request'], approval?.['hash']] : [fieldsOf(waiting['request'])['id'], preparation['requestHash']]
  return {
    action: 'approve',
    says: (message) => message['request'] === request && message['hash'] === hash && isSaid(message['reason'], around.fields['reason']),
  }
}

/** What was put there once more keeps the word on an epoch before it. */
function signsOff(fields: Fields, deployed: Fields): Word {
  const revision = deployed['revision'] ?? fieldsOf(fieldsOf(deployed['snapshot'])['candidate'])['revision']
  // A sprint's picture of it does not tell where it came from.
  const first = deployed['snapshot'] === undefined ? 0 : (deployed['origin'] ?? deployed['epoch'])
  return {
    action: 'signOff',
    says: ({ verdict, epoch, revision: seen, message }) =>
      verdict === fields['verdict'] &&
      seen === revision &&
      isBetween(epoch, first, deployed['epoch']) &&
      isSaid(message, fields['message']),
  }
}

/** A rollback names the epoch to go back to, as the id of its request does; who resolves a failure names none. */
function goesBack(fields: Fields, deployed: Fields): readonly Word[] {
  const named = deployed['origin'] === undefined ? /^rollback-(\d+)(?:~\d+)?$/.exec(String(deployed['request']))?.[1] : undefined
  const isTarget = (epoch: unknown) =>
    isBetween(epoch, fields['origin'] ?? 0, Number(deployed['epoch']) - 1) && (named === undefined || epoch === Number(named))
  return [
    { action: 'rollback', says: ({ epoch, reason }) => isTarget(epoch) && isSaid(reason, fields['reason']) },
    resolves(['rollback', 'retry'], fields['reason']),
  ]
}

/** Of what nobody confirmed yet, the hash is not told beside it. */
function breaks({ hash, reason: why }: Fields): Word {
  return { action: 'breakGlass', says: (message) => (hash === undefined || message['hash'] === hash) && isSaid(message['reason'], why) }
}

function confirms(fields: Fields, deployed: Fields): Word {
  return { action: 'confirm', says: ({ epoch, reason }) => epoch === deployed['epoch'] && isSaid(reason, fields['reason']) }
}

function overrides(around: Around): Word {
  const { id } = fieldsOf(nearest(around, 'waiting')?.['request'])
  return { action: 'override', says: ({ request, reason }) => request === id && isSaid(reason, around.fields['reason']) }
}

/** A person asks by going back, or for what failed once more. */
function asks(request: Fields): readonly Word[] {
  if (request['rollback'] === undefined) return [{ action: 'retry', says: () => true }, resolves(['retry'], undefined)]
  const { epoch: target, reason: why } = fieldsOf(request['rollback'])
  return [
    { action: 'rollback', says: ({ epoch, reason }) => epoch === target && isSaid(reason, why) },
    resolves(['rollback', 'retry'], why),
  ]
}

function resolves(choices: readonly string[], reason: unknown): Word {
  const isChoice = (choice: unknown) => choices.some((each) => each === choice)
  return {
    action: 'resolve',
    says: (message) => isChoice(message['choice']) && (reason === undefined || isSaid(message['reason'], reason)),
  }
}

/** A sentence is recorded as it was said, but no longer than may be remembered; none is nothing. */
function isSaid(said: unknown, recorded: unknown): boolean {
  return cut(typeof said === 'string' ? said : '', LONGEST_SENTENCE) === (recorded ?? '')
}

function isBetween(value: unknown, from: unknown, to: unknown): boolean {
  return typeof value === 'number' && typeof from === 'number' && typeof to === 'number' && from <= value && value <= to
}

/** Whatever a forger put there, in few words. */
function plain(value: unknown): string {
  return typeof value === 'number' ? `${value}` : quoted(typeof value === 'string' ? value : typeof value)
}

/** In a sprint's record, whose picture it is. */
function environmentAround(around: Around | null): string | null {
  for (let each = around; each !== null; each = each.outer) {
    const { environment } = each.fields
    if (typeof environment === 'string') return environment
  }
  return null
}
