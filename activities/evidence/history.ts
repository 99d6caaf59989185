/** Reading Temporal's JSON of a history without knowing every kind of event. */

export type HistoryEvent = {
  readonly eventId: string
  readonly eventTime: string
  readonly eventType: string
  readonly [attributes: string]: unknown
}

export function eventsOf(history: string): readonly HistoryEvent[] {
  return (JSON.parse(history) as { events?: readonly HistoryEvent[] }).events ?? []
}

/** The values of all payloads in an event, or in a part of one, that are JSON. */
export function valuesIn(part: unknown): unknown[] {
  if (typeof part !== 'object' || part === null) return []
  if (Array.isArray(part)) return part.flatMap(valuesIn)
  const { metadata, data } = part as { metadata?: { encoding?: unknown }; data?: unknown }
  if (typeof data === 'string' && isJson(metadata?.encoding)) return parsed(data)
  return Object.values(part).flatMap(valuesIn)
}

/** `json/plain`, as Temporal's JSON writes it. */
function isJson(encoding: unknown): boolean {
  return typeof encoding === 'string' && Buffer.from(encoding, 'base64').toString('latin1') === 'json/plain'
}

function parsed(data: string): unknown[] {
  try {
    return [JSON.parse(Buffer.from(data, 'base64').toString('utf8'))]
  } catch {
    return []
  }
}
