import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { History } from '@temporalio/common/lib/proto-utils.js'
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { workflowBundle } from '../../worker/bundle.ts'
import * as messages from '../../workflows/messages.ts'
import { garbage } from '../fakes/garbage.ts'
import { recordedSignals } from '../fakes/recorded-signals.ts'
import { HISTORIES } from './histories.ts'

Runtime.install({ logger: new DefaultLogger('ERROR') })

/** Which Signals each workflow hears. */
const HEARD: Readonly<Record<string, readonly string[]>> = {
  repository: ['hint', 'buildReport', 'sprintPhase'],
  sprint: ['facts', 'environmentReport', 'settings', 'mergeBackReport', 'areYouThere'],
  build: ['unwanted'],
  environment:
    'request withdraw follow deploymentReport lateRefusal inspect settingsChanged approve reject withdrawApproval rollback'.split(' '),
  deployment: ['areYouThere', 'giveUp', 'resolution', 'standDown'],
  mergeBack: ['look', 'targets', 'mergedAs', 'stop'],
  announcer: ['announce'],
}
const OF_EACH = 20
const samples = recordedSignals()
const files = readdirSync(HISTORIES).filter((name) => name.endsWith('.json'))

type Event = { eventId: string; eventTime: string; eventType: string; workflowExecutionStartedEventAttributes?: { taskQueue: object } }

/** A recorded workflow in the middle of its work, to which somebody sends these before its next task. */
function withSignals(file: string, sent: readonly { readonly name: string; readonly args: readonly unknown[] }[]): History {
  const { events } = JSON.parse(readFileSync(join(HISTORIES, file), 'utf8')) as { events: Event[] }
  const tasks = events.flatMap(({ eventType }, at) => (eventType === 'EVENT_TYPE_WORKFLOW_TASK_SCHEDULED' ? [at] : []))
  const kept = events.slice(0, tasks[Math.floor(tasks.length / 2)])
  const eventTime = kept.at(-1)!.eventTime
  const { taskQueue } = kept[0]!.workflowExecutionStartedEventAttributes!
  const payload = (value: unknown) => ({ metadata: { encoding: base64('json/plain') }, data: base64(JSON.stringify(value)) })
  const [scheduledEventId, startedEventId] = [String(kept.length + sent.length + 1), String(kept.length + sent.length + 2)]
  const added = [
    ...sent.map(({ name, args }) => ({
      eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED',
      workflowExecutionSignaledEventAttributes: { signalName: name, input: { payloads: args.map(payload) } },
    })),
    { eventType: 'EVENT_TYPE_WORKFLOW_TASK_SCHEDULED', workflowTaskScheduledEventAttributes: { taskQueue, attempt: 1 } },
    {
      eventType: 'EVENT_TYPE_WORKFLOW_TASK_STARTED',
      workflowTaskStartedEventAttributes: { scheduledEventId, requestId: 'garbage' },
    },
    { eventType: 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED', workflowTaskCompletedEventAttributes: { scheduledEventId, startedEventId } },
  ]
  const numbered = added.map((event, at) => ({ ...event, eventTime, eventId: String(kept.length + at + 1) }))
  return { events: [...kept, ...numbered] } as unknown as History
}

const base64 = (text: string) => Buffer.from(text).toString('base64')

test('every Signal is heard by some workflow here', () => {
  const all = Object.values(messages).flatMap((each) => (typeof each === 'object' && each.type === 'signal' ? [each.name] : []))
  expect(new Set(Object.values(HEARD).flat())).toEqual(new Set(all))
})

test('whatever anybody signals to any workflow in the middle of its work, it goes on', async () => {
  const seen = new Map<string, unknown>()
  const histories = Object.entries(HEARD).flatMap(([type, signals]) => {
    const file = files.find((name) => name.startsWith(`${type}-`))!
    return signals.map((name) => {
      const sent = fc.sample(garbage(samples.get(name) ?? []), { numRuns: OF_EACH, seed: 7 }).map((each) => ({ name, args: [each] }))
      return { workflowId: `${type} ${name}`, history: withSignals(file, [{ name, args: [] }, ...sent]) }
    })
  })
  async function* each() {
    yield* histories
  }
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: await workflowBundle() }, each())) {
    seen.set(workflowId, error)
  }
  expect(seen).toEqual(new Map(histories.map(({ workflowId }) => [workflowId, undefined])))
})
