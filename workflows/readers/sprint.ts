import type { EnvironmentReport, RequestReport } from '../../domain/environment/report.ts'
import { parseReleaseTag } from '../../domain/release-tag.ts'
import { isImageTag } from '../../domain/image-reference.ts'
import type { RolledBack, SignOff } from '../../domain/environment/state.ts'
import type { FeatureSeen } from '../../domain/repository/state.ts'
import type { BuildFact, RefFact, SprintFacts } from '../../domain/sprint/facts.ts'
import { actor, candidate, imageTag, name, revision, version } from './parts.ts'
import { count, list, moment, nullable, object, oneOf, optional, tagged, text, textThat, type Reader } from './shape.ts'

/** What the repository and the environments tell a sprint. */

type Fact<Status extends BuildFact['status']> = Extract<BuildFact, { readonly status: Status }>

const underWay = object<Exclude<BuildFact, { readonly status: 'built' | 'failed' }>>({
  status: oneOf('waiting', 'building'),
  retry: optional(text),
  nextTryAt: optional(moment),
})

const build = tagged<BuildFact, 'status'>('status', {
  waiting: underWay,
  building: underWay,
  built: object<Fact<'built'>>({ status: oneOf('built'), candidate }),
  failed: object<Fact<'failed'>>({ status: oneOf('failed'), reason: text, log: nullable(text) }),
})

/** Empty where the ref gives none. */
const tagOrNone = textThat('an image tag, or nothing', (given) => given === '' || isImageTag(given))

const fact = { revision, imageTag: tagOrNone, since: moment, rewrittenAt: optional(moment), build }
const branch = object<RefFact>({ name, ...fact })
const releaseTag = object<RefFact>({ name: textThat('a release tag such as v1.0.0', (given) => parseReleaseTag(given).ok), ...fact })

const feature = object<FeatureSeen>({
  branch: name,
  revision: nullable(revision),
  merged: nullable(oneOf('merge', 'squash')),
})

const tip = object<{ readonly branch: string; readonly revision: string }>({ branch: name, revision })

export const sprintFacts: Reader<SprintFacts> = object<SprintFacts>({
  sequence: count,
  develop: nullable(branch),
  release: nullable(branch),
  tags: list(releaseTag),
  features: list(feature),
  younger: optional(list(name)),
  tips: optional(list(tip)),
})

const signOff = object<SignOff>({ verdict: oneOf('pass', 'fail'), by: actor, at: moment, message: nullable(text) })

const rolledBack = object<RolledBack>({
  fromEpoch: count,
  fromTag: name,
  fromVersion: nullable(version),
  by: actor,
  reason: text,
  origin: optional(count),
})

type Current = NonNullable<EnvironmentReport['current']>

const current = object<Current>({
  epoch: count,
  revision,
  tag: imageTag,
  version: nullable(version),
  since: moment,
  signOff: nullable(signOff),
  rollback: optional(rolledBack),
})

const request = object<RequestReport>({
  id: name,
  tag: imageTag,
  revision: nullable(revision),
  stage: oneOf(
    'queued',
    'preparing',
    'held',
    'awaitingApproval',
    'approved',
    'deploying',
    'parked',
    'rejected',
    'superseded',
    'older',
    'vetoed',
    'failed',
    'restored',
    'aborted',
  ),
  since: moment,
  hash: nullable(name),
  reason: nullable(text),
  hold: optional(text),
  heldBy: optional(oneOf('locked', 'pinned', 'freeze')),
  halt: optional(text),
  rollback: optional(oneOf(true)),
})

export const environmentReport: Reader<EnvironmentReport> = object<EnvironmentReport>({
  environment: name,
  sequence: count,
  current: nullable(current),
  requests: list(request),
})
