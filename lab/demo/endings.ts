import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { LabEnv } from '../env.ts'
import { lastLines } from '../machine/run.ts'
import type { Sample } from '../sample.ts'
import { namespaceOf } from './namespace.ts'
import type { Screen } from './screen.ts'
import { VERSION } from './story.ts'

/** Everything runs on: what a person may try now. */
export function tellKept(screen: Screen, { sample, checkout }: { readonly sample: Sample; readonly checkout: string }): void {
  screen.commands('Everything runs on. Try:', [
    [`cd ${relative(checkout, sample.folder)}`, 'the sample project'],
    ['npx slipway status', 'where the sprint stands'],
    ['npx slipway env prod', 'what runs in production, and who approved it'],
    ['npx slipway logs api', 'how the api was built'],
    ['npx slipway start 1.1.0', 'the next sprint'],
    ['git push origin develop', 'after a commit of yours: it is on integration seconds later'],
    ['npx slipway status 1.1.0 --watch', 'live'],
    [`curl ${sample.integrationUrl}`, 'what integration serves'],
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
  if (log !== '') screen.table(`The worker’s log, ${file}, ends with`, lastLines(log, 8).split('\n').map((line) => [line]))
}

export function tellPage(screen: Screen, env: LabEnv, project: string): void {
  const { uiAddress } = env.temporal
  if (uiAddress === null) return
  screen.commands('Temporal’s own page of all this:', [[`${uiAddress}/namespaces/${namespaceOf(env, project)}/workflows`, '']])
}
