import { shortSha } from '../../domain/revision.ts'
import type { Wait } from '../../domain/wait.ts'
import { candidatesOf } from '../json/status.ts'
import { nextOf, waitsOf } from '../json/waits.ts'
import type { SprintPicture } from '../picture.ts'
import { age } from './duration.ts'
import { environmentLines } from './environments.ts'
import { fitted, shown, type Section } from './fit.ts'
import { buildLines, candidateLines } from './images.ts'
import { mergeBackLines } from './merge-back.ts'
import { neutral } from './neutral.ts'
import { phaseLine } from './phases.ts'
import { BLANK, span, table, type Line } from './span.ts'
import { unfollowedLines } from './unfollowed.ts'
import { folded } from './width.ts'

/** So many candidates are shown, newest first; the rest is in the history. */
const SHOWN_CANDIDATES = 3

/** `rows`: no more than so many; default: the whole page. */
export type StatusOptions = { readonly spinner: string; readonly columns: number; readonly rows?: number }

/** Where a sprint stands: the whole page of `status`, and one frame of `--watch`. */
export function statusLines(picture: SprintPicture, options: StatusOptions): Line[] {
  const { state } = picture.sprint
  const { now, live } = picture
  const waits = waitsOf(picture)
  const head = [
    [span(state.project, 'bold'), span(' '), span(state.version, 'bold'), ...release(picture)],
    BLANK,
    phaseLine(state.phase, { since: state.since, now, columns: options.columns }),
  ]
  const images = [
    ...live.builds.flatMap((build) => buildLines(build, { now, spinner: options.spinner })),
    ...failedLines(picture),
    ...candidatesOf(picture).slice(0, SHOWN_CANDIDATES).flatMap(candidateLines),
  ]
  // The rank says what is missed least on a small screen; why it waits, and what to type, are missed most.
  const sections: readonly Section[] = [
    { rank: 2, title: 'features', lines: featureLines(picture) },
    { rank: 1, title: 'images', lines: images },
    { rank: 4, title: 'environments', lines: environmentLines(picture.environments, { live, now, spinner: options.spinner }) },
    { rank: 3, title: `merge-back of ${state.mergeBack?.tag ?? ''}`, lines: mergeBackLines(state.mergeBack, now) },
    { rank: 6, title: 'waits for', lines: waitLines(waits, { now, columns: options.columns }) },
    { rank: 0, title: 'not followed', lines: unfollowedLines(picture.unfollowed) },
    { rank: 5, title: 'next', lines: nextLines(nextOf(picture)) },
  ]
  return fitted(head, sections, options.rows ?? Infinity)
}

export function section(title: string, lines: readonly Line[]): Line[] {
  return shown({ rank: 0, title, lines })
}

/** Sentences are folded, never cut: they hold the reason. */
export function waitLines(waits: readonly Wait[], { now, columns }: { readonly now: number; readonly columns: number }): Line[] {
  return waits.flatMap((wait) => {
    const alarming = ALARMING.has(wait.kind) || wait.detail.startsWith('alarm')
    const since = age(wait.since, now)
    const lines = folded(neutral(wait.detail), columns - since.length - 6)
    return lines.map((line, index): Line => [
      span(index === 0 ? '  ' : '    '),
      span(line, alarming ? 'yellow' : undefined),
      ...(index === lines.length - 1 ? [span(`  ${since}`, 'dim')] : []),
    ])
  })
}

const ALARMING: ReadonlySet<Wait['kind']> = new Set([
  'parked',
  'retry',
  'lacks',
  'locked',
  'pinned',
  'freeze',
  'confirmation',
  'rolledBack',
  'drift',
])

export function nextLines(commands: readonly string[]): Line[] {
  return commands.map((command) => [span('  '), span(command, 'cyan')])
}

function release({ sprint }: SprintPicture): Line {
  const { release: released, hotfix } = sprint.state
  return [...(released === null ? [] : [span(`  ${released.tag}`)]), ...(hotfix === null ? [] : [span(`  ${hotfix}`, 'yellow')])]
}

/** Why it failed stands among what it waits for. */
function failedLines({ sprint }: SprintPicture): Line[] {
  const { tags, release: branch, develop } = sprint.state.facts
  return [...tags, branch, develop].flatMap((fact) =>
    fact?.build.status === 'failed'
      ? [[span('  '), span(shortSha(fact.revision), 'bold'), span(`  ${fact.name}  `), span('✗ failed', 'red')]]
      : [],
  )
}

function featureLines({ sprint }: SprintPicture): Line[] {
  return table(
    sprint.state.features.map((feature) =>
      feature.merged === null
        ? [span('○', 'dim'), span(feature.branch), span(`not in ${sprint.state.settings.branches.develop} yet`, 'dim')]
        : [span('✓', 'green'), span(feature.branch), span(MERGED[feature.merged.how], 'dim')],
    ),
  )
}

const MERGED = { merge: 'merged', squash: 'merged (squashed)', person: 'merged, as a person says' }
