import { setTimeout as sleep } from 'node:timers/promises'

export type Hinter = {
  /** Says "look" to the repository of a project, soon; returns at once and never fails. */
  readonly hint: (project: string) => void
  /** Resolves when nothing is on its way. */
  readonly idle: () => Promise<void>
}

/** A hint says nothing but "look": those that come while one is on its way, or shortly after, are one more. */
const PAUSE_MS = 250

/**
 * At most one hint a project on its way and one behind it, however many webhooks come. One that cannot be delivered is
 * dropped: the repository looks by its timer as well, and a forge that is told of it would only send again.
 */
export function createHinter(parts: {
  readonly send: (project: string) => Promise<void>
  readonly onEnd: (project: string, error: unknown) => void
  readonly pauseMs?: number
}): Hinter {
  const underway = new Map<string, { again: boolean; readonly ended: Promise<void> }>()
  const sendOne = async (project: string) => {
    try {
      await parts.send(project)
      parts.onEnd(project, null)
    } catch (error) {
      parts.onEnd(project, error)
    }
  }
  const sendAll = async (project: string) => {
    for (let more = true; more;) {
      await sendOne(project)
      await sleep(parts.pauseMs ?? PAUSE_MS)
      const own = underway.get(project)
      more = own?.again === true
      if (more && own !== undefined) own.again = false
    }
    underway.delete(project)
  }
  return {
    hint: (project) => {
      const own = underway.get(project)
      if (own === undefined) underway.set(project, { again: false, ended: Promise.resolve().then(() => sendAll(project)) })
      else own.again = true
    },
    idle: async () => {
      while (underway.size > 0) await Promise.all([...underway.values()].map(({ ended }) => ended))
    },
  }
}
