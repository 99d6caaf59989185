import type { Candidate } from '../../domain/candidate.ts'
import { absorbDrift } from '../../domain/environment/drift.ts'
import type { Deployed, DeployRequest, EnvironmentState, Preparation } from '../../domain/environment/state.ts'
import { newEnvironment } from '../../domain/environment/state.ts'
import { environmentCommands, environmentWaits } from '../../domain/environment/waits.ts'
import { newRepository, type RepositoryState } from '../../domain/repository/state.ts'
import { ARTICLE_BRANCHES } from '../../domain/ref-rules.ts'
import type { EnvironmentSettings, ProjectSettings } from '../../domain/settings.ts'
import { nextCommands } from '../../domain/sprint/next.ts'
import { newSprint, type SprintState } from '../../domain/sprint/state.ts'
import { sprintWaits } from '../../domain/sprint/waits.ts'
import { NOTHING_LIVE, type SprintPicture } from '../../client/picture.ts'
import type { EnvironmentView, SprintView } from '../../workflows/messages.ts'

/** A sprint at one moment, made of the domain's own values: the views and shapes of the CLI are tested with it. */

export const BEGIN = Date.parse('2026-11-23T04:00:00Z')
export const MINUTE = 60_000
export const A = 'a'.repeat(40)
export const B = 'b'.repeat(40)
export const D = 'd'.repeat(40)

export const ANNE = { kind: 'person', name: 'anne', verified: false } as const
export const SPRINT = { kind: 'automation', name: 'sprint 1.0.0' } as const

export function settingsOf(name: string, from: EnvironmentSettings['from'], approvers: string[] = []): EnvironmentSettings {
  return { name, from, guarded: from === 'tag', approvers, target: from === 'develop' ? 'compose' : 'kustomize' }
}

export const SETTINGS: ProjectSettings = {
  project: 'website',
  branches: ARTICLE_BRANCHES,
  environments: [settingsOf('integration', 'develop'), settingsOf('alpha', 'release'), settingsOf('prod', 'tag', ['alice', 'bob'])],
  sweepSeconds: 60,
  hash: 'f'.repeat(64),
}

export function candidateOf(revision: string): Candidate {
  const image = (service: string, digit: string, reused: boolean) => ({
    service,
    repository: `eap/${service}`,
    digest: `sha256:${digit.repeat(64)}`,
    inputs: digit.repeat(64),
    reused,
  })
  return { revision, images: [image('api', '1', true), image('website', revision[0]!, false)], configHash: 'c'.repeat(64) }
}

export function preparationOf(candidate: Candidate, tag: string, replacesEpoch: number | null = null): Preparation {
  return {
    snapshot: {
      hash: '5'.repeat(64),
      candidate,
      tag,
      target: 'kustomize',
      content: `sha256:${'6'.repeat(64)}`,
      configHash: 'c'.repeat(64),
      estateHash: 'e'.repeat(64),
    },
    requestHash: '0123456789abcdef'.repeat(4),
    replacesEpoch,
  }
}

export function requestOf(candidate: Candidate, tag: string, at: number, version: string | null = '1.0.0'): DeployRequest {
  return { id: tag, candidate, tag, version, by: SPRINT, at, rewritten: false }
}

export function deployedOf(candidate: Candidate, tag: string, epoch: number, since: number, more: Partial<Deployed> = {}): Deployed {
  return {
    epoch,
    request: tag,
    version: '1.0.0',
    tag,
    snapshot: preparationOf(candidate, tag).snapshot,
    since,
    askedAt: since,
    approval: null,
    signOff: null,
    ...more,
  }
}

export function environmentOf(name: string, state: Partial<EnvironmentState> = {}): EnvironmentView {
  const settings = SETTINGS.environments.find((environment) => environment.name === name) ?? null
  const full: EnvironmentState = { ...newEnvironment('website', name), settings, ...state }
  return { state: full, waits: environmentWaits(full), next: environmentCommands(full) }
}

export function sprintOf(state: Partial<SprintState> = {}): SprintView {
  const began = newSprint({
    project: 'website',
    version: '1.0.0',
    settings: SETTINGS,
    features: ['feature/cart', 'feature/login'],
    by: ANNE,
    now: BEGIN,
  })
  const full: SprintState = { ...began, ...state }
  return { state: full, waits: sprintWaits(full), next: nextCommands(full) }
}

export function repositoryOf(state: Partial<RepositoryState> = {}): RepositoryState {
  return {
    ...newRepository('website'),
    settings: SETTINGS,
    sprints: [{ version: '1.0.0', phase: 'integrating', features: ['feature/cart', 'feature/login'] }],
    ...state,
  }
}

export function pictureOf(
  parts: Partial<Omit<SprintPicture, 'environments'>> & { environments?: Record<string, EnvironmentView | null> } = {},
): SprintPicture {
  const { environments = {}, ...rest } = parts
  return {
    now: BEGIN + 5 * MINUTE,
    sprint: sprintOf(),
    repository: repositoryOf(),
    live: NOTHING_LIVE,
    unfollowed: [],
    ...rest,
    environments: SETTINGS.environments.map((settings) => ({ settings, view: environments[settings.name] ?? null })),
  }
}

/** Develop is built and being deployed, one feature is missing, a second build runs. */
export function integrating(): SprintPicture {
  const candidate = candidateOf(A)
  const developed = {
    name: 'develop',
    revision: A,
    imageTag: 'develop.aaaaaaaa',
    since: BEGIN + MINUTE,
    build: { status: 'built' as const, candidate },
  }
  const state = sprintOf().state
  const [cart, login] = state.features
  return pictureOf({
    sprint: sprintOf({
      features: [{ ...cart!, merged: { how: 'merge', revision: A, at: BEGIN + MINUTE } }, login!],
      facts: { sequence: 1, develop: developed, release: null, tags: [], features: [] },
    }),
    repository: repositoryOf({
      refs: [{ ref: 'refs/heads/develop', revision: A, since: BEGIN, wanted: true, named: true, problem: null }],
      builds: [
        { status: 'built', revision: A, since: BEGIN, candidate },
        { status: 'building', revision: B, since: BEGIN + 4 * MINUTE, ref: 'refs/heads/develop' },
      ],
    }),
    environments: {
      integration: environmentOf('integration', {
        epoch: 3,
        current: deployedOf(candidateOf(D), 'develop.dddddddd', 2, BEGIN, { version: null }),
        running: {
          epoch: 3,
          request: requestOf(candidate, 'develop.aaaaaaaa', BEGIN + 4 * MINUTE),
          preparation: preparationOf(candidate, 'develop.aaaaaaaa', 2),
          approval: null,
          since: BEGIN + 4 * MINUTE,
          step: 'verifying',
          attempt: 2,
          retry: null,
        },
      }),
      alpha: environmentOf('alpha'),
    },
    live: {
      builds: [
        {
          revision: B,
          ref: 'refs/heads/develop',
          since: BEGIN + 4 * MINUTE,
          view: {
            revision: B,
            services: [
              { service: 'api', status: 'reused', seconds: null, log: null, retry: null },
              { service: 'website', status: 'building', seconds: null, log: null, retry: null },
            ],
          },
          activities: [{ id: '7', type: 'buildImage', line: 'Step 4/9 : RUN \u001b[31mmake\u001b[0m \u202eevil', service: null }],
        },
      ],
      deployments: [{ environment: 'integration', line: 'website: 1 of 2 ready' }],
    },
  })
}

/** Production runs v0.9.0, and somebody scaled it by hand. */
export function driftedProd(): EnvironmentView {
  const { state } = environmentOf('prod', { epoch: 4, current: deployedOf(candidateOf(D), 'v0.9.0', 4, BEGIN) })
  const change = { field: '.spec.replicas', expected: '2', found: '5', by: 'kubectl (scale)', at: BEGIN }
  return environmentOf('prod', absorbDrift(state, { drift: [{ object: 'deployment/website', ...change }], left: 2 }, BEGIN + MINUTE))
}

/** v1.0.0 waits for approval in prod, which runs the release before. */
export function releasing(): SprintPicture {
  const candidate = candidateOf(A)
  const fact = (name: string, imageTag: string) => ({
    name,
    revision: A,
    imageTag,
    since: BEGIN,
    build: { status: 'built' as const, candidate },
  })
  const since = BEGIN + 3 * MINUTE
  const passed = { verdict: 'pass' as const, by: ANNE, at: BEGIN + 2 * MINUTE, message: 'fine' }
  const waiting = {
    request: requestOf(candidate, 'v1.0.0', since),
    since,
    stage: { kind: 'awaitingApproval' as const, preparation: preparationOf(candidate, 'v1.0.0', 4) },
  }
  return pictureOf({
    sprint: sprintOf({
      phase: 'releasing',
      since,
      features: [],
      facts: {
        sequence: 5,
        develop: null,
        release: fact('release-1.0.0', 'release-1.0.0.aaaaaaaa'),
        tags: [fact('v1.0.0', 'v1.0.0')],
        features: [],
      },
      environments: {
        prod: {
          environment: 'prod',
          sequence: 3,
          current: null,
          requests: [
            {
              id: 'v1.0.0',
              tag: 'v1.0.0',
              revision: A,
              stage: 'awaitingApproval',
              since,
              hash: waiting.stage.preparation.requestHash,
              reason: null,
            },
          ],
        },
      },
      asked: { prod: { id: 'v1.0.0', revision: A, tag: 'v1.0.0', at: since } },
      release: { tag: 'v1.0.0', revision: A },
    }),
    repository: repositoryOf({
      sprints: [{ version: '1.0.0', phase: 'releasing', features: [] }],
      refs: ['refs/heads/release-1.0.0', 'refs/tags/v1.0.0'].map((ref) => ({
        ref,
        revision: A,
        since: BEGIN,
        wanted: true,
        named: true,
        problem: null,
      })),
    }),
    environments: {
      integration: environmentOf('integration', {
        epoch: 1,
        current: deployedOf(candidate, 'develop.aaaaaaaa', 1, BEGIN, { version: null }),
      }),
      alpha: environmentOf('alpha', {
        epoch: 1,
        current: deployedOf(candidate, 'release-1.0.0.aaaaaaaa', 1, BEGIN + MINUTE, { signOff: passed }),
      }),
      prod: environmentOf('prod', {
        epoch: 4,
        current: deployedOf(candidateOf(B), 'v0.9.0', 4, BEGIN - 90 * MINUTE, { version: '0.9.0' }),
        waiting: [waiting],
      }),
    },
  })
}
