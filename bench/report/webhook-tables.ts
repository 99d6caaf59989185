import { summarise } from '../statistics.ts'
import type { WebhookResults } from '../webhooks/results.ts'
import { markdownTable } from './markdown.ts'
import { conditions, section } from './sections.ts'

/** Everything that was measured, as a section of Markdown. */
export function webhookTablesOf(results: WebhookResults): string {
  const { steps, sustained, limitMs, hints, webhooks } = results
  const { min, median, max } = summarise(sustained)
  const said = `The most of which 99 in 100 are answered within ${limitMs} ms: **${median} a second** (${min} to ${max} in ${sustained.length} rounds). Of ${webhooks} webhooks Temporal was told ${hints} times.`
  const rows = steps.map(({ perSecond, p50, p99, max: most, refused }) => [perSecond, p50, p99, most, refused].map(String))
  const table = markdownTable(['webhooks a second', 'p50', 'p99', 'max', 'not taken'], rows)
  return [conditions(results), section('Verified webhooks (ms; the round in the middle)', `${said}\n\n${table}`)].join('\n\n')
}
