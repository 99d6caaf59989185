import fc from 'fast-check'

/** What nobody sends by mistake alone: any JSON, and what was really said with one part of it replaced by something else. */
export function garbage(samples: readonly unknown[]): fc.Arbitrary<unknown> {
  const anything = fc.oneof(
    fc.constantFrom<unknown>(null, '', [], {}, -1, 1e300, true, 'x'.repeat(3000), [[[]]], { length: 3 }),
    fc.jsonValue({ maxDepth: 3 }),
  )
  if (samples.length === 0) return anything
  const spoiled = fc
    .tuple(fc.constantFrom(...samples), fc.nat(), anything, fc.boolean())
    .map(([sample, at, part, leaveOut]) => spoil(sample, at, part, leaveOut))
  return fc.oneof(anything, { arbitrary: spoiled, weight: 3 })
}

/** @param at which of its parts, counted through all of it */
function spoil(sample: unknown, at: number, part: unknown, leaveOut: boolean): unknown {
  const copy: unknown = structuredClone(sample)
  const places = placesOf(copy)
  const place = places[at % Math.max(1, places.length)]
  if (place === undefined) return part
  if (leaveOut) delete place.holder[place.key]
  else place.holder[place.key] = part
  return copy
}

type Place = { readonly holder: Record<string, unknown>; readonly key: string }

function placesOf(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return []
  const holder = value as Record<string, unknown>
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesOf(holder[key])])
}
