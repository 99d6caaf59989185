import { PHASES } from '../../domain/sprint/phase.ts'
import type { BuildReport, SprintPhase } from '../messages.ts'
import { branch, candidate, name, revision, version } from './parts.ts'
import { flag, list, nullable, object, oneOf, optional, record, text, type Reader } from './shape.ts'

/** What builds and sprints say to the repository. */

const built = object<Extract<BuildReport, { readonly ok: true }>>({ revision, ok: oneOf(true), candidate })
const failed = object<Extract<BuildReport, { readonly ok: false }>>({ revision, ok: oneOf(false), reason: text, log: nullable(text) })

export const buildReport: Reader<BuildReport> = (given, path) => (record(given, path)['ok'] === true ? built : failed)(given, path)

export const sprintPhase: Reader<SprintPhase> = object<SprintPhase>({
  version,
  phase: oneOf(...PHASES),
  features: list(branch),
  closed: flag,
  nonces: optional(list(name)),
})
