import type { z } from 'zod'
import { quoted, type Parsed } from '../../domain/parsed.ts'
import type { Member } from '../member.ts'

/** The members of a bundle by their paths. */
export type Bundle = {
  readonly members: readonly Member[]
  readonly bytes: (path: string) => Buffer | null
  readonly text: (path: string) => string | null
  /** The paths below a folder such as `environments/`. */
  readonly below: (folder: string) => readonly string[]
}

/** What a check found: problems say that something does not hold, notes what it could not judge. */
export type Found = { readonly problems: readonly string[]; readonly notes: readonly string[] }

export function openBundle(members: readonly Member[]): Bundle {
  const byPath = new Map(members.map(({ path, bytes }) => [path, bytes]))
  return {
    members,
    bytes: (path) => byPath.get(path) ?? null,
    text: (path) => byPath.get(path)?.toString('utf8') ?? null,
    below: (folder) => [...byPath.keys()].filter((path) => path.startsWith(folder)),
  }
}

/** A member that is JSON of this shape. */
export function readJson<T>(bundle: Bundle, path: string, shape: z.ZodType<T>): Parsed<T> {
  const text = bundle.text(path)
  if (text === null) return { ok: false, problem: `${quoted(path)} is not there` }
  try {
    const parsed = shape.safeParse(JSON.parse(text))
    if (parsed.success) return { ok: true, value: parsed.data }
    const [issue] = parsed.error.issues
    return {
      ok: false,
      problem: `${quoted(path)} has another shape at ${quoted(issue?.path.join('.') ?? '')}: ${issue?.message ?? 'unknown'}`,
    }
  } catch {
    return { ok: false, problem: `${quoted(path)} is no JSON` }
  }
}

export function both(...found: readonly Found[]): Found {
  return { problems: found.flatMap(({ problems }) => problems), notes: found.flatMap(({ notes }) => notes) }
}
