import { quoted } from '../../domain/parsed.ts'
import type { Fence } from '../contract.ts'
import { permanent } from '../failure.ts'
import { isIdentity } from '../overtaken.ts'

/** It becomes a part of paths, names and annotations on the target, and whoever starts a workflow may say anything. */
export function expectFence(environment: string, { epoch, attempt, identity }: Fence): void {
  const isToken = [epoch, attempt].every((each) => Number.isSafeInteger(each) && each >= 0)
  if (isToken && (identity === undefined || isIdentity(identity))) return
  throw permanent(
    'InvalidConfiguration',
    `expected epoch and attempt of a deployment of ${environment} as numbers, and twelve hexadecimal digits of its snapshot, found ${quoted(`${epoch} ${attempt} ${identity}`)}; request the deployment anew`,
  )
}
