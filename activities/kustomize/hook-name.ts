import { createHash } from 'node:crypto'
import { hookKey, type HookRun } from '../deploy/hook-key.ts'

/**
 * The Job of one run of a hook, a DNS name of at most 63 characters: its pods carry it as a label. Told apart by the hash,
 * for two projects may share a namespace; the rest is for whoever lists Jobs.
 */
export function hookJobName(which: HookRun): string {
  const { project, environment, fence, hook } = which
  const hash = createHash('sha256')
    .update(`${project}/${environment}/${hookKey(which)}`)
    .digest('hex')
    .slice(0, 10)
  return `${hook.name.slice(0, 28)}-${fence.epoch}-${hook.run}`.slice(0, 50).replace(/^[^a-z]/, (first) => `h${first}`) + `-${hash}`
}
