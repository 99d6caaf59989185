import { setTimeout as sleep } from 'node:timers/promises'

export type Hinter = {
  /** Says "look" to the repository of a project, soon or not before `afterMs`; returns at once and never fails. */
  readonly hint: (project: string, afterMs?: number) => void
  /** Resolves when nothing is on its way; what is to be said later is not. */
  readonly idle: () => Promise<void>
  /** Says at once what was to be said later. */
  readonly hurry: () => void
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
  const later = new Map<string, NodeJS.Timeout>()
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
  const soon = (project: string) => {
    clearTimeout(later.get(project))
    later.delete(project)
    const own = underway.get(project)
    if (own === undefined) underway.set(project, { again: false, ended: Promise.resolve().then(() => sendAll(project)) })
    else own.again = true
  }
  return {
    hint: (project, afterMs = 0) => {
      if (afterMs <= 0) soon(project)
      else if (!later.has(project)) later.set(project, setTimeout(() => soon(project), afterMs).unref())
    },
    hurry: () => [...later.keys()].forEach(soon),
    idle: async () => {
      while (underway.size > 0) await Promise.all([...underway.values()].map(({ ended }) => ended))
    },
  }
}
