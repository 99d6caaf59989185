import { condition, continueAsNew, proxyActivities, setCurrentDetails, setHandler } from '@temporalio/workflow'
import type { AnnounceActivities } from '../activities/contract.ts'
import { readAnnouncements, type Announcement } from '../domain/announcer/announcement.ts'
import {
  address,
  announcerDetails,
  isUnaddressed,
  newAnnouncer,
  nextFor,
  settle,
  takeIn,
  waitingNames,
  type Addressee,
  type AnnouncerState,
} from '../domain/announcer/state.ts'
import { historyIsLong, isIdle } from './continue-as-new.ts'
import { announcerQuery, announceSignal } from './messages.ts'
import { reasonOf } from './persist.ts'
import { ANNOUNCE, LIGHT } from './policies.ts'
import { MAIN_QUEUE } from './queues.ts'

export type AnnouncerInput = {
  readonly project: string
  readonly state?: AnnouncerState
  /** Continue as new after so many events, earlier than the server suggests. */
  readonly continueAfterEvents?: number
}

/** An event whose time is over is still tried once, for so long. */
const SHORTEST_MS = 30_000
const LISTING_MS = 600_000

/** Tells those who want to hear it what happened. Nobody waits for it: what it cannot tell it drops, and says so. */
export async function announcer(input: AnnouncerInput): Promise<void> {
  const { project } = input
  let state = input.state ?? newAnnouncer(project)
  let addressees: readonly Addressee[] = []
  const busy = new Set<string>()

  setHandler(announceSignal, (events) => {
    state = takeIn(state, readAnnouncements(events, project), Date.now())
  })
  setHandler(announcerQuery, () => state)

  const isLong = () => historyIsLong(input.continueAfterEvents)
  const mayContinue = () => isLong() && isIdle(busy.size === 0)
  const idleNames = () => waitingNames(state).filter((name) => !busy.has(name))
  for (;;) {
    await condition(() => (!isLong() && (isUnaddressed(state) || idleNames().length > 0)) || mayContinue())
    if (mayContinue()) await continueAsNew<typeof announcer>({ ...input, state })
    // What waited when the run before ended has its addressees already, but not what the estate says of them.
    if (isUnaddressed(state) || addressees.length === 0) await list()
    for (const name of idleNames()) {
      busy.add(name)
      void tellAll(name).finally(() => busy.delete(name))
    }
    setCurrentDetails(announcerDetails(state))
  }

  async function list(): Promise<void> {
    const { listAddressees } = proxyActivities<AnnounceActivities>({ ...LIGHT, scheduleToCloseTimeout: LISTING_MS, taskQueue: MAIN_QUEUE })
    try {
      addressees = (await listAddressees.executeWithOptions({ summary: 'who wants to hear what' }, [{ project }])).addressees
    } catch {
      addressees = []
    }
    state = address(state, addressees)
  }

  /** One after another, so that what is told last happened last; one who does not answer holds up nobody else. */
  async function tellAll(name: string): Promise<void> {
    for (;;) {
      const event = nextFor(state, name)
      if (event === null || isLong()) return
      const reason = await tell(name, event)
      state = settle(state, event, name, reason, Date.now())
      setCurrentDetails(announcerDetails(state))
    }
  }

  /** @returns why it was given up; null when it was told */
  async function tell(name: string, event: Announcement): Promise<string | null> {
    const known = addressees.find((each) => each.name === name)
    if (known === undefined) return 'the estate does not name it any more'
    const leftMs = event.at + known.retrySeconds * 1000 - Date.now()
    const { announce } = proxyActivities<AnnounceActivities>({
      ...ANNOUNCE,
      scheduleToCloseTimeout: Math.max(SHORTEST_MS, leftMs),
      taskQueue: MAIN_QUEUE,
    })
    try {
      await announce.executeWithOptions({ summary: `${event.kind} ${event.environment ?? 'build'} to ${name}` }, [
        { project, to: name, event },
      ])
      return null
    } catch (error) {
      return reasonOf(error)
    }
  }
}
