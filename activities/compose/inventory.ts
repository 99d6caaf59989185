import { parseComposeFile, type ComposeService } from './compose-file.ts'
import type { ComposeContent } from './content.ts'

/** What of a compose project Slipway has brought up, as its host remembers it. */
export type Inventory = readonly string[]

/** The services that an `up` of this content starts, with all that they need. Of a placed file only the host knows. */
export function broughtBy(content: ComposeContent): Inventory {
  return needed(content, content.expected ?? content.known)
}

/** What `run` of a service starts beside it. */
export function broughtByHook(content: ComposeContent, service: string): Inventory {
  return needed(content, [service]).filter((each) => each !== service)
}

/**
 * What Slipway brought up and is wanted no more: whatever the host remembers of any deployment, also one that was stopped or
 * failed, and what ran before. What a placed file has is its owner's business.
 */
export function goneServices(content: ComposeContent, previous: ComposeContent | null, remembered: Inventory): Inventory {
  if (content.file === null) return []
  return [...new Set([...remembered, ...broughtBefore(content, previous)])].filter((each) => !content.known.includes(each)).toSorted()
}

/** Of the content before, if it was of the same compose project. */
export function broughtBefore(content: ComposeContent, previous: ComposeContent | null): Inventory {
  return previous?.project === content.project ? broughtBy(previous) : []
}

function needed({ file, known }: ComposeContent, services: readonly string[]): Inventory {
  if (file === null) return []
  const parsed = parseComposeFile(file, 'the compose file')
  // It was read when it was rendered; a rule that came since makes all of it ours.
  if (!parsed.ok) return known
  const all = new Map(parsed.value.services.map((each): [string, ComposeService] => [each.name, each]))
  const found = new Set(services)
  // A set that grows is walked to its end.
  for (const service of found) for (const other of all.get(service)?.needs ?? []) if (all.has(other)) found.add(other)
  return [...found].toSorted()
}
