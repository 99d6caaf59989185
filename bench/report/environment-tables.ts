import type { EnvironmentResults } from '../environment/results.ts'
import { markdownTable } from './markdown.ts'
import { conditions, section, spread, SPREAD } from './sections.ts'

/** Everything that was measured, as a section of Markdown. */
export function environmentTablesOf(results: EnvironmentResults): string {
  return [conditions(results), plan(results)].filter((each) => each !== null).join('\n\n')
}

function plan({ plan: found }: EnvironmentResults): string | null {
  if (found === null) return null
  const rows = found.rows.map(({ what, took }) => [what, ...spread(took)])
  const title = `What would change? (ms; ${found.objects} objects, ${found.changed} of which differ)`
  return section(title, markdownTable(['', ...SPREAD], rows))
}
