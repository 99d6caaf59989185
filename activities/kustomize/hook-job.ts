import { isMap } from 'yaml'
import type { ServiceImage } from '../../domain/candidate.ts'
import { quoted, type Parsed } from '../../domain/parsed.ts'
import { pinImages } from './images.ts'
import { formatManifest, parseManifests, setPlain, setString, spoken, type Manifest } from './manifests.ts'
import { markOwner, type Owner } from './ownership.ts'

type JobInput = {
  readonly text: string
  readonly owner: Owner
  readonly namespace: string
  readonly images: readonly ServiceImage[]
  readonly registry: string
  readonly timeoutSeconds: number
}

/**
 * Makes of a team's manifest the Job that is run: images by digest, in the environment's namespace, marked as its own, and
 * ended by the cluster when its time is over. The same input gives the same bytes.
 */
export function makeJob({ text, owner, namespace, images, registry, timeoutSeconds }: JobInput): Parsed<string> {
  const parsed = parseManifests(text)
  if (!parsed.ok) return parsed
  const [job, ...others] = parsed.value
  if (!job || others.length > 0) {
    return {
      ok: false,
      problem: `should hold one Job, and holds ${parsed.value.length === 0 ? 'nothing' : parsed.value.map(spoken).join(', ')}`,
    }
  }
  const problem = jobProblem(job, namespace)
  if (problem) return { ok: false, problem }
  pinImages([job], images, registry)
  setString(job.document, ['metadata', 'namespace'], namespace)
  markOwner(job, owner)
  const own = Number(job.document.getIn(['spec', 'activeDeadlineSeconds']))
  setPlain(job.document, ['spec', 'activeDeadlineSeconds'], String(own > 0 && own < timeoutSeconds ? own : timeoutSeconds))
  // It says how the hook ended, also to an attempt that asks later: the next deployment removes it.
  job.document.deleteIn(['spec', 'ttlSecondsAfterFinished'])
  return { ok: true, value: formatManifest(job) }
}

function jobProblem({ apiVersion, kind, name, namespace: own, document }: Manifest, namespace: string): string | null {
  if (apiVersion !== 'batch/v1' || kind !== 'Job')
    return `should hold a Job (batch/v1), and holds ${spoken({ kind, name })} (${apiVersion})`
  if (own !== null && own !== namespace) return `puts the Job into namespace ${quoted(own)}; this environment is namespace ${namespace}`
  if (!isMap(document.getIn(['spec'])) || !isMap(document.getIn(['spec', 'template']))) return 'holds a Job without spec.template'
  // Both are how Slipway sees to it that it is started once.
  if (document.hasIn(['spec', 'suspend'])) return 'sets spec.suspend; leave it out, for Slipway starts the Job when it is due'
  if (document.hasIn(['spec', 'manualSelector'])) return 'sets spec.manualSelector; leave it out, so that the Job counts its own pods only'
  return null
}
