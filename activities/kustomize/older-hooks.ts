import { setTimeout as sleep } from 'node:timers/promises'
import type { Fence } from '../contract.ts'
import { isOlderRun } from '../deploy/hook-key.ts'
import { transient } from '../failure.ts'
import { expectAnswer, refusalFailure } from './answer.ts'
import { takeFence, type FencePlace, type FenceState, type FenceData } from './fence.ts'
import { jobEnd } from './hook-end.ts'
import { readMarks, writeMarks, type HookMark } from './hook-marks.ts'
import { deleteJobRequest, jobPath } from './hook-request.ts'
import { readJob } from './hook-start.ts'
import type { Pod } from './live.ts'
import { spoken } from './manifests.ts'

/** A pod has 30 s to end unless its manifest says otherwise; one that has longer is asked for again. */
const ENDS_WITHIN_MS = 60_000
const LOOK_MS = 250

/**
 * Takes the fence, and ends and removes what hooks of older deployments left: from here on nothing of them runs, and nothing
 * can be started. A hook is marked before its last look at the fence and started after it, so that whoever looked in time has
 * a mark that is found here, and its Job is gone when it is to be started or ended where it runs.
 */
export async function holdFence(
  place: FencePlace,
  mine: Fence,
  { data, judged, say }: { readonly data: FenceData; readonly judged: FenceState; readonly say: (line: string) => void },
): Promise<FenceState> {
  const taken = await takeFence(place, mine, data, judged)
  const { marks, resourceVersion } = await readMarks(place)
  const [older, kept] = [Object.entries(marks).filter(isOlder), Object.entries(marks).filter((each) => !isOlder(each))]
  if (older.length === 0) return taken
  await Promise.all(older.map(([, mark]) => endJob(place, mark, say)))
  await writeMarks(place, { marks: Object.fromEntries(kept), resourceVersion })
  return taken

  function isOlder([key]: [string, HookMark]): boolean {
    return isOlderRun(key, mine)
  }
}

/** Returns when nothing of it runs any more: two migrations at once are what the fence is there against. */
async function endJob(place: FencePlace, mark: HookMark, say: (line: string) => void): Promise<void> {
  const { kubernetes, namespace } = place
  const path = jobPath(namespace, mark.job)
  if (mark.job === '') return
  const job = await readJob(place, path)
  const name = spoken({ kind: 'Job', name: mark.job })
  if (job?.metadata.uid === mark.uid) {
    const ended = jobEnd(job, []) !== null
    const answer = await kubernetes.ask(deleteJobRequest(path, mark.uid, ended ? 'Background' : 'Foreground'))
    if (answer.status >= 300 && answer.status !== 404 && answer.status !== 409) {
      throw refusalFailure(kubernetes.server, answer, `delete ${name}, a hook of an older deployment`)
    }
    if (ended) return
    say(`${name} of an older deployment is ended`)
  }
  // One that was ended before may be gone, and a pod of it have its time to end still.
  const startMs = performance.now()
  while (await runs(place, mark)) {
    if (performance.now() - startMs > ENDS_WITHIN_MS) {
      throw transient(
        `${name} in namespace ${namespace}, a hook of an older deployment, was told to end and still runs after ${ENDS_WITHIN_MS / 1000} s; nothing is put there while it does. Look at its pods: kubectl -n ${namespace} get pods -l job-name=${mark.job}`,
      )
    }
    await sleep(LOOK_MS)
  }
}

async function runs({ kubernetes, namespace }: FencePlace, mark: HookMark): Promise<boolean> {
  const query = { labelSelector: `job-name=${mark.job}` }
  const answer = await kubernetes.ask({ method: 'GET', path: `/api/v1/namespaces/${namespace}/pods`, query })
  const { items } = expectAnswer(kubernetes, answer, `list pods in namespace ${namespace}`) as { readonly items: readonly Pod[] }
  const isOfIt = ({ metadata }: Pod) => metadata.ownerReferences?.some(({ uid }) => uid === mark.uid) === true
  return items.some((pod) => isOfIt(pod) && pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed')
}
