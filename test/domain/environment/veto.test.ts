import { expect, test } from 'vitest'
import { judgeVeto } from '../../../domain/environment/judge-veto.ts'
import { judgeLift, vetoOf } from '../../../domain/environment/veto.ts'
import { alpha, ANNE, request, verified } from '../samples.ts'

const [A, B] = [request('A'), request('B', { at: 1001 })]
const both = verified(verified(alpha(), A), B)
const veto = (epoch: number, reason: string | null = 'it loses orders') => judgeVeto(both, { epoch, by: ANNE, reason }, 5000)

test('a person keeps automation from bringing something back; what runs, runs on', () => {
  const { state, answer } = veto(2)
  expect(answer).toEqual({ ok: true, text: `${B.tag} (epoch 2) is vetoed in alpha; it runs on until something else takes its place` })
  expect(state.current?.epoch).toBe(2)
  expect(vetoOf(state, state.current!.snapshot)).toMatchObject({ epoch: 2, reason: 'vetoed by anne (unverified): it loses orders' })
  expect(state.entries.at(-1)).toMatchObject({ event: 'vetoed', by: 'anne (unverified)' })
  expect(judgeLift(state, { epoch: 2, by: ANNE, reason: 'mended' }, 6000).answer).toMatchObject({ ok: true })
})

test('what ran before is vetoed by its epoch', () => {
  expect(veto(1).answer).toEqual({ ok: true, text: `${A.tag} (epoch 1) is vetoed in alpha` })
})

test.each([
  ['without a reason', veto(2, null), 'a veto needs a reason', 'state'],
  ['what was never verified here', veto(7), 'epoch 7 was never verified in alpha, or is too old to be known; one can veto 2', 'notFound'],
  ['what is vetoed already', judgeVeto(veto(1).state, { epoch: 1, by: ANNE, reason: 'x' }, 6000), 'is vetoed in alpha already', 'state'],
])('%s: refused, and on record', (_, { answer, state }, reason, kind) => {
  expect(answer).toMatchObject({ ok: false, reason: expect.stringContaining(reason), kind })
  expect(state.entries.at(-1)).toMatchObject({ event: 'denied' })
})
