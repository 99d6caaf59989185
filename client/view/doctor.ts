import type { Doctor } from '../json/doctor.ts'
import { span, table, type Line } from './span.ts'

/** One line a part; below what is not well, what to do. */
export function doctorLines(report: Doctor): Line[] {
  const rows = table(
    report.findings.map((finding) => [
      span(finding.ok ? '✓' : '✗', finding.ok ? 'green' : 'red'),
      span(finding.part),
      span(finding.detail, finding.ok ? 'dim' : undefined),
    ]),
    0,
  )
  const bad = report.findings.filter((finding) => !finding.ok).length
  return [
    ...report.findings.flatMap((finding, index): Line[] => [
      rows[index] ?? [],
      ...(finding.ok || finding.fix === null ? [] : [[span('    mend it: ', 'yellow'), span(finding.fix)]]),
    ]),
    [],
    [span(bad === 0 ? 'everything is ready' : bad === 1 ? 'one thing is to be mended' : `${bad} things are to be mended`, 'bold')],
  ]
}
