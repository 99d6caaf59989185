import type { VerificationJson } from '../json/verification.ts'
import { neutral } from './neutral.ts'
import { span, type Line } from './span.ts'

/** `slipway verify-evidence FILE`: who vouches for what, then what does not hold and what could not be judged. */
export function verificationLines(report: VerificationJson): Line[] {
  const { ok, project, version, phase, exportedAt, signedBy, statements, problems, notes } = report
  const what = project === null ? 'no bundle of evidence' : `${project} ${version ?? ''} (${phase ?? ''}), written ${exportedAt ?? ''}`
  return [
    [span(neutral(what), 'bold')],
    ...(signedBy === null ? [] : [[span('  signed by '), span(neutral(signedBy), 'green')]]),
    ...statements.map(({ who, principal, action, place, at }): Line => {
      const by = principal === null ? `${who} (signature not checked)` : principal === who ? who : `${who}, by the key of ${principal}`
      return [span(`  ${neutral(`${at} ${action} ${place}: ${by}`)}`)]
    }),
    ...problems.map((text): Line => [span(`  does not hold: ${neutral(text)}`, 'red')]),
    ...notes.map((text): Line => [span(`  ${neutral(text)}`, 'yellow')]),
    [
      ok
        ? span('everything that was checked holds', 'green')
        : span(`${problems.length} of what was checked ${problems.length === 1 ? 'does' : 'do'} not hold`, 'red'),
    ],
  ]
}
