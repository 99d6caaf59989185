import { createHash } from 'node:crypto'
import type { Actor } from '../../domain/actor.ts'
import type { Candidate } from '../../domain/candidate.ts'
import { absorbReport, startDeployment } from '../../domain/environment/deployments.ts'
import type { EnvironmentReport, RequestReport } from '../../domain/environment/report.ts'
import { absorbPreparation, type Relation } from '../../domain/environment/preparation.ts'
import { absorbRequest } from '../../domain/environment/requests.ts'
import {
  newEnvironment,
  type DeployRequest,
  type EnvironmentState,
  type Preparation,
  type RolledBack,
} from '../../domain/environment/state.ts'
import { ARTICLE_BRANCHES } from '../../domain/ref-rules.ts'
import type { EnvironmentSettings, ProjectSettings } from '../../domain/settings.ts'
import type { BuildFact, RefFact, SprintFacts } from '../../domain/sprint/facts.ts'
import { newSprint, type SprintState } from '../../domain/sprint/state.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** A revision for a name. */
export const rev = (name: string) => sha256(name).slice(0, 40)
export const short = (name: string) => rev(name).slice(0, 8)

export const ANNE: Actor = { kind: 'person', name: 'anne', verified: false }
export const MACHINE: Actor = { kind: 'automation', name: 'sprint 1.0.0' }

const environment = (name: string, from: EnvironmentSettings['from']): EnvironmentSettings => ({
  name,
  from,
  guarded: from === 'tag',
  approvers: [],
  target: from === 'develop' ? 'compose' : 'kustomize',
})

export const SETTINGS: ProjectSettings = {
  project: 'website',
  branches: ARTICLE_BRANCHES,
  environments: [environment('integration', 'develop'), environment('alpha', 'release'), environment('prod', 'tag')],
  sweepSeconds: 60,
  hash: sha256('estate'),
}

export function settingsOf(name: string): EnvironmentSettings {
  return SETTINGS.environments.find((each) => each.name === name) ?? environment(name, 'tag')
}

/** Three services, as large as in life. */
export function candidate(name: string): Candidate {
  return {
    revision: rev(name),
    images: ['api', 'website', 'worker'].map((service) => ({
      service,
      repository: `eap/${service}`,
      digest: `sha256:${sha256(`${service} ${name}`)}`,
      inputs: sha256(`inputs ${service} ${name}`),
      reused: false,
    })),
    configHash: sha256('slipway.yaml'),
  }
}

// ---- environments --------------------------------------------------------------------------------------------------

export function request(name: string, change: Partial<DeployRequest> = {}): DeployRequest {
  const tag = `release-1.0.0.${short(name)}`
  return { id: tag, candidate: candidate(name), tag, version: '1.0.0', by: MACHINE, at: 1000, rewritten: false, ...change }
}

export function preparation(of: DeployRequest, replacesEpoch: number | null, content = 'content'): Preparation {
  const body = {
    candidate: of.candidate,
    tag: of.tag,
    target: 'kustomize',
    configHash: sha256('slipway.yaml'),
    estateHash: SETTINGS.hash,
  } as const
  const snapshot = { ...body, hash: sha256(JSON.stringify(body) + content), content: `sha256:${sha256(content)}` }
  return { snapshot, requestHash: sha256(`${of.id} ${snapshot.hash} ${replacesEpoch}`), replacesEpoch }
}

/** What rendering gives for the request as the environment is now. */
export function prepared(state: EnvironmentState, of: DeployRequest, relation: Relation | null = 'ahead', content = 'content') {
  return {
    preparation: preparation(of, state.current?.epoch ?? null, content),
    relation,
    lacks: relation === 'behind' || relation === 'diverged' ? 3 : 0,
    settings: settingsOf(state.name),
  }
}

/** Takes a request to where a deployment of it runs. */
export function running(state: EnvironmentState, of: DeployRequest, now = 2000): EnvironmentState {
  const asked = absorbRequest(state, of, now)
  const waiting = asked.waiting.at(-1)
  if (waiting === undefined) throw new Error('the request was not taken')
  const ready = absorbPreparation(asked, waiting.request, prepared(asked, waiting.request), now)
  const next = ready.waiting.find((other) => other.request.id === waiting.request.id)
  if (next?.stage.kind !== 'ready') throw new Error(`not ready but ${next?.stage.kind}`)
  return startDeployment(ready, next, next.stage.preparation, now)
}

export function verified(state: EnvironmentState, of: DeployRequest, now = 3000): EnvironmentState {
  const started = running(state, of, now)
  return absorbReport(started, { epoch: started.epoch, kind: 'verified', observed: [] }, now)
}

export function failed(state: EnvironmentState, target: 'intact' | 'restored' | 'broken', now = 4000, heldEpoch: number | null = null) {
  const reason = 'the pods crash'
  return absorbReport(
    state,
    { epoch: state.epoch, kind: 'failed', target, step: 'verifying', reason, observed: ['CrashLoopBackOff'], log: null, heldEpoch },
    now,
  )
}

export const alpha = () => newEnvironment('website', 'alpha')
export const prod = () => newEnvironment('website', 'prod')

// ---- sprints -------------------------------------------------------------------------------------------------------

export function ref(name: string, at: string, build: BuildFact['status'] = 'built', change: Partial<RefFact> = {}): RefFact {
  const imageTag = name.startsWith('v') ? name : `${name}.${short(at)}`
  return { name, revision: rev(at), imageTag, since: 1000, build: buildFact(at, build), ...change }
}

function buildFact(at: string, status: BuildFact['status']): BuildFact {
  if (status === 'built') return { status, candidate: candidate(at) }
  return status === 'failed' ? { status, reason: 'COPY failed', log: null } : { status }
}

export function facts(sequence: number, change: Partial<SprintFacts> = {}): SprintFacts {
  return { sequence, develop: null, release: null, tags: [], features: [], ...change }
}

export function report(
  name: string,
  sequence: number,
  runs: { tag: string; at: string; epoch: number; signed?: 'pass' | 'fail'; version?: string; rollback?: RolledBack } | null,
  requests: RequestReport[] = [],
): EnvironmentReport {
  const signOff = runs?.signed === undefined ? null : { verdict: runs.signed, by: ANNE, at: 5000 + sequence, message: null }
  const current =
    runs === null
      ? null
      : {
          epoch: runs.epoch,
          revision: rev(runs.at),
          tag: runs.tag,
          version: runs.version ?? '1.0.0',
          since: 4000,
          signOff,
          ...(runs.rollback === undefined ? {} : { rollback: runs.rollback }),
        }
  return { environment: name, sequence, current, requests }
}

export function requestReport(tag: string, stage: RequestReport['stage'], change: Partial<RequestReport> = {}): RequestReport {
  return { id: tag, tag, revision: rev('B'), stage, since: 4000, hash: null, reason: null, ...change }
}

export function sprint(features: string[] = []): SprintState {
  return newSprint({ project: 'website', version: '1.0.0', settings: SETTINGS, features, by: ANNE, now: 1000 })
}
