import { until } from '../../test/fakes/world.ts'
import { deploymentId } from '../../workflows/ids.ts'
import { cut, push } from '../life/release.ts'
import { seenIn } from '../history/events.ts'
import type { Bench } from '../measure/bench.ts'
import { measured } from '../measure/measured.ts'
import { expectOk } from '../ways/slipway.ts'
import type { ApprovalResult } from './results.ts'
import { APPROVER, openSignedStage, type SignedLed } from './signed-stage.ts'
import { PATIENCE_MS } from './stage.ts'

const VERSION = '1.0.0'
const BRANCH = `release-${VERSION}`

/** `slipway approve prod` with a key: from the start of the command until it has answered, and until the deployment has begun. */
export async function measureApproval(bench: Bench): Promise<ApprovalResult> {
  const { rounds, say, signal } = bench
  const led = await openSignedStage(bench)
  const tip = (await led.project.git('rev-parse', '--short=8', 'develop')).trim()
  await led.talk.runs('integration', `develop.${tip}`, PATIENCE_MS)
  await expectOk(led.talk.start(VERSION))
  await cut(led, VERSION)

  const found: { answered: number; begun: number }[] = []
  for (let round = 0; round <= rounds; round++) {
    signal.throwIfAborted()
    const one = await approve(led, round)
    if (round > 0) found.push(one)
    say(`approval: ${round === 0 ? 'warm-up' : `round ${round} of ${rounds}`}: ${Math.round(one.begun)} ms`)
  }
  return { answered: measured(found.map(({ answered }) => answered)), begun: measured(found.map(({ begun }) => begun)) }
}

async function approve(led: SignedLed, round: number): Promise<{ answered: number; begun: number }> {
  const { client, project, talk, cli, keyFile } = led
  if (round > 0) {
    await expectOk(talk.say(VERSION, { kind: 'hotfix' }))
    await push(led, BRANCH, `round ${round}`)
  }
  const tip = (await project.git('rev-parse', BRANCH)).trim()
  await talk.runs('alpha', `${BRANCH}.${tip.slice(0, 8)}`, PATIENCE_MS)
  await expectOk(talk.signOff('alpha', 'pass'))
  await until(
    () => talk.sprint(VERSION),
    ({ state }) => state.signedOff.some(({ environment, revision }) => environment === 'alpha' && revision === tip),
    PATIENCE_MS,
  )
  await expectOk(talk.say(VERSION, { kind: 'tag', revision: null }))
  const { request } = await talk.vote('prod')

  const began = Date.now()
  await cli('approve', 'prod', request, '--as', APPROVER, '--key', keyFile)
  const answered = Date.now() - began
  const { state } = await talk.runs('prod', request, PATIENCE_MS)
  const history = await client.workflow.getHandle(deploymentId(project.shape.name, 'prod', state.epoch)).fetchHistory()
  const begun = seenIn(history, began).find(({ kind }) => kind === 'begun')?.at
  if (begun === undefined) throw new Error(`expected the deployment of ${request} to begin after its approval`)
  await talk.phase(VERSION, 'live', PATIENCE_MS)
  return { answered, begun }
}
