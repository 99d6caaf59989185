import { isOver } from '../../domain/sprint/phase.ts'
import { HEAD, type Head } from '../../evidence/format.ts'
import type { ActivityDeps } from '../context.ts'
import type { Evidence, EvidenceActivities, EvidenceInput } from '../contract.ts'
import { permanent } from '../failure.ts'
import type { GitMirror } from '../git/open-mirror.ts'
import { withHeartbeat, type Say } from '../heartbeat.ts'
import type { Store } from '../store/store.ts'
import { gather } from './gather.ts'
import { pageOf } from './page.ts'
import type { Records } from './records.ts'
import { jsonMember, seal } from './seal.ts'
import { openSigner } from './sign.ts'

export type EvidenceDeps = ActivityDeps & {
  readonly store: Store
  readonly mirrors: (project: string) => GitMirror
  readonly records: Records
  /** Slipway's own. */
  readonly version: string
}

const MEDIA_TYPE = 'application/x-tar'
const MOST_MISSING = 20

export function createEvidenceActivities(deps: EvidenceDeps): EvidenceActivities {
  return {
    exportEvidence: (input) =>
      withHeartbeat(deps.attempt(), `gathering what is known of ${input.version}`, (say, signal) =>
        exportEvidence(deps, input, say, signal),
      ),
    readContent: ({ digest, offset }) =>
      withHeartbeat(deps.attempt(), 'a page of what is stored', async (_say, signal) => {
        const bytes = await deps.store.get(digest, signal)
        if (!Number.isInteger(offset) || offset < 0 || offset > bytes.length)
          throw permanent('NotFound', `expected an offset from 0 to ${bytes.length}, found ${offset}.`)
        return pageOf(bytes, offset)
      }),
  }
}

async function exportEvidence(deps: EvidenceDeps, input: EvidenceInput, say: Say, signal: AbortSignal): Promise<Evidence> {
  const { project, version, anew } = input
  const name = `evidence-${project}-${version}`
  const [sprint, previous] = await Promise.all([deps.records.sprint(project, version), deps.store.named(name, signal)])
  const over = sprint === null || isOver(sprint.phase)
  if (previous !== null && over && (sprint === null || !anew)) {
    const { length } = await deps.store.get(previous, signal)
    return { content: { digest: previous, bytes: length }, kept: true, signer: null, missing: [] }
  }
  if (sprint === null)
    throw permanent('NotFound', `Temporal knows no sprint ${version} of ${project} (any more), and the store keeps no evidence of it.`)

  const key = deps.estate.file.evidence?.key
  const signer = key === undefined ? null : await openSigner(key, deps.environment)
  const { members, missing } = await gather({ deps, project, sprint, signer, say, signal })
  const head: Head = {
    format: 'slipway-evidence/1',
    project,
    version,
    phase: sprint.phase,
    exportedAt: Date.now(),
    signer: signer?.fingerprint ?? null,
    previous,
    missing,
  }
  const tar = await seal([jsonMember(HEAD, head), ...members], signer)
  const content = await deps.store.put(tar, MEDIA_TYPE, signal)
  if (over) await deps.store.name(name, content.digest, signal)
  const told = missing.slice(0, MOST_MISSING).map(({ what, why }) => `${what}: ${why}`.slice(0, 300))
  return { content, kept: over, signer: head.signer, missing: told }
}
