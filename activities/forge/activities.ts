import type { MergeActivities } from '../contract.ts'
import { permanent } from '../failure.ts'
import { withHeartbeat } from '../heartbeat.ts'
import { forgeOf, type ForgeDeps } from './create.ts'

type ForgeActivities = Pick<MergeActivities, 'openMergeRequest' | 'readMergeRequest'>

export function createForgeActivities(deps: ForgeDeps): ForgeActivities {
  const beat = <T>(line: string, work: (signal: AbortSignal) => Promise<T>) =>
    withHeartbeat(deps.attempt(), line, (_say, signal) => work(signal))
  return {
    openMergeRequest: ({ project, ...wanted }) =>
      beat(`opening a merge request into ${wanted.target}`, async (signal) => {
        const forge = await forgeOf(deps, project)
        return forge === null ? null : await forge.openMergeRequest(wanted, signal)
      }),
    readMergeRequest: ({ project, number }) =>
      beat(`reading merge request ${number}`, async (signal) => {
        const forge = await forgeOf(deps, project)
        if (forge !== null) return await forge.readMergeRequest(number, signal)
        throw permanent(
          'InvalidConfiguration',
          `Merge request ${number} of ${project} cannot be read: the estate of this worker has no forge for that project any more. Put it back, or merge by hand.`,
        )
      }),
  }
}
