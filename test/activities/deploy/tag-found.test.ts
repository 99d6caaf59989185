import { expect, test } from 'vitest'
import { tagFound } from '../../../activities/deploy/tag-found.ts'
import type { SeenImage } from '../../../activities/deploy/target.ts'

const image = (where: string, tag: string | null): SeenImage => ({ where, repository: `eap/${where}`, tag, digest: null })

test('the tag that all images have', () => {
  expect(tagFound([image('web', 'v1.0.0'), image('api', 'v1.0.0')], null, 'alpha')).toEqual({ ok: true, value: 'v1.0.0' })
})

test('mixed tags are named, each with its image, and the tag is asked for', () => {
  const found = tagFound([image('web', 'v1.0.0'), image('api', 'v1.0.1')], null, 'alpha')
  expect(found).toMatchObject({
    ok: false,
    problem: expect.stringMatching(/on alpha, found web eap\/web:v1.0.0, api eap\/api:v1.0.1\. Pass the tag/),
  })
})

test('an image without a tag does not say which it is', () => {
  expect(tagFound([image('web', null)], null, 'alpha')).toMatchObject({ ok: false, problem: expect.stringContaining('by digest alone') })
})

test('what a person says counts', () => {
  expect(tagFound([image('web', 'v1.0.0'), image('api', null)], 'v1.0.1', 'alpha')).toEqual({ ok: true, value: 'v1.0.1' })
})
