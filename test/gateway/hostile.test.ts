import { createHmac } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ROLES } from '../../domain/rights.ts'
import { ACTIONS } from '../fakes/who-may.ts'
import { createHinter } from '../../gateway/hinter.ts'
import { fromGithub, fromSigningGitlab, PUSH, SECRETS, standard } from './signed.ts'
import { openStand, type Stand } from './stand.ts'

let stand: Stand
beforeAll(async () => {
  stand = await openStand({ limits: { requestMs: 1000 }, gateway: '{ hintsPerMinute: 100000 }' })
})
afterAll(() => stand.close())
beforeEach(async () => {
  await stand.settled()
  stand.hinted.length = 0
})

test('a body of 100 MB is refused by its length, before any of it is read', async () => {
  const started = Date.now()
  const answer = await spoken([...HEAD, 'content-length: 104857600', '', ''].join('\r\n'))
  expect(answer).toMatch(/^HTTP\/1\.1 413 /)
  expect(Date.now() - started).toBeLessThan(1000)
})

test('a body of 100 MB that names no length is cut off after the first', async () => {
  const chunk = `10000\r\n${'a'.repeat(65_536)}\r\n`
  let sent = 0
  const answer = await spoken([...HEAD, 'transfer-encoding: chunked', '', ''].join('\r\n'), async (socket) => {
    while (sent < 100 * 1024 * 1024 && !socket.destroyed) {
      sent += 65_536
      if (!socket.write(chunk)) await new Promise((resolve) => ['drain', 'close', 'error'].forEach((event) => socket.once(event, resolve)))
    }
  })
  expect(answer === '' || answer.startsWith('HTTP/1.1 413 ')).toBe(true)
  expect(sent).toBeLessThan(20 * 1024 * 1024)
  await lives()
})

test('one byte more than the limit is too much, the limit itself is not', async () => {
  const body = (bytes: number) => JSON.stringify({ ref: 'refs/heads/develop', pad: '' }).replace('""', `"${'x'.repeat(bytes - 37)}"`)
  const [most, more] = [body(1024 * 1024), body(1024 * 1024 + 1)]
  expect([most.length, more.length]).toEqual([1024 * 1024, 1024 * 1024 + 1])
  expect((await stand.send('/hooks/website/github', fromGithub('push', most))).status).toBe(202)
  expect((await stand.send('/hooks/website/github', fromGithub('push', more))).status).toBe(413)
})

test('deep nesting, signed, hurts nobody', async () => {
  for (const [open, close] of [
    ['[', ']'],
    ['{"ref":', '}'],
  ] as const) {
    const deep = open.repeat(100_000) + '1' + close.repeat(100_000)
    expect((await stand.send('/hooks/website/github', fromGithub('push', deep))).status).toBe(400)
    expect((await stand.send('/hooks/website/github', fromGithub('push', `{"ref":"x","deep":${deep}}`))).status).toBe(202)
  }
})

test('a body that comes drop by drop is ended', async () => {
  const started = Date.now()
  const answer = await spoken([...HEAD, 'content-length: 1000', '', ''].join('\r\n'), async (socket) => {
    while (!socket.destroyed && Date.now() - started < 8000) {
      socket.write('a')
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  })
  expect(answer).toMatch(/^HTTP\/1\.1 408 /)
  expect(Date.now() - started).toBeLessThan(4000)
  await lives()
})

test('headers that never end are ended', async () => {
  expect(await spoken('POST /hooks/website/github HTTP/1.1\r\nhost: gateway\r\n')).toMatch(/^HTTP\/1\.1 408 /)
})

test.each([
  'nonsense\r\n\r\n',
  `POST /hooks/website/github HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`,
  'POST /hooks/website/github HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  'POST /hooks/website/github HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n',
])('what is no HTTP is refused', async (text) => {
  expect(await spoken(text)).toMatch(/^HTTP\/1\.1 4\d\d /)
  await lives()
})

const header = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)), maxLength: 80 })
const NAMES = [
  'x-hub-signature-256',
  'x-gitea-signature',
  'x-forgejo-signature',
  'x-gitlab-token',
  'webhook-id',
  'webhook-timestamp',
  'webhook-signature',
  'x-github-event',
  'x-gitea-event',
  'x-gitlab-event',
]
const headers = fc.dictionary(fc.constantFrom(...NAMES), header, { maxKeys: 6 })
const sender = fc.constantFrom('github', 'gitea', 'gitlab', 'plain')
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.json().map((text) => new TextEncoder().encode(text)),
)

test('whatever comes without a signature: never a 500, never a hint', async () => {
  await fc.assert(
    fc.asyncProperty(sender, headers, bytes, async (name, given, body) => {
      const answer = await fetch(`${stand.url}/hooks/website/${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...given },
        body,
      })
      await answer.arrayBuffer()
      expect(answer.status).toBe(401)
    }),
    { numRuns: 400 },
  )
  expect(await stand.settled()).toEqual([])
})

test('whatever is signed: taken, ignored or refused, never a 500', async () => {
  const event = fc.oneof(fc.constantFrom('push', 'create', 'pull_request', 'ping'), header)
  await fc.assert(
    fc.asyncProperty(event, bytes, async (given, body) => {
      const signature = createHmac('sha256', SECRETS.github).update(body).digest('hex')
      const answer = await fetch(`${stand.url}/hooks/website/github`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-github-event': given, 'x-hub-signature-256': `sha256=${signature}` },
        body,
      })
      await answer.arrayBuffer()
      expect([200, 202, 400]).toContain(answer.status)
    }),
    { numRuns: 200 },
  )
})

test('no word of a person comes in by HTTP, whoever has the secret: what is signed is a hint to look, and no more', async () => {
  for (const action of ACTIONS) {
    for (const path of [`/${action}`, `/environments/prod/${action}`, `/hooks/website/plain/${action}`, `/hooks/website/${action}`])
      expect((await stand.send(path, standard('{}'))).status, path).toBeGreaterThanOrEqual(401)
    for (const role of [...ROLES, 'stranger']) {
      const body = JSON.stringify({ action, request: 'v1', hash: 'h', by: role, command: { kind: action } })
      expect((await stand.send('/hooks/website/plain', standard(body, { id: `${action}-${role}` }))).status).toBe(202)
    }
  }
  // Hints are all that a gateway can give; it has no other way into Temporal.
  expect(new Set(await stand.settled())).toEqual(new Set(['website']))
})

test('any path: a 404, or what a door says to one without a signature', async () => {
  await fc.assert(
    fc.asyncProperty(fc.webPath(), fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'), async (path, method) => {
      const answer = await fetch(`${stand.url}${path.startsWith('/') ? path : `/${path}`}`, { method })
      await answer.arrayBuffer()
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(answer.status).toBeLessThan(500)
    }),
    { numRuns: 200 },
  )
})

test('over the limit all that more of them hint at is one look when the minute is over, and who has no secret uses up nothing', async () => {
  const small = await openStand({ gateway: '{ hintsPerMinute: 3 }' })
  try {
    for (let count = 0; count < 5; count++)
      expect((await small.send('/hooks/website/github', fromGithub('push', PUSH, 'not-the-secret-at-all'))).status).toBe(401)
    const answers = []
    for (let count = 0; count < 8; count++) {
      answers.push((await small.send('/hooks/website/github', fromGithub('push'))).status)
      await small.settled()
    }
    expect(answers).toEqual(Array.from({ length: 8 }, () => 202))
    expect(small.hinted).toEqual(['website', 'website', 'website'])
    // Whichever door of the project; another project has a limit of its own.
    expect((await small.send('/hooks/website/plain', standard('{}'))).status).toBe(202)
    expect((await small.send('/hooks/signing/gitlab', fromSigningGitlab('Push Hook'))).status).toBe(202)
    expect(await small.settled()).toEqual(['website', 'website', 'website', 'signing'])
  } finally {
    // What was promised is said before it ends.
    await small.close()
  }
  expect(small.hinted).toEqual(['website', 'website', 'website', 'signing', 'website'])
})

test('what is to be said later is said then, once', async () => {
  const said: string[] = []
  const hinter = createHinter({ send: async (project) => void said.push(project), onEnd: () => undefined, pauseMs: 1 })
  for (let count = 0; count < 5; count++) hinter.hint('website', 30)
  await hinter.idle()
  expect(said).toEqual([])
  await expect.poll(() => said).toEqual(['website'])
  hinter.hurry()
  await hinter.idle()
  expect(said).toEqual(['website'])
})

test('with Temporal away or slow the answer is the same, and waits for nothing of it', async () => {
  let answer: (error: Error) => void = () => undefined
  const held = new Promise<void>((_resolve, reject) => (answer = reject))
  const away = await openStand({ hint: () => held, answers: () => held.then(() => true) })
  try {
    // Each of these is answered while the first hint is on its way to a Temporal that says nothing.
    for (let count = 0; count < 20; count++) expect((await away.send('/hooks/website/github', fromGithub('push'))).status).toBe(202)
    expect(away.logged.join()).not.toContain('the timer will look')
    answer(new Error('14 UNAVAILABLE'))
    expect(await away.settled()).toEqual([])
    expect(away.logged.filter((line) => line.includes('the timer will look'))).toHaveLength(1)
  } finally {
    await away.close()
  }
})

const HEAD = ['POST /hooks/website/github HTTP/1.1', 'host: gateway', 'content-type: application/json', 'x-github-event: push']

/** Says it over a connection of its own, and gives everything that came back until it was closed. */
function spoken(text: string, further?: (socket: Socket) => Promise<void>): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(stand.url).port), '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
      if (further === undefined && answer.includes('\r\n\r\n')) socket.end()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(answer))
    socket.write(text)
    void further?.(socket)
  })
}

async function lives(): Promise<void> {
  expect((await fetch(`${stand.url}/healthz`)).status).toBe(200)
}
