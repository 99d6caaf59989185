import { quoted } from '../../domain/parsed.ts'
import { environmentEvidence, ENVIRONMENTS, SPRINT, sprintEvidence, type CheckedEnvironment, type Head } from '../format.ts'
import { readJson, type Bundle } from './bundle.ts'

export type Records = {
  readonly environments: readonly CheckedEnvironment[]
  /** As it stands in the bundle; null where it cannot be read. */
  readonly sprint: unknown
  readonly problems: readonly string[]
}

/** The records of a bundle, each of this project, and under the name of what it is of. */
export function readRecords(bundle: Bundle, { project, version }: Head): Records {
  const read = bundle.below(ENVIRONMENTS).map((path) => ({ path, record: readJson(bundle, path, environmentEvidence) }))
  const sprint = readJson(bundle, SPRINT, sprintEvidence)
  const problems = read.flatMap(({ path, record }) => {
    if (!record.ok) return [record.problem]
    return path === `${ENVIRONMENTS}${record.value.name}.json` && record.value.project === project
      ? []
      : [`${quoted(path)} is the record of ${quoted(record.value.name)} of ${quoted(record.value.project)}`]
  })
  const isOther = sprint.ok && (sprint.value.state.project !== project || sprint.value.state.version !== version)
  const other = `${quoted(SPRINT)} is of another sprint than ${version} of ${project}`
  return {
    environments: read.flatMap(({ record }) => (record.ok ? [record.value] : [])),
    sprint: sprint.ok ? sprint.value.state : null,
    problems: [...problems, ...(sprint.ok ? [] : [sprint.problem]), ...(isOther ? [other] : [])],
  }
}
