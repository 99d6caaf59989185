import { isOver, type Phase } from '../../domain/sprint/phase.ts'
import { waitsOf } from '../json/waits.ts'
import type { SprintPicture } from '../picture.ts'

/**
 * Whether a sprint is where somebody waits for it to be: in that phase or past it, or waiting for that. `missed` when it
 * can not come there any more; null when it may still.
 */
export function reached(picture: SprintPicture, until: string | null): 'reached' | 'missed' | null {
  const { phase } = picture.sprint.state
  if (until === null) return isOver(phase) ? 'reached' : null
  if (phase === until || isPast(phase, until)) return 'reached'
  if (isOver(phase)) return 'missed'
  return waitsOf(picture).some((wait) => wait.kind === until) ? 'reached' : null
}

/** The way to the end. A sprint may never be mended or rolled back: those are reached only while they last. */
const WAY: readonly string[] = ['integrating', 'stabilising', 'releasing', 'live', 'mergingBack', 'finished'] satisfies Phase[]

/** What is mended or was rolled back has to be released once more. */
function isPast(phase: Phase, until: string): boolean {
  const here = phase === 'hotfixing' || phase === 'rolledBack' ? 'stabilising' : phase
  const wanted = WAY.indexOf(until)
  if (wanted < 0 || phase === 'aborted') return false
  return here === phase ? WAY.indexOf(here) > wanted : WAY.indexOf(here) >= wanted
}
