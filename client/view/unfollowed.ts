import { adoptCommand, type Unfollowed } from '../unfollowed.ts'
import { span, type Line } from './span.ts'

const SHOWN = 5

/** Release branches and tags that no sprint follows, with the command that takes them over. */
export function unfollowedLines(all: readonly Unfollowed[]): Line[] {
  const more = all.length - SHOWN
  return [
    ...all.slice(0, SHOWN).map((each) => [span('  '), ...unfollowedSpans(each)]),
    ...(more > 0 ? [[span(`  and ${more} more`, 'dim')]] : []),
  ]
}

export function unfollowedSpans(each: Unfollowed): Line {
  const names = each.refs.slice(0, 3).join(', ')
  const more = each.refs.length > 3 ? ` and ${each.refs.length - 3} more` : ''
  return [
    span(`no sprint follows ${names}${more}; `),
    span(adoptCommand(each), 'cyan'),
    span(` takes ${each.refs.length === 1 ? 'it' : 'them'} over`),
  ]
}
