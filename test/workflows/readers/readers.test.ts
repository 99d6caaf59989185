import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deploymentReport, resolution, standDown } from '../../../workflows/readers/deployment.ts'
import { noted, tryRead } from '../../../workflows/readers/hear-machine.ts'
import { branches, mergeBackReport, mergedAs, stopped } from '../../../workflows/readers/merge-back.ts'
import { buildReport, sprintPhase } from '../../../workflows/readers/repository.ts'
import { projectSettings } from '../../../workflows/readers/settings.ts'
import type { Reader } from '../../../workflows/readers/shape.ts'
import { environmentReport, sprintFacts } from '../../../workflows/readers/sprint.ts'
import { deployRequest, following, withdraw } from '../../../workflows/readers/wishes.ts'
import { garbage } from '../../fakes/garbage.ts'
import { recordedSignals } from '../../fakes/recorded-signals.ts'
import { request } from '../../domain/samples.ts'
import { RIGHTS, withPolicy } from '../../fakes/signed.ts'
import { World } from '../../fakes/world.ts'

const READERS: Readonly<Record<string, Reader<unknown>>> = {
  request: deployRequest,
  withdraw,
  follow: following,
  deploymentReport,
  resolution,
  standDown,
  buildReport,
  sprintPhase,
  facts: sprintFacts,
  environmentReport,
  settings: projectSettings,
  mergeBackReport,
  stop: stopped,
  targets: branches,
  mergedAs,
}

/** Of each at least one: what the histories do not have is made here. */
const SAMPLES: Readonly<Record<string, readonly unknown[]>> = {
  withdraw: [{ version: '1.0.0', tag: 'v1.0.0', reason: 'the tag was deleted', mayReturn: true }],
  settings: [
    new World('a').settings,
    new World('b', withPolicy(), RIGHTS).settings,
    { ...new World('c').settings, announced: true, rights: { roles: null, verified: true } },
  ],
  stop: [{ reason: '1.0.0 is rolledBack' }],
  mergedAs: [{ target: 'master', revision: 'a'.repeat(40), by: { kind: 'person', name: 'anne', verified: false } }],
}
const recorded = recordedSignals()
const samplesOf = (name: string) => [...(recorded.get(name) ?? []), ...(SAMPLES[name] ?? [])]

test.each(Object.entries(READERS))('%s: what workflows said so far is read as it was said', (name, read) => {
  const samples = samplesOf(name)
  expect(samples.length).toBeGreaterThan(0)
  for (const sample of samples) expect(tryRead(read, sample, name)).toEqual({ ok: true, value: sample })
})

test.each(Object.entries(READERS))('%s: whatever is sent is read or refused in a sentence, and read again as it was read', (name, read) => {
  fc.assert(
    fc.property(garbage(samplesOf(name)), (sent) => {
      const heard = tryRead(read, sent, name)
      if (heard.ok) expect(tryRead(read, heard.value, name)).toEqual(heard)
      else expect(heard.problem).toMatch(new RegExp(`^${name}[^:]*: expected `))
    }),
    { numRuns: 300 },
  )
  for (const nothing of [undefined, null]) expect(tryRead(read, nothing, name).ok).toBe(false)
})

test('who asks by a Signal is a machine, whatever it says; and what only the environment makes of a person’s word is left out', () => {
  const wish = request('A', { version: '1.0.0', by: { kind: 'automation', name: 'sprint 1.0.0' } })
  const person = { kind: 'person', name: 'anne', verified: true, key: 'SHA256:x', statement: 'sha256:x' }
  const rollback = { epoch: 1, reason: 'now' }
  for (const by of [person, { kind: 'automation', name: 'anne' }])
    expect(tryRead(deployRequest, { ...wish, by, rollback, signed: {} }, 'request')).toEqual({
      ok: true,
      value: { ...wish, by: { kind: 'automation', name: 'a Signal that names anne' } },
    })
})

test('a Signal that is none is noted once, however often it comes', () => {
  const first = noted([], 1, 'a: expected b')
  expect(noted(first, 2, 'a: expected b')).toBe(first)
  expect(noted(first, 2, 'c: expected d')).toHaveLength(2)
})
