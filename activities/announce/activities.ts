import { ANNOUNCED } from '../../domain/announcer/announcement.ts'
import type { Addressee } from '../../domain/announcer/state.ts'
import type { NotificationEstate } from '../../config/estate-schema.ts'
import { quoted } from '../../domain/parsed.ts'
import type { AnnounceActivities } from '../contract.ts'
import { projectEstate } from '../estate.ts'
import { permanent } from '../failure.ts'
import { forgeOf, type ForgeDeps } from '../forge/create.ts'
import { withHeartbeat } from '../heartbeat.ts'
import { createMessage } from './message.ts'
import { post } from './post.ts'
import { statusOf } from './status.ts'

/** No notification can have this name: it has a blank in it. */
const THE_FORGE = 'the forge'
const FORGE_RETRY_SECONDS = 3600

/** Tells what happened: by webhooks, in a channel, and as the status of a commit. */
export function createAnnounceActivities(deps: ForgeDeps): AnnounceActivities {
  return {
    listAddressees: async ({ project }) => {
      const { notifications = {}, forge } = projectEstate(deps.estate, project)
      const named = Object.entries(notifications).map(([name, each]): Addressee => ({
        name,
        kinds: each.events,
        environments: each.environments ?? null,
        retrySeconds: each.retrySeconds,
      }))
      const last = { name: THE_FORGE, kinds: ANNOUNCED, environments: null, retrySeconds: FORGE_RETRY_SECONDS }
      return { addressees: forge === undefined ? named : [...named, last] }
    },
    announce: ({ project, to, event }) =>
      withHeartbeat(deps.attempt(), `telling ${to}`, async (_say, signal) => {
        if (to === THE_FORGE) {
          const forge = await forgeOf(deps, project)
          if (forge === null) throw permanent('InvalidConfiguration', `The estate names no forge for ${project} any more.`)
          await forge.showStatus(statusOf(event), signal)
          return
        }
        const notification = notificationOf(deps, project, to)
        await post(await createMessage(notification, event, deps), { name: to, privateHosts: notification.privateHosts, signal })
      }),
  }
}

function notificationOf({ estate }: ForgeDeps, project: string, name: string): NotificationEstate {
  const { notifications = {} } = projectEstate(estate, project)
  const found = Object.hasOwn(notifications, name) ? notifications[name] : undefined
  if (found !== undefined) return found
  throw permanent('InvalidConfiguration', `The estate names no notification ${quoted(name)} for ${project} any more.`)
}
