import type { Fence } from '../contract.ts'
import type { HookActInput } from './target.ts'

/** Which run of a hook it is. */
export type HookRun = Pick<HookActInput, 'project' | 'environment' | 'fence'> & {
  readonly hook: Pick<HookActInput['hook'], 'name' | 'run'>
}

/** `<epoch>.<hook>.<run>.<identity>`: what of an environment is started at most once. None of the four has a dot in it. */
export function hookKey(which: HookRun): string {
  const { identity } = which.fence
  return identity === undefined ? plainHookKey(which) : `${plainHookKey(which)}.${identity}`
}

/** Without the identity, as an earlier version noted what it had begun. */
export function plainHookKey({ fence, hook }: Pick<HookRun, 'fence' | 'hook'>): string {
  return `${fence.epoch}.${hook.name}.${hook.run}`
}

/** Whether a run of that key is of a deployment before the one that has this fence, or of another one with its epoch. */
export function isOlderRun(key: string, { epoch, identity }: Fence): boolean {
  const [runEpoch, , , runIdentity] = key.split('.')
  if (Number(runEpoch) !== epoch) return Number(runEpoch) < epoch
  return runIdentity !== undefined && identity !== undefined && runIdentity !== identity
}
