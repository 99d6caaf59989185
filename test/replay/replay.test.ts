import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { History } from '@temporalio/common/lib/proto-utils.js'
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker'
import { beforeAll, expect, test } from 'vitest'
import { workflowBundle } from '../../worker/bundle.ts'
import { HISTORIES } from './histories.ts'

Runtime.install({ logger: new DefaultLogger('ERROR') })

/** Every workflow that a worker serves, read from the file that says so. */
const index = readFileSync(join(import.meta.dirname, '..', '..', 'workflows', 'index.ts'), 'utf8')
const workflows = [...index.matchAll(/export \{ ([\w, ]+) \} from/g)].flatMap((match) => match[1]?.split(', ') ?? [])
const files = readdirSync(HISTORIES).filter((name) => name.endsWith('.json'))

test('there is a recorded history for every workflow', () => {
  expect(workflows.length).toBeGreaterThanOrEqual(8)
  for (const name of workflows)
    expect(
      files.some((file) => file.startsWith(`${name}-`)),
      name,
    ).toBe(true)
})

test('among them are runs that continue another, a failed build and a restored deployment', () => {
  const texts = files.map((file) => readFileSync(join(HISTORIES, file), 'utf8'))
  for (const type of ['repository', 'sprint', 'environment', 'mergeBack']) {
    expect(
      files.some((file, at) => file.startsWith(`${type}-`) && texts[at]?.includes('WORKFLOW_EXECUTION_CONTINUED_AS_NEW')),
      type,
    ).toBe(true)
  }
  expect(files.some((file, at) => file.startsWith('build-') && texts[at]?.includes('"BuildFailed"'))).toBe(true)
  expect(files.some((file, at) => file.startsWith('deployment-') && texts[at]?.includes('"RolloutFailed"'))).toBe(true)
})

test('and a rollback, a hotfix, a conflict that a person solved, and two sprints that overlap', () => {
  const recorded = (type: string) =>
    files.filter((file) => file.startsWith(`${type}-`)).map((file) => Buffer.from(readFileSync(join(HISTORIES, file))).toString('utf8'))
  const payloads = (text: string) =>
    [...text.matchAll(/"data":"([A-Za-z0-9+/=]+)"/g)].map((match) => Buffer.from(match[1]!, 'base64').toString('utf8')).join('\n')
  const environments = recorded('environment').map(payloads).join('\n')
  const sprints = recorded('sprint').map(payloads).join('\n')
  expect(environments).toContain('"fromTag":"v1.1.0"')
  expect(environments).toContain('"claim":"hotfix"')
  expect(sprints).toContain('"name":"v1.1.0-hotfix2"')
  expect(recorded('mergeBack').map(payloads).join('\n')).toContain('"outcome":"conflict"')
  expect(environments).toContain('reserved by 1.1.0 (hotfix)')
})

const problems = new Map<string, unknown>()

beforeAll(async () => {
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: await workflowBundle() }, histories())) {
    problems.set(workflowId, error)
  }
})

async function* histories() {
  for (const file of files) yield { workflowId: file, history: JSON.parse(readFileSync(join(HISTORIES, file), 'utf8')) as History }
}

test.each(files)('%s replays with the workflows of today', (file) => {
  expect(problems.has(file), 'was replayed').toBe(true)
  expect(problems.get(file)).toBeUndefined()
})

test('a workflow that would do something else than it did is found', async () => {
  const file = files.find((name) => name.startsWith('build-')) ?? ''
  const text = readFileSync(join(HISTORIES, file), 'utf8').replaceAll('"planBuild"', '"planSomething"')
  const history = JSON.parse(text) as History
  await expect(Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history)).rejects.toThrow()
})
