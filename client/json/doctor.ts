import type { DoctorResult } from '../../workflows/messages.ts'
import type { Slipway } from '../typed/slipway.ts'

/** `slipway doctor --json`; stable, see docs/json.md. */
export type Doctor = {
  readonly project: string
  readonly ok: boolean
  readonly findings: readonly {
    readonly part: string
    readonly ok: boolean
    readonly detail: string
    readonly fix: string | null
    /** The task queue whose worker looked; null where the CLI itself did. */
    readonly queue: string | null
  }[]
}

export function composeDoctor(slipway: Pick<Slipway, 'project' | 'address'>, result: DoctorResult): Doctor {
  const temporal = {
    part: `Temporal ${slipway.address}`,
    ok: true,
    detail: 'answers, and a worker polls the task queue slipway',
    fix: null,
    queue: null,
  }
  const findings = [temporal, ...result.findings.map(({ part, ok, detail, fix, queue }) => ({ part, ok, detail, fix, queue }))]
  return { project: slipway.project, ok: findings.every((finding) => finding.ok), findings }
}
