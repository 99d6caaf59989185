import { expect, test } from 'vitest'
import { PARTS, parseOptions } from '../../bench/options.ts'

const parse = (...args: string[]) => parseOptions(['delivery', ...args], '/home/dana')

test('by itself it measures everything seven times', () => {
  expect(parse()).toEqual({ bench: 'delivery', rounds: 7, parts: PARTS.delivery, jsonFile: null, write: false })
  expect(parseOptions(['life'], '/')).toEqual({ bench: 'life', rounds: 7, parts: PARTS.life, jsonFile: null, write: false })
})

test('a file is meant from where the person stands', () => {
  expect(parse('--json', 'out.json')).toMatchObject({ jsonFile: '/home/dana/out.json' })
})

test('parts are measured in their own order', () => {
  expect(parse('--only', 'memory,steps')).toMatchObject({ parts: ['steps', 'memory'] })
})

test.each([
  [['--rounds', '0'], 'from 1 to 50'],
  [['--rounds', 'many'], 'from 1 to 50'],
  [['--only', 'speed'], '"speed"; expected some of steps, delivery'],
  [['--only', 'merge'], '"merge"; expected some of steps, delivery'],
  [['--write', '--rounds', '3'], 'at least 7 rounds'],
  [['--write', '--only', 'tag'], 'all parts'],
])('%j is refused', (args, why) => {
  expect(() => parse(...args)).toThrow(why)
})

test('a benchmark that is not there is refused', () => {
  expect(() => parseOptions(['speed'], '/')).toThrow(
    'expected the benchmark\'s name, which is "delivery", "life", "environment" or "webhooks", found "speed"',
  )
  expect(() => parseOptions([], '/')).toThrow('found none')
})
