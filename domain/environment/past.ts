import { cut } from '../cut.ts'
import type { Deployed } from './state.ts'

/** What is kept of the past must fit into a message: so many snapshots, and so many bytes of them. */
const KEPT_PAST = 10
const KEPT_PAST_BYTES = 24_000
/** What was seen of them is worth less than the snapshots: it goes first. */
const KEPT_OBSERVED_BYTES = 8_000
const OBSERVED = { lines: 10, length: 200 }

/** The newest of what was verified earlier. */
export function boundedPast(past: readonly Deployed[]): Deployed[] {
  const kept: Deployed[] = []
  let [bytes, observedBytes] = [0, 0]
  for (const { observed, ...deployed } of past.slice(0, KEPT_PAST)) {
    bytes += JSON.stringify(deployed).length
    if (kept.length > 0 && bytes > KEPT_PAST_BYTES) break
    observedBytes += observed === undefined ? 0 : JSON.stringify(observed).length
    kept.push(observed === undefined || observedBytes > KEPT_OBSERVED_BYTES ? deployed : { ...deployed, observed })
  }
  return kept
}

/** What was seen at the verification, for the record; nothing where nothing was told. */
export function seenWhenVerified(observed: readonly string[]): Pick<Deployed, 'observed'> {
  const { lines, length } = OBSERVED
  return observed.length === 0 ? {} : { observed: observed.slice(0, lines).map((line) => cut(line, length)) }
}
