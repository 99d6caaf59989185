import { randomUUID } from 'node:crypto'
import { composeProject } from '../../config/compose-project.ts'
import type { AttemptContext } from '../context.ts'
import type { LookInput, Seen } from '../deploy/target.ts'
import { permanent } from '../failure.ts'
import { withHeartbeat } from '../heartbeat.ts'
import { connect } from '../ssh/connect.ts'
import { heldEpoch } from '../ssh/held-epoch.ts'
import { remoteCommand } from '../ssh/quote.ts'
import { run } from '../ssh/run.ts'
import { applyFailure } from './apply-failure.ts'
import { decodeContent } from './content.ts'
import { readBrought } from './inventory-script.ts'
import { LOOK_SCRIPT } from './look-script.ts'
import { readFound, seenImages, type FoundContainer } from './found-containers.ts'
import type { ComposeSetup } from './target.ts'

/** Looks at the containers that run from the folder, Slipway's or not: one connection, one command. */
export async function lookAtCompose({ target, host, deps }: ComposeSetup, input: LookInput, attempt: AttemptContext): Promise<Seen> {
  return withHeartbeat(attempt, `looking at the containers on ${host.address}`, async () => {
    const connection = await connect(host, deps, attempt.signal)
    try {
      const { directory } = target
      const own = composeProject(target)
      const fence = { call: randomUUID(), state: `${directory}/.slipway`, owner: `${input.project}/${input.environment}` }
      const command = remoteCommand(LOOK_SCRIPT, [fence.call, fence.state, directory, own])
      const { stdout, stderr, exitCode } = await run(connection, { command, signal: attempt.signal })
      const epoch = heldEpoch(connection, fence, stdout)
      if (exitCode !== 0) throw applyFailure(exitCode, stderr, connection.place)
      const found = ofOneProject(readFound(stdout, fence.call), own)
      const { images, others } = seenImages(found, input.registry)
      const brought = readBrought(stdout, fence.call, own)
      return { epoch, images, others, compare: (content) => compare(found, content, { directory, place: connection.place, brought }) }
    } finally {
      connection.close()
    }
  })
}

/** Another project may have been started from the same folder under a name of its own. */
function ofOneProject(found: readonly FoundContainer[], own: string): readonly FoundContainer[] {
  const mine = found.filter((each) => each.project === own)
  return mine.length > 0 ? mine : found
}

type Where = { readonly directory: string; readonly place: string; readonly brought: readonly string[] }

function compare(found: readonly FoundContainer[], bytes: Buffer, where: Where): readonly string[] {
  const { project, known, file } = decodeContent(bytes)
  const other = found.find((each) => each.project !== project)
  if (other) {
    throw permanent(
      'InvalidConfiguration',
      `the containers in ${where.directory} on ${where.place} run as the compose project ${other.project}, and Slipway would start ${project} beside them; say "project: ${other.project}" below compose in the estate`,
    )
  }
  if (file === null) return []
  const gone = [...new Set(found.map((each) => each.service))].filter((service) => !known.includes(service))
  return gone.map((service) => {
    const then = where.brought.includes(service)
      ? 'a deployment before brought it up, and the next one removes it'
      : 'Slipway leaves it alone'
    return `${service} is there and not in the compose file: ${then}`
  })
}
