import { expect, test } from 'vitest'
import { onceMore } from '../../client/typed/once-more.ts'

const failure = (code: number, details: string) =>
  new Error('Workflow Update failed', { cause: Object.assign(new Error(`${code} ${details}`), { code, details }) })
const BETWEEN = failure(9, 'Unable to perform workflow execution update due to unexpected workflow task failure.')

/** Fails with these, one after another, and then answers how often it was asked. */
function failing(...errors: readonly Error[]) {
  let asked = 0
  return () => {
    const error = errors[asked++]
    return error === undefined ? Promise.resolve(asked) : Promise.reject(error)
  }
}

test('what comes between two runs of a workflow is said again; anything else is not', async () => {
  expect(await onceMore(failing(BETWEEN, BETWEEN))).toBe(3)
  for (const other of [failure(9, 'no poller'), failure(4, 'unexpected workflow task failure'), new Error('no')])
    await expect(onceMore(failing(other))).rejects.toBe(other)
})

test('a workflow whose task always fails is not asked for ever', async () => {
  await expect(onceMore(failing(...Array.from({ length: 100 }, () => BETWEEN)))).rejects.toBe(BETWEEN)
})
