import type { Moments } from '../history/moments.ts'
import type { DeliveryResult } from '../results.ts'
import { median } from '../statistics.ts'
import { TARGETS, type Delivered, type Target, type Way } from '../ways/way.ts'
import type { Bench } from './bench.ts'
import { measured } from './measured.ts'
import type { Stage } from './stage.ts'

type Kind = { readonly way: Way; readonly target: Target; readonly services: number; readonly delivered: Delivered[] }

/** By hand, Slipway, by hand, Slipway … of every kind in every round, so that what the machine does meets all alike. */
export async function measureDeliveries({ rounds, say, signal }: Bench, { pairs }: Stage): Promise<DeliveryResult[]> {
  const kinds: readonly Kind[] = TARGETS.flatMap((target) =>
    pairs.flatMap(({ services, byHand, slipway }) => [byHand, slipway].map((way) => ({ way, target, services, delivered: [] }))),
  )
  // The first of each is thrown away: what it finds cold, the others do not.
  for (let round = 0; round <= rounds; round++) {
    const took: string[] = []
    for (const { way, target, services, delivered } of kinds) {
      signal.throwIfAborted()
      const one = await way.deliver(target, `${target}-${services}-${round}-${Date.now()}`)
      if (round > 0) delivered.push(one)
      took.push(`${Math.round(one.milliseconds)}`)
    }
    say(`delivery: ${round === 0 ? 'warm-up' : `round ${round} of ${rounds}`}: ${took.join(' ')} ms`)
  }
  return kinds.map(({ way, target, services, delivered }) => ({
    way: way.name,
    target,
    services,
    served: measured(delivered.map(({ milliseconds }) => milliseconds)),
    moments: medianMoments(delivered.map(({ moments }) => moments)),
  }))
}

/** Of each moment that every delivery had. */
export function medianMoments(all: readonly Moments[]): Moments {
  const names = Object.keys(all[0] ?? {}).filter((name) => all.every((moments) => moments[name] !== undefined))
  return Object.fromEntries(names.map((name) => [name, Math.round(median(all.flatMap((moments) => moments[name] ?? [])))]))
}
