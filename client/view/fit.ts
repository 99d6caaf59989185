import { BLANK, heading, span, type Line } from './span.ts'

/** A part of a page under a title. Of two, the one with the lower rank gives way where there is no room for both. */
export type Section = { readonly title: string; readonly rank: number; readonly lines: readonly Line[] }

/** A page of so many rows at most: what matters least is shortened first, and left out where nothing of it fits. */
export function fitted(head: readonly Line[], sections: readonly Section[], rows: number): Line[] {
  let over = [head, ...sections.map(shown)].flat().length - rows
  const short = new Map<Section, Section>()
  for (const section of sections.toSorted((a, b) => a.rank - b.rank)) {
    if (over <= 0) break
    const less = shortened(section, section.lines.length - over)
    over -= shown(section).length - shown(less).length
    short.set(section, less)
  }
  return [...head, ...sections.flatMap((section) => shown(short.get(section) ?? section))].slice(0, Math.max(0, rows))
}

export function shown({ title, lines }: Section): Line[] {
  return lines.length === 0 ? [] : [BLANK, heading(title), ...lines]
}

/** The first lines, and how many there are besides. */
function shortened(section: Section, room: number): Section {
  if (room < 1) return { ...section, lines: [] }
  const lines = section.lines.slice(0, room - 1)
  return { ...section, lines: [...lines, [span(`  … ${section.lines.length - lines.length} more: slipway status`, 'dim')]] }
}
