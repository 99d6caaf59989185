import { setTimeout as sleep } from 'node:timers/promises'
import { frozenFor } from '../domain/environment/freeze.ts'
import type { Preparation, WaitingRequest } from '../domain/environment/state.ts'
import type { EnvironmentView } from '../workflows/messages.ts'
import { refused, usage } from './exit.ts'
import { environmentOf } from './known-environment.ts'
import type { Slipway } from './typed/slipway.ts'

export type RequestAction = 'approve' | 'reject' | 'override' | 'breakGlass' | 'withdraw'

export type Wanted = {
  readonly action: RequestAction
  readonly environment: string
  readonly request: string | undefined
  readonly hash?: string
}

export type Chosen = { readonly waiting: WaitingRequest; readonly preparation: Preparation }

export type Target = { readonly request: string; readonly hash: string; readonly chosen: Chosen | null }

/**
 * The one request that waits for this, or the one that is named. A named one that does not wait is asked for all the same:
 * the environment says why not, and records the denial.
 */
export function chooseRequest(view: EnvironmentView, { action, environment, request, hash }: Wanted): Target {
  const prepared = view.state.waiting.flatMap((waiting): Chosen[] =>
    'preparation' in waiting.stage ? [{ waiting, preparation: waiting.stage.preparation }] : [],
  )
  const open = prepared.filter(
    ({ waiting }) =>
      STAGES[action].includes(waiting.stage.kind) && (action !== 'breakGlass' || frozenFor(view.state, waiting.request) !== null),
  )
  if (request === undefined && open.length === 0) {
    throw refused(`nothing ${WAITS[action][0]} in ${environment}${meanwhile(view)}`, view.next)
  }
  if (request === undefined && open.length > 1) {
    const reason = action === 'approve' || action === 'withdraw' ? '' : ' --reason …'
    throw usage(
      `${open.length} requests ${WAITS[action][1]} in ${environment}; name one`,
      open.map(({ waiting }) => `slipway ${COMMANDS[action]} ${environment} ${waiting.request.id}${reason}`),
    )
  }
  const chosen = request === undefined ? open[0] : prepared.find(({ waiting }) => waiting.request.id === request)
  if (chosen === undefined) return { request: request ?? '', hash: hash ?? '', chosen: null }
  const { requestHash } = chosen.preparation
  if (hash !== undefined && !requestHash.startsWith(hash)) {
    throw refused(`${chosen.waiting.request.id} has the hash ${requestHash} now, not ${hash}: look again at what would be deployed`, [
      `slipway env ${environment}`,
    ])
  }
  return { request: chosen.waiting.request.id, hash: requestHash, chosen }
}

export const STAGES: Readonly<Record<RequestAction, readonly WaitingRequest['stage']['kind'][]>> = {
  approve: ['awaitingApproval'],
  reject: ['awaitingApproval', 'held'],
  override: ['held'],
  breakGlass: ['ready'],
  withdraw: ['awaitingApproval', 'ready'],
}

const WAITS: Readonly<Record<RequestAction, readonly [one: string, many: string]>> = {
  approve: ['waits for approval', 'wait for approval'],
  reject: ['waits for approval or is held', 'wait for approval or are held'],
  override: ['is held', 'are held'],
  withdraw: ['is approved and not begun', 'are approved and not begun'],
  breakGlass: ['waits for the end of a freeze', 'wait for the end of a freeze'],
}

const COMMANDS: Readonly<Record<RequestAction, string>> = {
  approve: 'approve',
  reject: 'reject',
  override: 'override',
  withdraw: 'withdraw',
  breakGlass: 'override --freeze',
}

function meanwhile({ state }: EnvironmentView): string {
  const { running } = state
  const [first] = state.waiting
  if (running !== null) return `: ${running.request.tag} is being deployed`
  if (first === undefined) return ''
  switch (first.stage.kind) {
    case 'queued':
    case 'preparing':
      return `: ${first.request.tag} is being prepared`
    case 'held':
      return `: ${first.request.tag} is held`
    case 'awaitingApproval':
      return `: ${first.request.tag} waits for approval`
    case 'ready':
      return `: ${first.request.tag} is about to be deployed`
    default:
      return first.stage satisfies never
  }
}

/** What was asked for a moment ago is still being rendered: a person need not type the command twice. */
export async function preparedView(slipway: Slipway, environment: string): Promise<EnvironmentView> {
  for (let left = PREPARING_MS; ; left -= ASK_EVERY_MS) {
    const view = await environmentOf(slipway, environment)
    const [first] = view.state.waiting
    const prepares =
      view.state.running === null &&
      ((first?.stage.kind === 'queued' && !isReserved(view)) || (first?.stage.kind === 'preparing' && first.stage.problem === null))
    if (!prepares || left <= 0) return view
    await sleep(ASK_EVERY_MS)
  }
}

/** What waits for another sprint is not rendered before that has gone on. */
function isReserved(view: EnvironmentView): boolean {
  return view.waits.some((wait) => wait.kind === 'reserved')
}

const PREPARING_MS = 10_000
const ASK_EVERY_MS = 250
