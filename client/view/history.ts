import type { History } from '../json/history.ts'
import { moment } from './duration.ts'
import { span, table, type Line, type Style } from './span.ts'

export function historyLines(history: History): Line[] {
  return [
    [span(`${history.project} ${history.version}`, 'bold'), span('  times are UTC', 'dim')],
    ...table(
      history.entries.map((entry) => [
        span(moment(Date.parse(entry.at)), 'dim'),
        span(entry.where),
        span(`${entry.text}${entry.by === null ? '' : ` — ${entry.by}`}`, STYLES[entry.event]),
      ]),
    ),
  ]
}

const STYLES: Readonly<Record<string, Style | undefined>> = {
  denied: 'yellow',
  failed: 'red',
  restored: 'red',
  buildFailed: 'red',
  aborted: 'red',
  rolledBack: 'red',
  rollback: 'yellow',
  vetoed: 'yellow',
  overridden: 'yellow',
  mergeWaits: 'yellow',
  live: 'green',
  finished: 'green',
}
