import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { LabEnv } from '../env.ts'
import { lastLines } from '../machine/run.ts'
import type { Sample } from '../sample.ts'
import { namespaceOf } from './namespace.ts'
import type { Screen } from './screen.ts'
import { APPROVER, FIRST, HOTFIX, SECOND, THIRD } from './stage.ts'

/** Everything runs on: what a person may try now. */
export function tellKept(screen: Screen, { sample, checkout }: { readonly sample: Sample; readonly checkout: string }): void {
  screen.commands('Everything runs on. Try:', [
    [`cd ${relative(checkout, sample.folder)}`, 'the sample project'],
    ['npx slipway', `where the open sprint, ${THIRD}, stands`],
    ['npx slipway env prod', 'what runs in production, who approved it, and what may not come back'],
    [`npx slipway history ${SECOND}`, 'who did what and when, the rollback and the hotfix too'],
    [`npx slipway logs ${HOTFIX} --service website`, 'how the hotfix was built'],
    [
      'git switch develop && git pull && git commit --allow-empty -m Try && git push',
      'a push of yours: seconds later it is on integration',
    ],
    [`npx slipway cut ${THIRD}`, 'its release branch, on alpha a moment later'],
    [`npx slipway status ${THIRD} --watch`, 'live, until Ctrl-C'],
    [`npx slipway rollback prod --reason 'to see it' --as ${APPROVER}`, `back to v${FIRST} once more`],
    [`curl ${sample.integrationUrl}/`, 'what integration serves'],
  ])
  screen.commands('And when you have seen enough, in this checkout:', [
    ['npm run lab -- status', 'what runs'],
    ['npm run lab -- down', 'ends it all, the worker too'],
  ])
}

export function tellLeft(screen: Screen, { labWasUp }: { readonly labWasUp: boolean }): void {
  screen.tell(
    labWasUp
      ? 'The worker has ended and the sample’s deployments are removed. The lab was up before and stays so, with what Temporal recorded.'
      : 'All is as it was before.',
  )
  screen.commands('Again, and to play with it:', [['npm run demo -- --keep', 'leaves everything running']])
}

/** @param top the folder above the sample's clone */
export async function tellFailure(screen: Screen, error: unknown, top: string): Promise<void> {
  screen.problem(error instanceof Error ? error.message : String(error))
  const file = join(top, 'worker.log')
  const log = await readFile(file, 'utf8').catch(() => '')
  if (log !== '')
    screen.table(
      `The worker’s log, ${file}, ends with`,
      lastLines(log, 8)
        .split('\n')
        .map((line) => [line]),
    )
}

/** Ctrl-C: the sample is gone, the lab is as it was found. */
export function tellInterrupted(screen: Screen, { labWasUp }: { readonly labWasUp: boolean }): void {
  screen.tell(labWasUp ? 'Ended. The lab was up before and stays so.' : 'Ended; nothing of the demo runs any more.')
}

export function tellPage(screen: Screen, env: LabEnv, project: string): void {
  const { uiAddress, address } = env.temporal
  const namespace = namespaceOf(env, project)
  const [title, where] =
    uiAddress === null
      ? ['All this in Temporal:', `${address}, namespace ${namespace}`]
      : ['All this on Temporal’s own page:', `${uiAddress}/namespaces/${namespace}/workflows`]
  screen.commands(title, [[where, '']])
}
