import { randomUUID } from 'node:crypto'
import type { AttemptContext } from '../context.ts'
import type { LookInput, Seen } from '../deploy/target.ts'
import { withHeartbeat } from '../heartbeat.ts'
import { connect } from '../ssh/connect.ts'
import { HELD_SCRIPT, heldEpoch } from '../ssh/held-epoch.ts'
import { remoteCommand } from '../ssh/quote.ts'
import { run } from '../ssh/run.ts'
import { stateFolder } from './state-folder.ts'
import type { ScriptSetup } from './target.ts'

/** Reads the fence. What runs is known to the script alone, so `images` is null. */
export async function lookAtScript({ host, deps }: ScriptSetup, input: LookInput, attempt: AttemptContext): Promise<Seen> {
  return withHeartbeat(attempt, `looking at ${host.address}`, async () => {
    const connection = await connect(host, deps, attempt.signal)
    try {
      const fence = { call: randomUUID(), state: stateFolder(input), owner: `${input.project}/${input.environment}` }
      const command = remoteCommand(HELD_SCRIPT, [fence.call, fence.state])
      const { stdout } = await run(connection, { command, signal: attempt.signal })
      return { epoch: heldEpoch(connection, fence, stdout), images: null, others: [], compare: () => [] }
    } finally {
      connection.close()
    }
  })
}
