import { spoken } from './manifests.ts'
import { seenForMs, sight, type Sightings } from './persistence.ts'
import { waiting } from './progress.ts'
import type { Look } from './rollout-look.ts'

/** Holds back verdicts that have not lasted long enough: until then the object is waited for, with the same words. */
export function createPatience(): (looks: readonly Look[], nowMs: number) => readonly Look[] {
  let sightings: Sightings = new Map()
  return (looks, nowMs) => {
    sightings = sight(sightings, looks.flatMap(keyOf), nowMs)
    return looks.map((each) => {
      const [key] = keyOf(each)
      if (key === undefined || each.status.state === 'waiting') return each
      return seenForMs(sightings, key, nowMs) >= (each.status.lastsMs ?? 0) ? each : { ...each, status: waiting(each.status.line) }
    })
  }
}

/** Nothing for a verdict that counts at once. */
function keyOf(look: Look): readonly string[] {
  const { status } = look
  return status.state === 'waiting' || !status.lastsMs ? [] : [`${status.state}/${look.apiVersion}/${spoken(look)}`]
}
