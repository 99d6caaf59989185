import type { Snapshot, SnapshotHook, TargetKind } from '../snapshot.ts'
import type { Preparation } from './state.ts'

/** What of a prepared request is not what was approved, each by the name that a person knows it by. */
export function whatDiffers(approved: Preparation, now: Preparation): string[] {
  const [before, after] = [approved.snapshot, now.snapshot]
  return [
    ...images(before, after),
    ...(before.content === after.content ? [] : [CONTENT[after.target]]),
    ...hooks(before.hooks ?? [], after.hooks ?? []),
    ...(JSON.stringify(before.irreversible) === JSON.stringify(after.irreversible) ? [] : ['what cannot be taken back']),
    ...(before.configHash === after.configHash ? [] : ['slipway.yaml']),
    ...(before.estateHash === after.estateHash ? [] : ['estate.yaml']),
    ...(approved.replacesEpoch === now.replacesEpoch ? [] : [replaced(approved, now.replacesEpoch)]),
  ]
}

/** `the epoch it replaces (2 when it was approved, 3 now)`. */
export function replaced({ replacesEpoch }: Preparation, now: number | null): string {
  return `the epoch it replaces (${replacesEpoch ?? 'none'} when it was approved, ${now ?? 'none'} now)`
}

const CONTENT: Readonly<Record<TargetKind, string>> = {
  kustomize: 'the manifests',
  compose: 'the compose configuration',
  script: 'what the script is given',
}

function images({ candidate: before }: Snapshot, { candidate: after }: Snapshot): string[] {
  const services = [...before.images, ...after.images].map(({ service }) => service)
  const digestOf = (of: typeof before, service: string) => of.images.find((image) => image.service === service)?.digest
  return [...new Set(services)]
    .filter((service) => digestOf(before, service) !== digestOf(after, service))
    .map((service) => `the image of ${service}`)
}

function hooks(before: readonly SnapshotHook[], after: readonly SnapshotHook[]): string[] {
  const names = [...new Set([...before, ...after].map(({ name }) => name))]
  const textOf = (of: readonly SnapshotHook[], name: string) => JSON.stringify(of.find((hook) => hook.name === name) ?? null)
  return names.filter((name) => textOf(before, name) !== textOf(after, name)).map((name) => `the hook ${name}`)
}
