import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { checkHealth } from '../../../activities/health/check.ts'
import { httpQuestion } from '../../../activities/health/http.ts'
import type { HttpCheck } from '../../../config/estate-schema.ts'

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

type Answerer = (request: IncomingMessage, response: ServerResponse, count: number) => void

async function serve(answer: Answerer): Promise<string> {
  let count = 0
  server = createServer((request, response) => answer(request, response, ++count))
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
}

const check = (url: string, more: Partial<HttpCheck> = {}): HttpCheck => ({
  url,
  status: 200,
  successes: 1,
  intervalSeconds: 0.05,
  timeoutSeconds: 1,
  ...more,
})
const facts = { environment: 'alpha', tag: 'v1.0.0', revision: 'a'.repeat(40) }
const attempt = (signal = new AbortController().signal) => ({ signal, heartbeat: () => {} })
const ask = (checks: HttpCheck[], signal?: AbortSignal) =>
  checkHealth(
    checks.map((pace) => ({ pace, question: httpQuestion(pace, facts) })),
    attempt(signal),
  )

test('one good answer is enough, and says what was seen', async () => {
  const url = await serve((_, response) => response.end('ok'))
  expect(await ask([check(`${url}/healthz`)])).toEqual([expect.stringMatching(/^GET http:\S+\/healthz answered 200, after 0\.\d s$/)])
})

test('tag and revision stand for the deployed ones', async () => {
  const url = await serve((_, response) => response.end(`version v1.0.0 of ${facts.revision}`))
  expect(await ask([check(url, { contains: '{tag} of {revision}' })])).toHaveLength(1)
  await expect(ask([check(url, { contains: '{other}' })])).rejects.toMatchObject({
    type: 'RolloutFailed',
    message: expect.stringContaining('\\"{other}\\"'.replaceAll('\\', '')),
  })
})

test('waits for the new version while the old one still answers', async () => {
  const url = await serve((_, response, count) => response.end(count < 5 ? 'v0.9.0' : 'v1.0.0'))
  expect(await ask([check(url, { contains: '{tag}' })])).toHaveLength(1)
})

test('good answers have to come in a row', async () => {
  const answers = [200, 200, 500, 200, 200, 200]
  let asked = 0
  const url = await serve((_, response, count) => {
    asked = count
    response.writeHead(answers[count - 1] ?? 200).end()
  })
  expect(await ask([check(url, { successes: 3 })])).toEqual([expect.stringContaining('3 times in a row')])
  expect(asked).toBe(6)
})

test('good answers have to span the window, and a bad one begins it anew', async () => {
  const times: number[] = []
  const url = await serve((_, response, count) => {
    times.push(performance.now())
    response.writeHead(count === 4 ? 500 : 200).end()
  })
  const [line] = await ask([check(url, { successes: 2, windowSeconds: 0.3, timeoutSeconds: 5 })])
  expect(line).toMatch(
    /answered 200, \d+ times in a row over 0\.[3-9] s, after \d\.\d s; a bad answer before, the last: expected status 200, found 500/,
  )
  // The fourth was the bad one.
  expect(times.at(-1)! - times[4]!).toBeGreaterThanOrEqual(290)
})

test('a window that is never filled fails, and says how much of it was', async () => {
  const url = await serve((_, response, count) => response.writeHead(count % 3 === 0 ? 500 : 200).end())
  await expect(ask([check(url, { windowSeconds: 0.8 })])).rejects.toMatchObject({
    message: expect.stringMatching(
      /did not answer well within 1 s: (only \d of 1 good answers in a row, over 0\.\d s of 0\.8 s|expected status)/,
    ),
  })
})

test('a service that is not up yet is asked again soon', async () => {
  const url = await serve((_, response) => response.end())
  const port = Number(new URL(url).port)
  server!.close()
  const began = performance.now()
  setTimeout(() => (server = createServer((_, response) => void response.end('ok')).listen(port, '127.0.0.1')), 200)
  await ask([check(url, { intervalSeconds: 0.1, timeoutSeconds: 5 })])
  expect(performance.now() - began).toBeLessThan(600)
})

test.each<[string, Answerer, string]>([
  ['another status', (_, response) => response.writeHead(503).end('no  database\n'), 'expected status 200, found 503 "no database"'],
  ['a connection that breaks', (request) => void request.destroy(), 'reset'],
  [
    'a redirect to another host',
    (_, response) => response.writeHead(302, { location: 'http://10.255.255.1/x' }).end(),
    'redirects to another host ("http://10.255.255.1/x")',
  ],
  [
    'a redirect to another port',
    (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/x' }).end(),
    'redirects to another host',
  ],
  ['redirects without end', (_, response) => response.writeHead(302, { location: '/again' }).end(), 'more than five times'],
  ['an odd redirect', (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(), 'redirects to another host'],
])('%s fails in the end, with the last answers', async (_, answer, says) => {
  const url = await serve(answer)
  await expect(ask([check(url)])).rejects.toMatchObject({
    type: 'RolloutFailed',
    nonRetryable: true,
    message: expect.stringContaining(says),
    details: [{ observed: expect.arrayContaining([expect.stringContaining(says)]) }],
  })
})

test('nobody there fails in the end', async () => {
  await expect(ask([check('http://127.0.0.1:1/')])).rejects.toMatchObject({
    type: 'RolloutFailed',
    message: expect.stringContaining('connection refused'),
  })
})

test('a redirect on the same host is followed; one that is wanted itself is not', async () => {
  const url = await serve((request, response) =>
    request.url === '/' ? response.writeHead(302, { location: '/home' }).end() : response.end('home'),
  )
  expect(await ask([check(`${url}/`, { contains: 'home' })])).toHaveLength(1)
  server!.close()
  const away = await serve((_, response) => response.writeHead(301, { location: 'https://login.example/' }).end())
  expect(await ask([check(away, { status: 301 })])).toHaveLength(1)
})

test('a body without end is cut', async () => {
  const url = await serve((_, response) => {
    const more = () => {
      if (!response.destroyed) response.write('x'.repeat(65_536), more)
    }
    more()
  })
  expect(await ask([check(url)])).toHaveLength(1)
  await expect(ask([check(url, { contains: 'y' })])).rejects.toMatchObject({ type: 'RolloutFailed' })
})

test('all checks have to pass, and all are told', async () => {
  const url = await serve((request, response) => response.writeHead(request.url === '/good' ? 200 : 500).end())
  await expect(ask([check(`${url}/good`), check(`${url}/bad`)])).rejects.toMatchObject({
    details: [
      {
        observed: expect.arrayContaining([
          expect.stringContaining('/good answered 200'),
          expect.stringContaining('/bad did not answer well'),
        ]),
      },
    ],
  })
  expect(await ask([])).toEqual([])
})

test('stops when it is cancelled', async () => {
  const url = await serve(() => {})
  const controller = new AbortController()
  setTimeout(() => controller.abort(new Error('cancelled')), 100)
  await expect(ask([check(url, { timeoutSeconds: 30 })], controller.signal)).rejects.toThrow('cancelled')
})
