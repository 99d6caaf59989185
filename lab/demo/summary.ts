import type { LabEnv } from '../env.ts'
import { duration } from '../log.ts'
import { deploymentRows, type Environment } from './deployment-rows.ts'
import { tellPage } from './endings.ts'
import type { Screen } from './screen.ts'
import type { Shell } from './shell.ts'
import { FIRST, SECOND } from './stage.ts'
import type { StageTimes } from './stage-times.ts'

/** The part of `slipway status --json` that is told here. */
type Finished = {
  readonly mergeBack: {
    readonly tag: string
    readonly targets: readonly {
      readonly branch: string
      readonly how: 'merged' | 'merge' | 'squash' | 'person' | null
      readonly revision: string | null
    }[]
  } | null
}

type Told = {
  readonly env: LabEnv
  readonly project: string
  readonly shell: Shell
  readonly screen: Screen
  readonly times: StageTimes
  readonly tookMs: number
}

/** What was built and what reused, what was deployed where and by which digest, what went back and what came back, and how long it all took. */
export async function tellSummary({ env, project, shell, screen, times, tookMs }: Told): Promise<void> {
  const [first, second, all] = await Promise.all([
    shell.ask(`slipway status ${FIRST} --json`),
    shell.ask(`slipway status ${SECOND} --json`),
    shell.ask('slipway env --json'),
  ])
  const rows = deploymentRows((JSON.parse(all) as { readonly environments: readonly Environment[] }).environments)
  screen.act(`summary: from the first push to the second merge-back in ${duration(tookMs)}, by ${shell.count()} commands`)
  screen.table('Deployed, in this order', rows)
  screen.tell(
    `${count(rows, 'built')} images were built, and ${count(rows, 'reused')} times one was used again under a further name: the digest is the same.`,
  )
  screen.table(
    'Merged back',
    [first, second].flatMap((text) => mergeRows(JSON.parse(text) as Finished)),
  )
  screen.table(
    'How long it took',
    times.all().map(({ stage, ms }) => [duration(ms).padStart(5), stage]),
  )
  tellPage(screen, env, project)
}

function mergeRows({ mergeBack }: Finished): string[][] {
  return (mergeBack?.targets ?? []).map(({ branch, how, revision }) => [
    mergeBack?.tag ?? '',
    branch,
    (revision ?? '').slice(0, 8),
    how === 'merged' ? 'merged by Slipway' : 'merged by a person',
  ])
}

function count(rows: readonly (readonly string[])[], word: string): number {
  return rows.flat().filter((cell) => cell === word).length
}
