import { hookKey, plainHookKey } from '../deploy/hook-key.ts'
import type { HookActInput } from '../deploy/target.ts'
import { permanent, transient } from '../failure.ts'
import { expectAnswer } from './answer.ts'
import { checkFence, type FencePlace } from './fence.ts'
import { readMarks, writeMarks, type HookMark, type HookMarks } from './hook-marks.ts'
import { hookJobName } from './hook-name.ts'
import { createJobRequest, deleteJobRequest, HOOK, jobPath, startJobRequest } from './hook-request.ts'
import type { Job } from './live.ts'
import { spoken, type Manifest } from './manifests.ts'
import { refusedObject } from './refused-object.ts'

/** The hook's Job that runs or has run; null when it was begun and is gone. */
export type Started = { readonly job: Job | null; readonly mark: HookMark; readonly key: string; readonly path: string }

/**
 * Begins a hook at most once: the Job is made suspended, its mark is written over exactly the marks that were read, and only
 * then is this very Job let run. A worker may go at any moment: without a mark nothing has run, with one no second Job does.
 */
export async function startHook(place: FencePlace, manifest: Manifest, input: HookActInput): Promise<Started> {
  const { kubernetes, namespace } = place
  const known = await readMarks(place)
  const key = [hookKey(input), plainHookKey(input)].find((each) => known.marks[each] !== undefined) ?? hookKey(input)
  const given = known.marks[key]
  const path = jobPath(namespace, given?.job || hookJobName(input))
  const there = await readJob(place, path)
  if (given?.ended) return { job: there, mark: given, key, path }
  let job = there
  if (!given && !job) job = await createJob(place, manifest, input)
  if (job && !given && job.metadata.annotations?.[HOOK] !== hookOf(input)) throw foreignJob(namespace, job)
  const mark = given ?? (await begin(place, known, key, job!))
  // Whatever has this name now is not what was begun.
  if (job?.metadata.uid !== mark.uid) return { job: null, mark, key, path }
  if (job.spec?.suspend !== true || job.metadata.deletionTimestamp) return { job, mark, key, path }
  await checkFence(place, input.fence)
  const answer = await kubernetes.ask(startJobRequest(path, job, input.fence))
  if (answer.status === 200) return { job: JSON.parse(answer.text) as Job, mark, key, path }
  const name = spoken({ kind: 'Job', name: mark.job })
  if (answer.status !== 404 && answer.status !== 409)
    throw refusedObject(kubernetes.server, namespace, { ...manifest, name: mark.job }, answer)
  // A younger deployment took it away, or it is another one by now.
  await checkFence(place, input.fence)
  throw transient(`${name} changed while it was started; it is looked at again.`)
}

export async function readJob({ kubernetes }: FencePlace, path: string): Promise<Job | null> {
  const answer = await kubernetes.ask({ method: 'GET', path })
  return answer.status === 404 ? null : (expectAnswer(kubernetes, answer, 'read the Job of the hook') as Job)
}

/** Ends a hook where it runs: first the word why, then the Job. One that has ended by itself stays as it is. */
export async function endHook(place: FencePlace, { mark, key, path }: Started, why: string): Promise<void> {
  const { marks, resourceVersion } = await readMarks(place)
  await writeMarks(place, { marks: { ...marks, [key]: { ...mark, ended: why } }, resourceVersion })
  await place.kubernetes.ask(deleteJobRequest(path, mark.uid))
}

async function createJob(place: FencePlace, manifest: Manifest, input: HookActInput): Promise<Job> {
  const { kubernetes, namespace } = place
  const name = hookJobName(input)
  const answer = await kubernetes.ask(createJobRequest(manifest, { namespace, name, fence: input.fence, hook: hookOf(input) }))
  if (answer.status === 201) return JSON.parse(answer.text) as Job
  // Another attempt was faster: it is the same Job.
  const job = answer.status === 409 ? await readJob(place, jobPath(namespace, name)) : null
  if (!job) throw refusedObject(kubernetes.server, namespace, { ...manifest, name }, answer)
  return job
}

async function begin(place: FencePlace, { marks, resourceVersion }: HookMarks, key: string, job: Job): Promise<HookMark> {
  const mark = { job: job.metadata.name, uid: job.metadata.uid ?? '', ended: null }
  await writeMarks(place, { marks: { ...marks, [key]: mark }, resourceVersion })
  return mark
}

function hookOf({ project, environment, ...input }: HookActInput): string {
  return `${project}/${environment}/${hookKey({ project, environment, ...input })}`
}

function foreignJob(namespace: string, job: Job): Error {
  return permanent(
    'Conflict',
    `${spoken({ kind: 'Job', name: job.metadata.name })} in namespace ${namespace} has the name of this hook's Job and was not made by Slipway: delete it, or give the hook another name.`,
  )
}
