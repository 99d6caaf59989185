import { expect, test } from 'vitest'
import { createPatience } from '../../../activities/kustomize/patience.ts'
import { done, failed, waiting, type Progress } from '../../../activities/kustomize/progress.ts'

const look = (status: Progress) => ({ apiVersion: 'a.example/v1', kind: 'Widget', name: 'w', object: { metadata: { name: 'w' } }, status })

test('a verdict that has to last counts when it did, and begins anew after another word', () => {
  const patient = createPatience()
  const at = (nowMs: number, status: Progress) => patient([look(status)], nowMs)[0]?.status.state
  const well = done('ready', 100)
  expect([at(0, well), at(90, well), at(100, well)]).toEqual(['waiting', 'waiting', 'done'])
  expect([at(110, waiting('no')), at(120, well), at(219, well), at(220, well)]).toEqual(['waiting', 'waiting', 'waiting', 'done'])
  expect([at(230, failed('bad', 50)), at(280, failed('bad', 50))]).toEqual(['waiting', 'failed'])
})

test('what needs not last counts at once', () => {
  const patient = createPatience()
  expect(patient([look(done('ready')), look(failed('bad'))], 0).map((each) => each.status.state)).toEqual(['done', 'failed'])
})
