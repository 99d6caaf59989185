import { PHASES, type Phase } from '../../domain/sprint/phase.ts'
import { waitsOf } from '../json/waits.ts'
import type { SprintPicture } from '../picture.ts'

/**
 * Whether a sprint is where somebody waits for it to be: in that phase or past it, or waiting for that. `missed` when it
 * can not come there any more; null when it may still.
 */
export function reached(picture: SprintPicture, until: string | null): 'reached' | 'missed' | null {
  const { phase } = picture.sprint.state
  if (until === null) return phase === 'aborted' ? 'reached' : null
  if (phase === until) return 'reached'
  if (phase === 'aborted') return 'missed'
  const wanted = PHASES.indexOf(until as Phase)
  if (wanted >= 0) return until !== 'aborted' && PHASES.indexOf(phase) > wanted ? 'reached' : null
  return waitsOf(picture).some((wait) => wait.kind === until) ? 'reached' : null
}
