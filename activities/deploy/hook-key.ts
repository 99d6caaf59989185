import type { Fence } from '../contract.ts'
import type { HookActInput } from './target.ts'

/** Which run of a hook it is. */
export type HookRun = Pick<HookActInput, 'project' | 'environment' | 'fence'> & {
  readonly hook: Pick<HookActInput['hook'], 'name' | 'run'>
}

/** `<epoch>.<hook>.<run>`: what of an environment is started at most once. None of the three has a dot in it. */
export function hookKey({ fence, hook }: HookRun): string {
  return `${fence.epoch}.${hook.name}.${hook.run}`
}

/** Whether a run of that key is of a deployment before the one that has this fence. */
export function isOlderRun(key: string, { epoch }: Pick<Fence, 'epoch'>): boolean {
  return Number(key.split('.')[0]) < epoch
}
