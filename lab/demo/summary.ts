import { duration } from '../log.ts'
import type { Screen } from './screen.ts'
import type { Shell } from './shell.ts'
import type { StageTimes } from './stage-times.ts'
import { VERSION } from './story.ts'

/** The part of `slipway status --json` and `slipway env --json` that is told here. */
type Status = {
  readonly candidates: readonly { readonly revision: string; readonly images: Readonly<Record<string, { readonly digest: string; readonly reused: boolean }>> }[]
}
type Environments = {
  readonly environments: readonly {
    readonly name: string
    readonly epoch: number
    readonly current: Deployed | null
    readonly past: readonly Deployed[]
  }[]
}
type Deployed = { readonly tag: string; readonly revision: string; readonly epoch: number; readonly images: Readonly<Record<string, string>>; readonly approval: { readonly by: string } | null }

/** What was built and what reused, what was deployed where and by which digest, and how long it all took. */
export async function tellSummary(shell: Shell, screen: Screen, times: StageTimes, tookMs: number): Promise<void> {
  const [{ candidates }, { environments }] = await Promise.all([
    shell.ask(`slipway status ${VERSION} --json`).then((text) => JSON.parse(text) as Status),
    shell.ask('slipway env --json').then((text) => JSON.parse(text) as Environments),
  ])
  screen.act(`summary: from the first push to an approved production in ${duration(tookMs)}, by ${shell.count()} commands`)
  const deployments = environments.flatMap(({ name, current, past }) => [...past, ...(current === null ? [] : [current])].map((deployed) => ({ name, ...deployed })))
  screen.table('Built and reused', imageRows(deployments, candidates))
  screen.table(
    'Deployed',
    environments.flatMap(({ name, current, past }) =>
      [...past.toReversed(), ...(current === null ? [] : [current])].map((one) => [
        name,
        `epoch ${one.epoch}`,
        one.tag,
        ...Object.entries(one.images).map(([service, digest]) => `${service} ${short(digest)}`),
        one === current ? `← runs now${one.approval === null ? '' : `, approved by ${one.approval.by}`}` : '',
      ]),
    ),
  )
  screen.table(
    'How long it took',
    times.all().map(({ stage, ms }) => [stage, duration(ms)]),
  )
}

/** Every digest once, with the tags it was deployed under. */
function imageRows(deployments: readonly (Deployed & { readonly name: string })[], candidates: Status['candidates']): string[][] {
  const rows = new Map<string, { service: string; digest: string; tags: Set<string> }>()
  for (const { images, tag } of deployments) {
    for (const [service, digest] of Object.entries(images)) {
      const row = rows.get(digest) ?? { service, digest, tags: new Set<string>() }
      row.tags.add(tag)
      rows.set(digest, row)
    }
  }
  return [...rows.values()].toSorted((a, b) => a.service.localeCompare(b.service)).map(({ service, digest, tags }) => [service, short(digest), 'built once, deployed as', [...tags].join(', ')])
}

function short(digest: string): string {
  return digest.slice(0, 'sha256:'.length + 12)
}
