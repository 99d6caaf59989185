import type { PlannedChange } from '../../activities/contract.ts'
import { lackOf } from '../../domain/environment/judge-override.ts'
import { shortSha } from '../../domain/revision.ts'
import type { Plan } from '../json/plan.ts'
import { BLANK, span, type Line, type Style } from './span.ts'

/** What would be deployed in place of what, and below it what changes on the target, object by object. */
export function planLines(plan: Plan): Line[] {
  const { environment, tag, revision, replaces, request, lacks, hooks, irreversible } = plan
  const asked = request === null || request === tag ? [] : [span(`  request ${request}`, 'dim')]
  return [
    [span(environment, 'bold'), span(`  ${tag} at ${shortSha(revision)}`), ...asked],
    [
      span(
        replaces === null
          ? '  it is the first deployment: there is nothing to restore'
          : `  in place of ${replaces.tag} (epoch ${replaces.epoch}, ${shortSha(replaces.revision)})`,
      ),
    ],
    ...(replaces !== null && lacks > 0 ? [[span(`  it lacks ${lackOf({ tag: replaces.tag, commits: lacks })}`, 'yellow')]] : []),
    ...hooks.map(({ name, when, kind }) => [span(`  ${when} it: the hook ${name} (${kind})`)]),
    ...(irreversible === null
      ? []
      : [[span(`  it cannot be taken back, because of ${irreversible.name}: ${irreversible.reason}`, 'yellow')]]),
    ...changeLines(plan),
  ]
}

/** The changes alone, with their summary. */
export function changeLines({ changes, counts }: Pick<Plan, 'changes'> & { readonly counts: Parameters<typeof planCounts>[0] }): Line[] {
  const shown = changes.filter(({ change, note }) => change !== 'unchanged' || note !== null)
  return [...shown.flatMap(linesOf), ...(shown.length > 0 ? [BLANK] : []), [span(planCounts(counts), 'bold')]]
}

const SIGNS: Readonly<Record<PlannedChange['change'], readonly [sign: string, style: Style]>> = {
  create: ['+', 'green'],
  update: ['~', 'yellow'],
  replace: ['-/+', 'red'],
  delete: ['-', 'red'],
  unknown: ['?', 'yellow'],
  unchanged: ['=', 'dim'],
}

function linesOf({ object, change, diff, note }: PlannedChange): Line[] {
  const [sign, style] = SIGNS[change]
  return [
    [span(`${sign.padStart(3)} `, style), span(object, 'bold'), span(`  ${change}`, style)],
    ...(note === null ? [] : [[span(`      ${note}`, change === 'unchanged' ? 'dim' : 'yellow')]]),
    ...(diff === null ? [] : diff.split('\n').map((line): Line => [span('      '), span(line, styleOf(line))])),
  ]
}

function styleOf(line: string): Style | undefined {
  if (line.startsWith('+')) return 'green'
  if (line.startsWith('-')) return 'red'
  return line.startsWith('@@') || line.startsWith('…') ? 'cyan' : undefined
}

/** `1 to update, 7 unchanged`. */
export function planCounts(counts: Readonly<Partial<Record<PlannedChange['change'], number>>>): string {
  const { unchanged = 0, unknown = 0, ...changing } = counts
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  const parts = (['create', 'update', 'replace', 'delete'] as const).flatMap((kind) =>
    (changing[kind] ?? 0) === 0 ? [] : [`${changing[kind]} to ${kind}`],
  )
  if (unknown > 0) parts.push(`${unknown} that cannot be told beforehand`)
  if (parts.length === 0) return `nothing changes: ${total === 1 ? 'the one object is' : `all ${total} objects are`} there already`
  return [...parts, ...(unchanged > 0 ? [`${unchanged} unchanged`] : [])].join(', ')
}
