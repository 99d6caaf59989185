/** The part of `slipway env --json` that is told at the end. */
export type Environment = { readonly name: string; readonly current: Deployed | null; readonly past: readonly Deployed[] }

type Deployed = {
  readonly epoch: number
  readonly tag: string
  /** Digest by service. */
  readonly images: Readonly<Record<string, string>>
  readonly since: string
  readonly approval: { readonly by: string } | null
  readonly rollback: { readonly fromEpoch: number; readonly by: string } | null
}

/** One row a deployment. An image is built for the first deployment that has its digest; after that it is the same one. */
export function deploymentRows(environments: readonly Environment[]): string[][] {
  const all = environments.flatMap(({ name, current, past }) =>
    [...past, ...(current === null ? [] : [current])].map((deployed) => ({ name, ...deployed, runs: deployed === current })),
  )
  const left = new Set(all.flatMap(({ name, rollback }) => (rollback === null ? [] : [`${name} ${rollback.fromEpoch}`])))
  const seen = new Set<string>()
  return all
    .toSorted((a, b) => a.since.localeCompare(b.since))
    .map((deployed) => [
      deployed.name,
      `epoch ${deployed.epoch}`,
      deployed.tag,
      ...Object.entries(deployed.images).flatMap(([service, digest]) => {
        const made = seen.has(digest) ? 'reused' : 'built'
        seen.add(digest)
        return [service, short(digest), made]
      }),
      remarks(deployed, left.has(`${deployed.name} ${deployed.epoch}`)),
    ])
}

function remarks({ runs, approval, rollback }: Deployed & { readonly runs: boolean }, wasLeft: boolean): string {
  return [
    ...(runs ? ['← runs now'] : []),
    ...(approval === null ? [] : [`approved by ${approval.by}`]),
    ...(rollback === null ? [] : [`brought back by ${rollback.by}`]),
    ...(wasLeft ? ['rolled back'] : []),
  ].join(', ')
}

function short(digest: string): string {
  return digest.slice(0, 'sha256:'.length + 12)
}
