/** `4 s`, `2 min`, `3 h 5 min`, `2 d 4 h`: as exact as a person who waits wants to know. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return withRest(minutes, 'min', seconds % 60, 's')
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return withRest(hours, 'h', minutes % 60, 'min')
  return withRest(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

export function age(since: number, now: number): string {
  return duration(now - since)
}

export function iso(at: number): string {
  return new Date(at).toISOString()
}

/** `2026-11-23 14:03:22` in UTC, for tables that people read. */
export function moment(at: number): string {
  return iso(at).slice(0, 19).replace('T', ' ')
}

function withRest(value: number, unit: string, rest: number, restUnit: string): string {
  return rest === 0 ? `${value} ${unit}` : `${value} ${unit} ${rest} ${restUnit}`
}
