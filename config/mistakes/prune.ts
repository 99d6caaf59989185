import type { Path } from '../problem.ts'

/** A copy of plain data without what stands at `paths`. List entries become undefined, so that the others keep their index. */
export function prune(data: unknown, paths: readonly Path[]): unknown {
  if (paths.some((path) => path.length === 0)) return undefined
  const copy = structuredClone(data)
  for (const path of paths) {
    const last = path.at(-1)
    const parent = path.slice(0, -1).reduce<unknown>(step, copy)
    if (typeof parent !== 'object' || parent === null || last === undefined) continue
    if (Array.isArray(parent)) parent[Number(last)] = undefined
    else delete (parent as Record<string, unknown>)[String(last)]
  }
  return copy
}

function step(value: unknown, part: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
  return (value as Record<string, unknown>)[part]
}
