import type { AttemptContext } from '../context.ts'
import type { LookInput, Seen } from '../deploy/target.ts'
import { withHeartbeat } from '../heartbeat.ts'
import { connect } from '../ssh/connect.ts'
import { readEpoch } from './ask.ts'
import type { ScriptSetup } from './target.ts'

/** Reads the fence. What runs is known to the script alone, so `images` is null. */
export async function lookAtScript({ host, deps }: ScriptSetup, input: LookInput, attempt: AttemptContext): Promise<Seen> {
  return withHeartbeat(attempt, `looking at ${host.address}`, async () => {
    const connection = await connect(host, deps, attempt.signal)
    try {
      return { epoch: await readEpoch(connection, input, attempt.signal), images: null, others: [], compare: () => [] }
    } finally {
      connection.close()
    }
  })
}
