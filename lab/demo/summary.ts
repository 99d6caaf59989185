import type { LabEnv } from '../env.ts'
import { duration } from '../log.ts'
import { tellPage } from './endings.ts'
import type { Screen } from './screen.ts'
import type { Shell } from './shell.ts'
import type { StageTimes } from './stage-times.ts'
import { VERSION } from './story.ts'

/** The part of `slipway env --json` that is told here. */
type Environments = {
  readonly environments: readonly { readonly name: string; readonly current: Deployed | null; readonly past: readonly Deployed[] }[]
}
type Deployed = {
  readonly epoch: number
  readonly tag: string
  /** Digest by service. */
  readonly images: Readonly<Record<string, string>>
  readonly since: string
  readonly approval: { readonly by: string } | null
}

type Told = {
  readonly env: LabEnv
  readonly project: string
  readonly shell: Shell
  readonly screen: Screen
  readonly times: StageTimes
  readonly tookMs: number
}

/** What was built and what reused, what was deployed where and by which digest, and how long it all took. */
export async function tellSummary({ env, project, shell, screen, times, tookMs }: Told): Promise<void> {
  const { environments } = JSON.parse(await shell.ask('slipway env --json')) as Environments
  const rows = deploymentRows(environments)
  screen.act(`summary: ${VERSION} went to production in ${duration(tookMs)}, by ${shell.count()} commands`)
  screen.table('Deployed, in this order', rows)
  screen.tell(
    `${count(rows, 'built')} images were built, and ${count(rows, 'reused')} times one was used again under a further name: the digest is the same.`,
  )
  screen.table(
    'How long it took',
    times.all().map(({ stage, ms }) => [duration(ms).padStart(5), stage]),
  )
  tellPage(screen, env, project)
}

/** An image is built for the first deployment that has its digest; after that it is the same one. */
function deploymentRows(environments: Environments['environments']): string[][] {
  const all = environments.flatMap(({ name, current, past }) =>
    [...past, ...(current === null ? [] : [current])].map((deployed) => ({ name, ...deployed, runs: deployed === current })),
  )
  const seen = new Set<string>()
  return all
    .toSorted((a, b) => a.since.localeCompare(b.since))
    .map(({ name, epoch, tag, images, runs, approval }) => [
      name,
      `epoch ${epoch}`,
      tag,
      ...Object.entries(images).flatMap(([service, digest]) => {
        const made = seen.has(digest) ? 'reused' : 'built'
        seen.add(digest)
        return [service, short(digest), made]
      }),
      `${runs ? '← runs now' : ''}${approval === null ? '' : `, approved by ${approval.by}`}`,
    ])
}

function count(rows: readonly (readonly string[])[], word: string): number {
  return rows.flat().filter((cell) => cell === word).length
}

function short(digest: string): string {
  return digest.slice(0, 'sha256:'.length + 12)
}
