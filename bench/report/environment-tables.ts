import type { EnvironmentResults, StormCost } from '../environment/results.ts'
import { markdownTable } from './markdown.ts'
import { conditions, section, spread, SPREAD } from './sections.ts'

/** Everything that was measured, as a section of Markdown. */
export function environmentTablesOf(results: EnvironmentResults): string {
  return [conditions(results), plan(results), crash(results), storm(results), approval(results)]
    .filter((each) => each !== null)
    .join('\n\n')
}

function plan({ plan: found }: EnvironmentResults): string | null {
  if (found === null) return null
  const rows = found.rows.map(({ what, took }) => [what, ...spread(took)])
  const title = `What would change? (ms; ${found.objects} objects, ${found.changed} of which differ)`
  return section(title, markdownTable(['', ...SPREAD], rows))
}

function crash({ crash: found }: EnvironmentResults): string | null {
  if (found === null) return null
  const rows = found.flatMap(({ target, back, silent }) => [
    [`${target}: until the version before is verified again`, ...spread(back)],
    [`${target}: the version before did not answer`, ...spread(silent)],
  ])
  return section('A version that crashes at once, and nobody does anything (ms)', markdownTable(['', ...SPREAD], rows))
}

function storm({ storm: found }: EnvironmentResults): string | null {
  if (found === null) return null
  const { pushes, withinSeconds, storm: many, single } = found
  const row = (what: string, of: (cost: StormCost) => string | number) => [what, String(of(many)), String(of(single))]
  const rows = [
    row('pushing took (s)', ({ pushedMs }) => (pushedMs / 1000).toFixed(1)),
    row('from the last push until it is verified (s)', ({ settledMs }) => (settledMs / 1000).toFixed(1)),
    row('builds', ({ builds }) => builds),
    row('deployments', ({ deployments }) => deployments),
    row('activities', ({ activities }) => activities),
    row('events of repository and environment', ({ entities }) => entities.events),
    row('their histories (kB)', ({ entities }) => (entities.bytes / 1000).toFixed(1)),
  ]
  return section(`Pushes to develop, as fast as ${pushes} in ${withinSeconds} s`, markdownTable(['', `${pushes} pushes`, 'one push'], rows))
}

function approval({ approval: found }: EnvironmentResults): string | null {
  if (found === null) return null
  const rows = [
    ['until the command has answered', ...spread(found.answered)],
    ['until the deployment has begun', ...spread(found.begun)],
  ]
  return section('A signed approval, from the start of `slipway approve` (ms)', markdownTable(['', ...SPREAD], rows))
}
