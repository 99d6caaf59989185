import type { ActivityDeps } from '../context.ts'
import type { IdentityActivities } from '../contract.ts'
import { keptBytes } from '../evidence/said.ts'
import { withHeartbeat } from '../heartbeat.ts'
import { digestOf } from '../registry/client.ts'
import type { Store } from '../store/store.ts'
import { createSshVerifier } from './ssh-verifier.ts'
import type { Verifier } from './verifier.ts'

export type IdentityDeps = ActivityDeps & { readonly store: Store }

const KEEP_WITHIN_MS = 3000

export function createIdentityActivities(deps: IdentityDeps, verify: Verifier = createSshVerifier(deps)): IdentityActivities {
  return {
    identify: ({ signed, who }) =>
      withHeartbeat(deps.attempt(), 'who signed?', async (_say, signal) => {
        const verdict = await verify(signed, who, signal)
        if (!verdict.ok) return verdict
        const kept = keptBytes(signed)
        await keep(deps.store, kept, signal)
        return { ...verdict, statement: digestOf(kept) }
      }),
  }
}

/** For whoever checks it years later. A store that is away keeps nobody from what was verified: the history has the word, too. */
async function keep(store: Store, bytes: Buffer, signal: AbortSignal): Promise<void> {
  try {
    await store.put(bytes, 'application/json', AbortSignal.any([signal, AbortSignal.timeout(KEEP_WITHIN_MS)]))
  } catch {
    signal.throwIfAborted()
  }
}
