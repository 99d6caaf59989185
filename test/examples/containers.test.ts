import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { lab, onEngine } from './tools.ts'

const sample = join(import.meta.dirname, '../../examples/website')
const id = `website-test-${randomBytes(4).toString('hex')}`
const images = ['website', 'api'].map((service) => ({ service, image: `${id}/eap/${service}:1` }))
// Port 0 lets the engine choose.
const variables = { REGISTRY: id, TAG: '1', ENVIRONMENT: 'te<s>t', WEBSITE_PORT: '0', API_PORT: '0' }

let website: string
let api: string

beforeAll(async () => {
  const base = (await lab()).images.busybox
  for (const { service, image } of images) {
    await onEngine(['docker', 'build', '--quiet', '--build-arg', `BASE=${base}`, '--tag', image, service], sample)
  }
  await compose('up', '-d')
  website = await urlOf('website')
  api = await urlOf('api')
  await vi.waitFor(async () => {
    expect(await status(`${website}/healthz`)).toBe(200)
    expect(await status(`${api}/healthz`)).toBe(200)
  }, 10_000)
}, 120_000)

afterAll(async () => {
  await compose('down', '--remove-orphans')
  await onEngine(['docker', 'image', 'rm', '--force', ...images.map(({ image }) => image)], sample)
}, 60_000)

it('shows its version, its environment and what the api answers', async () => {
  const response = await fetch(`${website}/`)
  const page = await response.text()

  expect(response.status).toBe(200)
  expect(page).toContain('<p>website: 1.0.0</p>')
  expect(page).toContain('<p>environment: te&lt;s&gt;t</p>')
  expect(page).toContain('<p>api: {"service":"api","version":"1.0.0"')
})

it('answers as JSON from the api', async () => {
  const response = await fetch(`${api}/`)

  expect(response.headers.get('content-type')).toBe('application/json')
  expect(await response.json()).toMatchObject({ service: 'api', version: '1.0.0', environment: 'te<s>t' })
})

it('answers with the status that fits', async () => {
  for (const service of [website, api]) {
    expect(await (await fetch(`${service}/version`)).text()).toBe('1.0.0\n')
    expect(await status(`${service}/nothing`)).toBe(404)
    expect(await status(`${service}/nothing/`)).toBe(404)
    expect(await status(`${service}/`, 'HEAD')).toBe(200)
    expect(await status(`${service}/`, 'POST')).toBe(405)
  }
})

it('stops at SIGTERM instead of being killed, and the page says that the api is away', async () => {
  await compose('stop', '--timeout', '30', 'api')
  const container = await compose('ps', '-q', 'api')
  expect(await onEngine(['docker', 'inspect', '--format', '{{.State.ExitCode}}', container], sample)).toBe('0')

  const response = await fetch(`${website}/`)
  expect(response.status).toBe(200)
  expect(await response.text()).toContain('<p>api: unreachable</p>')
})

function compose(...args: string[]): Promise<string> {
  return onEngine(['docker-compose', '--project-name', id, ...args], sample, variables)
}

async function urlOf(service: string): Promise<string> {
  return `http://${await compose('port', service, '8080')}`
}

async function status(url: string, method = 'GET'): Promise<number> {
  const response = await fetch(url, { method }).catch(() => undefined)
  return response?.status ?? 0
}
