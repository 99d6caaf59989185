import { expect, test } from 'vitest'
import type { Pod } from '../../../activities/kustomize/live.ts'
import { checkDigests } from '../../../activities/kustomize/running-digests.ts'
import { candidateOf } from './bench.ts'

const wanted = `sha256:${'a'.repeat(64)}`
const other = `sha256:${'b'.repeat(64)}`
const { images } = candidateOf({ website: wanted }, 'eap')

function pod(image: string, imageID?: string): Pod {
  return {
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'main', image }] },
    status: { containerStatuses: [{ name: 'main', ...(imageID ? { imageID } : {}) }] },
  }
}

const check = (given: Pod) => checkDigests([given], images, 'r.example')

test('the candidate runs', () => {
  for (const imageID of [`r.example/eap/website@${wanted}`, `docker-pullable://r.example/eap/website@${wanted}`]) {
    expect(check(pod(`r.example/eap/website@${wanted}`, imageID))).toEqual({ wrong: [], observed: [`website runs ${wanted}`] })
  }
})

test('the node knows the image by another digest', () => {
  const found = check(pod(`r.example/eap/website@${wanted}`, `r.example/eap/website@${other}`))
  expect(found).toEqual({ wrong: [], observed: [`website runs ${wanted} (its node also knows that image as ${other})`] })
})

test('somebody changed the image', () => {
  expect(check(pod(`r.example/eap/website@${other}`, `r.example/eap/website@${other}`)).wrong).toEqual([
    `pod p: container main runs r.example/eap/website@${other}, not the candidate's ${wanted}`,
  ])
  expect(check(pod('r.example/eap/website:latest')).wrong).toHaveLength(1)
})

test('images of others are not our matter', () => {
  expect(check(pod('docker.io/library/nginx:1'))).toEqual({ wrong: [], observed: [] })
})
