import { expect, test } from 'vitest'
import { findImages } from '../../../activities/deploy/found-images.ts'
import { inputsOfFound, isFound } from '../../../activities/deploy/found-inputs.ts'
import type { SeenImage } from '../../../activities/deploy/target.ts'
import type { Registry } from '../../../activities/registry/client.ts'
import { slipwaySchema } from '../../../config/slipway-schema.ts'

const digest = (digit: string) => `sha256:${digit.repeat(64)}`
const seen = (where: string, found: string | null, tag = 'v1.0.0'): SeenImage => ({ where, repository: 'eap/web', tag, digest: found })
const { services } = slipwaySchema.parse({ project: 'shop', services: { web: { image: 'eap/web' } } })

/** A registry that knows these references of eap/web. */
function find(names: Record<string, string>, images: readonly SeenImage[]) {
  const registry = { resolve: (_: string, reference: string) => Promise.resolve(names[reference] ?? null) } as Partial<Registry> as Registry
  return findImages({ services, seen: images, tag: 'v1.0.0', registry, signal: new AbortController().signal })
}

test('what runs is what is gone back to', async () => {
  const { images, lines } = await find({ 'v1.0.0': digest('1') }, [seen('deployment/web', digest('1'))])
  expect(images).toEqual([{ service: 'web', repository: 'eap/web', digest: digest('1'), inputs: inputsOfFound(digest('1')), reused: true }])
  expect(lines).toEqual([`deployment/web runs eap/web:v1.0.0 ${'1'.repeat(12)}`])
  expect(isFound({ revision: '', configHash: '', images })).toBe(true)
})

test('a tag that was moved since does not count', async () => {
  const names = { 'v1.0.0': digest('2'), [digest('1')]: digest('1') }
  const { images, lines } = await find(names, [seen('deployment/web', digest('1'))])
  expect(images[0]!.digest).toBe(digest('1'))
  expect(lines[1]).toContain(`v1.0.0 names ${'2'.repeat(12)} in the registry by now`)
})

test('an image that the registry no longer has is said to be in danger', async () => {
  const { lines } = await find({}, [seen('deployment/web', digest('1'))])
  expect(lines[1]).toBe(`web: the registry no longer has ${digest('1')}; going back works while the target keeps it`)
})

test('of what is not up, the registry says the digest', async () => {
  const { images } = await find({ 'v1.0.0': digest('1') }, [seen('deployment/web', null)])
  expect(images[0]!.digest).toBe(digest('1'))
})

test('what is nowhere is left out', async () => {
  expect(await find({}, [])).toEqual({
    images: [],
    lines: ['web is left out: it does not run, and the registry has no eap/web:v1.0.0'],
  })
})

test('two images under one tag: the one that the tag names, or nobody knows', async () => {
  const both = [seen('deployment/web', digest('1')), seen('deployment/web', digest('2'))]
  expect((await find({ 'v1.0.0': digest('2') }, both)).images[0]!.digest).toBe(digest('2'))
  await expect(find({ 'v1.0.0': digest('3') }, both)).rejects.toMatchObject({
    type: 'NotFound',
    message: expect.stringContaining(`found ${'1'.repeat(12)} and ${'2'.repeat(12)}`),
  })
})
