import leven from 'leven'

/** The one of `names` that `text` was probably meant to be, or null when none is near. */
export function nearest(text: string, names: readonly string[]): string | null {
  if (text.length > 60) return null
  const close = names
    .map((name) => ({ name, distance: distance(text, name) }))
    .filter((each) => each.distance <= tolerance(text, each.name))
    .toSorted((a, b) => a.distance - b.distance)
  return close[0]?.name ?? null
}

/** Case, "-" and "_" are not what people mean to say; an abbreviation or a plural is near to the whole word. */
function distance(text: string, name: string): number {
  const [a, b] = [plain(text), plain(name)]
  if (a === b) return 0
  if (a.length >= 3 && (b.startsWith(a) || a.startsWith(b))) return 1
  return leven(a, b)
}

function tolerance(text: string, name: string): number {
  const length = Math.min(text.length, name.length)
  if (length < 3) return text.length === name.length ? 1 : 0
  return length < 4 ? 1 : Math.max(2, Math.floor(length / 3))
}

function plain(text: string): string {
  return text.toLowerCase().replaceAll(/[-_ ]/g, '')
}
