import { rollbackTargets } from '../domain/environment/judge-rollback.ts'
import { verifiedHere, type Deployed, type EnvironmentState } from '../domain/environment/state.ts'
import { nearest } from '../config/mistakes/nearest.ts'
import { notFound, refused } from './exit.ts'

export type WayBack = { readonly epoch: number; readonly to: Deployed | null }

/**
 * What a rollback goes back to: an epoch (which the environment judges), the newest epoch that a tag was verified as (a
 * vetoed one is named too, so that the environment refuses it and records that), or the newest that is possible.
 */
export function wayBack(state: EnvironmentState, wanted: number | string | undefined): WayBack {
  const verified = verifiedHere(state)
  if (typeof wanted === 'number') return { epoch: wanted, to: verified.find(({ epoch }) => epoch === wanted) ?? null }
  const [newest] = rollbackTargets(state)
  if (wanted === undefined && newest === undefined) throw refused(nothing(state), [...lifts(state), `slipway env ${state.name}`])
  const tagged = verified.filter(({ tag }) => tag === wanted)
  const to = wanted === undefined ? newest : (tagged.find((deployed) => !runsNow(state, deployed)) ?? tagged[0])
  if (to === undefined) throw unknownTag(state, `${wanted}`)
  return { epoch: to.epoch, to }
}

function runsNow(state: EnvironmentState, { snapshot }: Deployed): boolean {
  return !state.broken && snapshot.hash === state.current?.snapshot.hash
}

function nothing({ name, current, vetoes }: EnvironmentState): string {
  if (current === null) return `nothing was verified in ${name} yet: there is nothing to go back to`
  const vetoed = vetoes.length === 0 ? '' : ` that is not vetoed (${vetoes.map(({ tag, epoch }) => `${tag}, epoch ${epoch}`).join('; ')})`
  return `nothing else was verified in ${name} before ${current.tag} (epoch ${current.epoch})${vetoed}`
}

function lifts({ name, vetoes, current }: EnvironmentState): string[] {
  return current === null ? [] : vetoes.slice(-1).map(({ epoch }) => `slipway unveto ${name} ${epoch} --reason …`)
}

/** Of an epoch that was never verified, or too long ago: those that one can go back to. */
export function unknownEpoch(state: EnvironmentState, epoch: number | string) {
  const targets = rollbackTargets(state)
  const list = targets.length === 0 ? 'nothing' : targets.map((other) => `${other.epoch} (${other.tag})`).join(', ')
  return notFound(`epoch ${epoch} was never verified in ${state.name}, or is too old to be known; one can go back to ${list}`, [
    `slipway env ${state.name}`,
  ])
}

function unknownTag(state: EnvironmentState, tag: string) {
  const targets = rollbackTargets(state)
  const meant = nearest(tag, [...new Set(verifiedHere(state).map((deployed) => deployed.tag))])
  const list = targets.length === 0 ? 'nothing' : targets.map((other) => `${other.tag} (epoch ${other.epoch})`).join(', ')
  const guess = meant === null ? '; one' : `; did you mean ${meant}? One`
  return notFound(
    `${tag} was never verified in ${state.name}, or too long ago${guess} can go back to ${list}`,
    targets.slice(0, 3).map(({ epoch }) => `slipway rollback ${state.name} --to ${epoch} --reason …`),
  )
}
