import type { DeliveryResult, Results } from '../results.ts'
import { aimsOf, mega } from './aims.ts'
import { markdownTable } from './markdown.ts'
import { conditions, section, spread, SPREAD } from './sections.ts'
import { BY_HAND, lengthOf, SLIPWAY, SLIPWAY_BESIDE, total, type Stretch } from './stretches.ts'

/** Everything that was measured, as a section of Markdown. */
export function tablesOf(results: Results): string {
  const sections = [
    conditions(results),
    aims(results),
    delivery(results),
    wayOfSlipway(results),
    wayByHand(results),
    others(results),
    memory(results),
  ]
  return sections.filter((section) => section !== null).join('\n\n')
}

function aims(results: Results): string | null {
  const all = aimsOf(results)
  if (all.length === 0) return null
  return section(
    'Aims',
    markdownTable(
      ['what', 'aim', 'median', ''],
      all.map(({ what, aim, measured, met }) => [what, aim, measured, met ? 'met' : '**missed**']),
    ),
  )
}

function delivery({ delivery: all }: Results): string | null {
  if (all === null) return null
  const rows = all.map(({ way, target, services, served }) => [
    `${target}, ${services} service${services === 1 ? '' : 's'}, ${way}`,
    ...spread(served),
  ])
  return section('From `git push` to served (ms)', markdownTable(['', ...SPREAD], rows))
}

function wayOfSlipway({ delivery: all }: Results): string | null {
  const kinds = (all ?? []).filter(({ way }) => way === 'Slipway')
  if (kinds.length === 0) return null
  const sums = (['git', 'work', 'Temporal'] as const).map((kind) => [
    `all of ${kind}`,
    kind,
    ...kinds.map(({ moments }) => String(total(kind, moments))),
  ])
  const head = ['stretch', 'whose', ...kinds.map(titleOf)]
  const way = markdownTable(head, [...stretchRows(SLIPWAY, kinds), ...sums])
  const beside = markdownTable(head, stretchRows(SLIPWAY_BESIDE, kinds))
  return section(
    'Where the time of Slipway goes (ms, between medians)',
    `${way}\n\nThat is the way to the first answer. Beside it:\n\n${beside}`,
  )
}

function wayByHand({ delivery: all }: Results): string | null {
  const kinds = (all ?? []).filter(({ way }) => way === 'by hand')
  if (kinds.length === 0) return null
  return section(
    'Where the time of the script goes (ms, between medians)',
    markdownTable(['stretch', 'whose', ...kinds.map(titleOf)], stretchRows(BY_HAND, kinds)),
  )
}

function others({ tag, status, steps }: Results): string | null {
  const rows = [
    ...(tag === null
      ? []
      : [
          ['tag, by hand: build and push again, all in the builder’s cache', ...spread(tag.rebuiltCached)],
          ['tag, by hand: build and push again, nothing in the cache', ...spread(tag.rebuilt)],
          ['tag, Slipway: the promotion itself', ...spread(tag.promoted)],
          ['tag, Slipway: from `git push` until the registry has the names', ...spread(tag.pushedToNamed)],
        ]),
    ...(status === null
      ? []
      : [
          ['`slipway status`, the whole process', ...spread(status.warm)],
          ['`slipway status`, the very first time', ...spread(status.first)],
          ['Node alone, an empty program', ...spread(status.bareNode)],
        ]),
    ...(steps === null ? [] : [[`a Temporal step (${steps.activities} activities, one after another)`, ...spread(steps.perStep)]]),
  ]
  if (rows.length === 0) return null
  const services = tag === null ? '' : `; tags of ${tag.services} services`
  return section(`Beside deliveries (ms${services})`, markdownTable(['', ...SPREAD], rows))
}

function memory({ memory: found, afterwards }: Results): string | null {
  const rows = [
    ...(found === null
      ? []
      : [
          ['idle, one project', found.idle] as const,
          [`${found.projects} open sprints of ${found.projects} projects`, found.sprints] as const,
        ]),
    ...(afterwards === null ? [] : [['after all deliveries above', afterwards] as const]),
  ]
  if (rows.length === 0) return null
  const table = markdownTable(
    ['worker', 'RSS', 'PSS'],
    rows.map(([name, { rssMiB, pssMiB }]) => [name, ...[rssMiB, pssMiB].map((mebibytes) => String(Math.round(mega(mebibytes))))]),
  )
  const filled =
    found === null
      ? ''
      : `\n\nThe idle worker was ready ${found.readyMs} ms after its start; the ${found.projects} projects were all looked at and built, and their sprints open, after ${found.filledSeconds} s.`
  return section('Memory of the worker (MB, prebuilt workflow bundle)', `${table}${filled}`)
}

function stretchRows(stretches: readonly Stretch[], kinds: readonly DeliveryResult[]): string[][] {
  return stretches.map((stretch) => [stretch.name, stretch.kind, ...kinds.map(({ moments }) => String(lengthOf(stretch, moments) ?? '–'))])
}

function titleOf({ target, services }: DeliveryResult): string {
  return `${target} ${services}`
}
