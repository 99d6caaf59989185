import { plainLine } from '../plain-line.ts'
import { done, failed, LINE_LIMIT, waiting, type Progress } from './progress.ts'

/** Kinds whose `status.phase` tells how far they are: those of Argo Rollouts. */
const PHASED = /^argoproj\.io\/\S+ (Rollout|Experiment|AnalysisRun)$/

const WELL = new Set(['Healthy', 'Successful'])
const BAD = new Set(['Degraded', 'Failed', 'Error', 'Inconclusive'])

/**
 * What the phase says; null for other kinds and where there is none yet. A canary that waits for a person is `Paused`,
 * which is not its end: it is followed on until somebody promotes it or the time is over.
 */
export function phaseStatus(apiVersion: string, kind: string, { phase, message }: Readonly<Record<string, unknown>>): Progress | null {
  if (!PHASED.test(`${apiVersion} ${kind}`) || typeof phase !== 'string' || phase === '') return null
  const line = plainLine(typeof message === 'string' && message !== '' ? `${phase}: ${message}` : phase, LINE_LIMIT)
  return WELL.has(phase) ? done(line) : BAD.has(phase) ? failed(line) : waiting(line)
}
