import { NOTHING, plus, timesIn, type Size } from '../history/size.ts'
import type { HistoryResult, LifeResults, RollbackResult } from '../life/results.ts'
import { markdownTable } from './markdown.ts'
import { conditions, section, spread, SPREAD } from './sections.ts'
import { lengthOf, ROLLBACK } from './stretches.ts'

/** Everything that was measured, as a section of Markdown. */
export function lifeTablesOf(results: LifeResults): string {
  const sections = [
    conditions(results),
    back(results),
    backDone(results),
    wayBack(results),
    merge(results),
    finish(results),
    ...(results.history === null ? [] : [pushes(results.history), sprint(results.history), renewal(results.history)]),
  ]
  return sections.filter((each) => each !== null).join('\n\n')
}

const titleOf = ({ target, way }: RollbackResult) => `${target}, ${way}`

function back({ rollback }: LifeResults): string | null {
  if (rollback === null) return null
  const rows = sorted(rollback).map((kind) => [titleOf(kind), ...spread(kind.served)])
  return section('From the command until the old version answers (ms)', markdownTable(['', ...SPREAD], rows))
}

function backDone({ rollback }: LifeResults): string | null {
  if (rollback === null) return null
  const rows = sorted(rollback).map((kind) => [titleOf(kind), ...spread(kind.done)])
  return section('From the command until it is said to be done (ms)', markdownTable(['', ...SPREAD], rows))
}

function wayBack({ rollback }: LifeResults): string | null {
  const kinds = (rollback ?? []).filter(({ moments }) => moments['started'] !== undefined)
  if (kinds.length === 0) return null
  const rows = ROLLBACK.map((stretch) => [stretch.name, ...kinds.map(({ moments }) => String(lengthOf(stretch, moments) ?? '–'))])
  const table = markdownTable(['stretch', ...kinds.map(({ target }) => target)], rows)
  return section("Where the time of Slipway's rollback goes (ms, between medians)", table)
}

function sorted(kinds: readonly RollbackResult[]): RollbackResult[] {
  return kinds.toSorted((a, b) => a.target.localeCompare(b.target))
}

function merge({ merge: found }: LifeResults): string | null {
  if (found === null) return null
  const count = new Intl.NumberFormat('en')
  const size = `${count.format(found.commits)} commits, ${found.releaseCommits} of them the release's, ${count.format(found.files)} files`
  const rows = found.rows.map(({ what, took }) => [what, ...spread(took)])
  return section(`The merge-back itself (ms; ${size})`, markdownTable(['', ...SPREAD], rows))
}

function finish({ finish: found }: LifeResults): string | null {
  if (found === null) return null
  const { count, median, min, max } = found
  return `From the start of \`slipway finish\` until the sprint is finished, with both merges pushed, on the small projects of this run: ${Math.round(median)} ms in the middle of ${count} (${Math.round(min)} to ${Math.round(max)} ms).`
}

function pushes({ pushes: found }: HistoryResult): string {
  const kinds = [...new Set(found.flatMap(({ costs }) => costs.map(({ kind }) => kind)))]
  const cost = (costs: readonly (Size & { readonly kind: string })[], kind: string) => costs.find((each) => each.kind === kind) ?? NOTHING
  const columns = (size: Size) => [String(size.events), kilo(size.bytes)]
  const rows = kinds.map((kind) => [kind, ...found.flatMap(({ costs }) => columns(cost(costs, kind)))])
  const all = ['all of them', ...found.flatMap(({ costs }) => columns(costs.reduce<Size>(plus, NOTHING)))]
  const head = ['workflow', ...found.flatMap(({ branch }) => [`${branch}: events`, 'kB'])]
  return section(`What one push adds to the histories (medians of ${found[0]?.pushes ?? 0})`, markdownTable(head, [...rows, all]))
}

function sprint({ sprint: found, pushes: counted }: HistoryResult): string {
  const there = found.filter(({ workflows }) => workflows > 0)
  const rows = there.map(({ kind, workflows, events, bytes }) => [kind, String(workflows), String(events), kilo(bytes)])
  const sum = there.reduce<Size>(plus, NOTHING)
  const all = ['all of them', String(there.reduce((count, { workflows }) => count + workflows, 0)), String(sum.events), kilo(sum.bytes)]
  const each = (counted[0]?.pushes ?? 0) + 1
  const title = `What a finished sprint holds (from a new project to the merge-back, ${each} pushes to each branch)`
  return section(title, markdownTable(['workflow', 'how many', 'events', 'kB'], [...rows, all]))
}

/** Server default `limit.historySize.suggestContinueAsNew`; the number of events is what was seen. */
const SUGGESTED_BYTES = 4 * 2 ** 20

function renewal({ pushes: found, sweep, suggested }: HistoryResult): string {
  const allowed = { events: suggested.events, bytes: SUGGESTED_BYTES }
  const rows = found.flatMap(({ branch, costs }) =>
    costs
      .filter(({ kind }) => kind === 'repository' || kind === 'environment' || kind === 'sprint')
      .map((cost) => [`${cost.kind}, pushes to ${branch}`, String(cost.events), kilo(cost.bytes), `${timesIn(allowed, cost)} pushes`]),
  )
  const looks =
    sweep === null
      ? []
      : [['repository, looks that find nothing', String(sweep.events), kilo(sweep.bytes), looked(timesIn(allowed, sweep))]]
  const table = markdownTable(['workflow, and what makes it grow', 'events', 'kB', 'continues as new after'], [...rows, ...looks])
  const seen = `The server first suggested to continue as new at ${suggested.events} events (${kilo(suggested.bytes)} kB), and the repository did; by its default it does so at ${SUGGESTED_BYTES / 2 ** 20} MiB too.`
  return section('How far a history goes', `${table}\n\n${seen}`)
}

/** The timer's default is once in a minute. */
function looked(times: number): string {
  return `${times} looks, ${(times / 60).toFixed(1)} h`
}

function kilo(bytes: number): string {
  return (bytes / 1000).toFixed(1)
}
