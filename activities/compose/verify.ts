import { randomUUID } from 'node:crypto'
import type { AttemptContext } from '../context.ts'
import type { Verified } from '../contract.ts'
import type { ActInput, AskHealth } from '../deploy/target.ts'
import { permanent, transient } from '../failure.ts'
import { withHeartbeat } from '../heartbeat.ts'
import { isOvertaken } from '../overtaken.ts'
import { pause } from '../pause.ts'
import type { Connection } from '../ssh/connect.ts'
import { fenced } from '../ssh/fenced.ts'
import { remoteCommand } from '../ssh/quote.ts'
import { run } from '../ssh/run.ts'
import { withSharedConnection, type SharedConnection } from '../ssh/share.ts'
import { readInspected, type Container } from './containers.ts'
import { decodeContent, type ComposeContent } from './content.ts'
import { INSPECT_SCRIPT, LOGS_SCRIPT } from './inspect-script.ts'
import { judge, type Judgement, type Wanted } from './judge.ts'
import { redactor } from './redact.ts'
import { resolveSecrets } from './secrets.ts'
import type { ComposeSetup } from './target.ts'

/** How long a container without a health check of its own has to stay up where the estate does not say. */
const SETTLE_SECONDS = 5
/** For what falls over once more while it settles: it begins anew. */
const SETTLE_GRACE_MS = 30_000

/**
 * Looks until every container runs the candidate's image, lets the health be asked, and looks again until each has stayed up
 * long enough: what dies meanwhile is found, also where something else of the project is what was asked. Containers settle
 * while the health is asked, and one that has long been running is settled already. A broken one is a permanent
 * `RolloutFailed`.
 */
export async function verifyCompose(
  setup: ComposeSetup,
  input: ActInput,
  attempt: AttemptContext,
  askHealth: AskHealth,
): Promise<Verified> {
  const content = decodeContent(input.content)
  // What containers print may hold what they were given.
  const redact = redactor(Object.values(await resolveSecrets(content.secrets, setup)))
  const settleMs = (setup.target.settleSeconds ?? SETTLE_SECONDS) * 1000
  return withSharedConnection(setup.host, setup.deps, async (host) => {
    const looking = { setup, input, content, redact, host, attempt }
    await untilReady(looking, { settleMs: 0, limitMs: input.rolloutTimeoutMs })
    const answers = await askHealth(host)
    const lines = await untilReady(looking, { settleMs, limitMs: settleMs + Math.min(input.rolloutTimeoutMs, SETTLE_GRACE_MS) })
    return { observed: [...lines, ...answers] }
  })
}

type Looking = {
  readonly setup: ComposeSetup
  readonly input: ActInput
  readonly content: ComposeContent
  readonly redact: (text: string) => string
  readonly host: SharedConnection
  readonly attempt: AttemptContext
}

type Patience = { readonly settleMs: number; readonly limitMs: number }

/** @returns what was seen, a line each container */
async function untilReady(looking: Looking, { settleMs, limitMs }: Patience): Promise<readonly string[]> {
  const { content, redact, host, attempt } = looking
  const { signal } = attempt
  const wanted = wantedOf(content, settleMs)
  return withHeartbeat(attempt, `looking at the containers of ${content.project}`, (tell) =>
    host.use(signal, async (connection) => {
      const until = performance.now() + limitMs
      for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 1.5, 1_000)) {
        const judgement = await look(connection, { ...looking, wanted })
        const lines = judgement.lines.map(redact).slice(0, 50)
        if (judgement.kind === 'ready') return lines
        if (judgement.kind === 'failed') throw await rolloutFailed(connection, judgement, lines, redact, signal)
        if (performance.now() > until) throw tooLate(connection.place, lines, limitMs)
        tell(judgement.lines.at(-1) ?? '')
        await pause(pauseMs, signal)
      }
    }),
  )
}

type Look = Looking & { readonly wanted: Wanted }

async function look(connection: Connection, { setup, input, content, wanted, attempt: { signal } }: Look): Promise<Judgement> {
  const call = randomUUID()
  const images = wanted.images.map(({ name, digest }) => `${name}@${digest}`)
  const args = [`${setup.target.directory}/.slipway`, call, content.project, ...images]
  const { stdout, stderr, exitCode } = await run(connection, { command: remoteCommand(INSPECT_SCRIPT, args), signal })
  const answer = new RegExp(`${call} (\\d+) (\\d+) ([0-9a-f]*)\n${call} now (\\d+)\n([^]*)`).exec(stdout)
  if (!answer || exitCode !== 0) {
    throw transient(`the containers on ${connection.place} cannot be listed (exit code ${exitCode}): ${stderr.trim().slice(-300)}`)
  }
  const held = { epoch: Number(answer[1]), attempt: Number(answer[2]), ...(answer[3] ? { identity: answer[3] } : {}) }
  if (isOvertaken(input.fence, held)) throw fenced(connection.place, input.fence, held)
  const { containers, images: here } = readInspected(answer[5]!, Number(answer[4]))
  return judge(wanted, containers, here)
}

async function rolloutFailed(
  connection: Connection,
  judgement: Judgement & { kind: 'failed' },
  lines: readonly string[],
  redact: (text: string) => string,
  signal: AbortSignal,
): Promise<Error> {
  const logs = await readLogs(connection, judgement.culprits.slice(0, 5), signal).catch(() => [])
  const observed = [...lines, ...logs.map(redact)].slice(0, 50)
  return permanent('RolloutFailed', `on ${connection.place}, ${redact(judgement.why)}`, { observed })
}

async function readLogs(connection: Connection, culprits: readonly Container[], signal: AbortSignal): Promise<readonly string[]> {
  if (culprits.length === 0) return []
  const { stdout } = await run(connection, {
    command: remoteCommand(
      LOGS_SCRIPT,
      culprits.map((each) => each.id),
    ),
    signal,
  })
  let service = ''
  return stdout.split('\n').flatMap((line) => {
    const header = culprits.find((each) => each.id === line)
    if (header) service = header.service
    return header || line.trim() === '' ? [] : [`${service} | ${line.slice(0, 500)}`]
  })
}

function tooLate(place: string, lines: readonly string[], timeoutMs: number): Error {
  return permanent(
    'RolloutFailed',
    `on ${place}, the containers were not all up after ${timeoutMs / 1000} s: ${lines.join('; ').slice(0, 500)}`,
    { observed: lines },
  )
}

function wantedOf(content: ComposeContent, settleMs: number): Wanted {
  return {
    services: content.expected,
    overrides: content.file === null ? null : content.overrides,
    images: Object.values(content.images).map(({ repository, digest }) => ({ name: `${content.registry}/${repository}`, digest })),
    settleMs,
  }
}
