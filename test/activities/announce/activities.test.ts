import { Webhook } from 'standardwebhooks'
import { afterEach, expect, test } from 'vitest'
import { createAnnounceActivities } from '../../../activities/announce/activities.ts'
import { parseConfig } from '../../../config/read.ts'
import type { Announcement } from '../../../domain/announcer/announcement.ts'
import { change, ESTATE } from '../../config/texts.ts'
import { openReceiver, type Receiver } from './receiver.ts'

const KEY = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const EVENT: Announcement = {
  id: 'website/prod/7/live',
  kind: 'live',
  project: 'website',
  environment: 'prod',
  revision: '1a2b3c4d5e6f708192a3b4c5d6e7f80912345678',
  tag: 'v1.0.0',
  version: '1.0.0',
  epoch: 7,
  at: Date.parse('2026-11-26T02:00:00Z'),
  text: 'v1.0.0 runs on prod',
}

const open: Receiver[] = []
afterEach(() => Promise.all(open.splice(0).map((each) => each.close())))

async function receiver(...answers: Parameters<typeof openReceiver>): Promise<Receiver> {
  const made = await openReceiver(...answers)
  open.push(made)
  return made
}

/** What `notifications` of an estate say, with the real activities behind it. */
function telling(notifications: string, environment: Record<string, string> = { KEY }) {
  const url = '      url: git@git.example:eap/website.git\n'
  const read = parseConfig('estate', { text: change(ESTATE, url, `${url}    notifications:\n${notifications}\n`), file: 'estate.yaml' })
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  const activities = createAnnounceActivities({
    estate: { file: read.value, hash: '' },
    stateFolder: '/nowhere',
    environment,
    attempt: () => ({ signal: new AbortController().signal, heartbeat: () => undefined }),
    readFile: () => Promise.reject(new Error('no files here')),
  })
  return { ...activities, tell: (to: string, event = EVENT) => activities.announce({ project: 'website', to, event }) }
}

const webhook = (url: string, more = '') => `      mine: { webhook: { url: "${url}", secret: { env: KEY } }${more} }`
const local = (port: number, path = '/in') => webhook(`http://127.0.0.1:${port}${path}`, ', privateHosts: [127.0.0.1]')

test('a webhook is signed so that the specification’s own library takes it', async () => {
  const there = await receiver()
  await telling(local(there.port)).tell('mine')
  const [got] = there.received
  const payload = new Webhook(KEY).verify(got?.body ?? '', got?.headers as Record<string, string>)
  const { kind: _kind, at: _at, ...data } = EVENT
  expect(payload).toEqual({ type: 'slipway.live', timestamp: '2026-11-26T02:00:00.000Z', data })
  expect(got?.headers['webhook-id']).toBe(EVENT.id)
  expect(() =>
    new Webhook('whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD').verify(got?.body ?? '', got?.headers as Record<string, string>),
  ).toThrow()
})

test('the address of a webhook may be a secret itself, and is repeated nowhere', async () => {
  const there = await receiver()
  const mine = '      mine: { webhook: { url: { env: ADDRESS }, secret: { env: KEY } }, privateHosts: [127.0.0.1] }'
  const at = (address: string) => telling(mine, { KEY, ADDRESS: address })
  await at(`http://127.0.0.1:${there.port}/in/canary`).tell('mine')
  expect(there.received[0]?.path).toBe('/in/canary')
  for (const wrong of [`http://127.0.0.1:${there.port}/in/canary`, 'canary', 'https://localhost/canary']) {
    if (wrong.startsWith('http://')) await there.close()
    const error: unknown = await at(wrong)
      .tell('mine')
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(Error)
    expect(JSON.stringify(error) + String(error)).not.toContain('canary')
  }
})

test('told again it has the same id, and a signature of its own time', async () => {
  const there = await receiver([500, 204])
  const { tell } = telling(local(there.port))
  await expect(tell('mine')).rejects.toMatchObject({ type: 'Unavailable', nonRetryable: false, message: expect.stringContaining('500') })
  await tell('mine')
  expect(there.received.map(({ headers }) => headers['webhook-id'])).toEqual([EVENT.id, EVENT.id])
  for (const { body, headers } of there.received) new Webhook(KEY).verify(body, headers as Record<string, string>)
})

test('a message for Slack is one line in which nobody can call people or make links', async () => {
  const there = await receiver()
  const { tell } = telling('      chat: { slack: { url: { env: SLACK } }, privateHosts: [127.0.0.1] }', {
    SLACK: `http://127.0.0.1:${there.port}/services/T0/B0/secret`,
  })
  await tell('chat', { ...EVENT, kind: 'failed', text: 'v1.0.0 failed: <!channel> <https://evil.example|click> @here & "x"\nnext line' })
  expect(there.received[0]?.path).toBe('/services/T0/B0/secret')
  expect(JSON.parse(there.received[0]?.body ?? '')).toEqual({
    text: ':x: *website*: v1.0.0 failed: &lt;!channel&gt; &lt;https:\u200b//evil.\u200bexample|click&gt; @\u200bhere &amp; "x" next line',
  })
})

test.each([
  ['refused for good', [410], 'Refused', '410'],
  ['asks to slow down', [429], 'Unavailable', '429'],
  ['redirects', [{ to: 'http://127.0.0.1:1/' }], 'InvalidConfiguration', 'redirects'],
] as const)('a receiver that %s', async (_what, answers, type, words) => {
  const there = await receiver(answers)
  await expect(telling(local(there.port)).tell('mine')).rejects.toMatchObject({ type, message: expect.stringContaining(words) })
  expect(there.received).toHaveLength(1)
})

test('a redirect is not followed, wherever it leads', async () => {
  const inside = await receiver()
  const there = await receiver([{ to: `http://127.0.0.1:${inside.port}/metadata` }])
  await expect(telling(local(there.port)).tell('mine')).rejects.toMatchObject({ nonRetryable: true })
  expect(inside.received).toEqual([])
})

test('nobody there is told so, and so is a receiver that answers without an end', async () => {
  const there = await receiver(['endless'])
  await telling(local(there.port)).tell('mine')
  const { port } = there
  await there.close()
  await expect(telling(local(port)).tell('mine')).rejects.toMatchObject({
    type: 'Unavailable',
    message: expect.stringContaining('ECONNREFUSED'),
  })
})

test.each([
  'https://127.0.0.1/in',
  'https://localhost/in',
  'https://2130706433/in',
  'https://0x7f.1/in',
  'https://[::1]/in',
  'https://[::ffff:127.0.0.1]/in',
  'https://[::ffff:a00:1]/in',
  'https://169.254.169.254/latest/meta-data',
  'https://10.1.2.3/in',
  'https://[fe80::1]/in',
  'https://[fd00::1]/in',
  'https://[64:ff9b::7f00:1]/in',
  'https://[2002:7f00:1::]/in',
  'https://0.0.0.0/in',
])('%s is refused, and not asked', async (url) => {
  await expect(telling(webhook(url)).tell('mine')).rejects.toMatchObject({
    type: 'Refused',
    nonRetryable: true,
    message: expect.stringContaining('private or local address'),
  })
})

test('one host that is allowed by name allows no other, and the allowed one only by that name', async () => {
  const there = await receiver()
  const named = (host: string) => webhook(`http://${host}:${there.port}/in`, ', privateHosts: [localhost]')
  await expect(telling(named('127.0.0.1')).tell('mine')).rejects.toMatchObject({ nonRetryable: true })
  await telling(named('localhost')).tell('mine')
  expect(there.received).toHaveLength(1)
})

test('without TLS nothing is said to the outside', async () => {
  await expect(telling(webhook('http://hooks.example/in')).tell('mine')).rejects.toMatchObject({
    type: 'InvalidConfiguration',
    message: expect.stringContaining('https'),
  })
})

test('a secret that is missing or cannot be one is named, and neither it nor an address is repeated', async () => {
  await expect(telling(webhook('https://hooks.example/in'), {}).tell('mine')).rejects.toMatchObject({
    type: 'InvalidConfiguration',
    message: expect.stringContaining('"KEY"'),
  })
  const { tell } = telling('      chat: { slack: { url: { env: SLACK } } }', { SLACK: 'hooks.slack.example/services/T0/B0/canary' })
  const error: unknown = await tell('chat').catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ type: 'InvalidConfiguration' })
  expect(JSON.stringify(error) + String(error)).not.toContain('canary')
})

test('who wants to hear what comes from the estate', async () => {
  const activities = telling(`${webhook('https://hooks.example/in', ', environments: [prod], events: [live]')}
      chat: { slack: { url: { env: SLACK } }, retrySeconds: 60 }`)
  expect(await activities.listAddressees({ project: 'website' })).toEqual({
    addressees: [
      { name: 'mine', kinds: ['live'], environments: ['prod'], retrySeconds: 3600 },
      {
        name: 'chat',
        kinds: ['waiting', 'rejected', 'live', 'failed', 'parked', 'rolledBack', 'buildFailed'],
        environments: null,
        retrySeconds: 60,
      },
    ],
  })
})

test('an environment that is not there is a mistake of the estate', () => {
  expect(() => telling('      mine: { slack: { url: { env: SLACK } }, environments: [prods] }')).toThrow('did you mean')
})
