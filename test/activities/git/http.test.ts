import { execFileSync, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { alice, createTeam, git, joinTeam, type Team } from './support.ts'

/** git's own HTTP server, behind a password. */
let team: Team
let server: Server
let base: string
let answer: ((request: IncomingMessage, response: ServerResponse) => boolean) | null = null
const asked: string[] = []
const SECRET = "can'ary $(id) %s"

beforeAll(async () => {
  team = createTeam()
  team.push('develop', { a: '1' })
  git(team.remote, 'config', 'http.receivepack', 'true')
  server = createServer((request, response) => {
    const basic = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString()
    asked.push(basic)
    if (answer?.(request, response)) return
    if (basic === `bot:${SECRET}`) backend(request, response)
    else response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end(`wrong: ${basic}`)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.close()
  team.end()
})
beforeEach(() => {
  answer = null
  asked.length = 0
})

let states = 0
const worker = (token: string | undefined, url = `${base}/remote.git`) =>
  joinTeam(team.folder, team.remote, team.clone, {
    url,
    repository: { login: { username: { env: 'GIT_USER' }, password: { env: 'TOKEN' } } },
    environment: { GIT_USER: 'bot', ...(token === undefined ? {} : { TOKEN: token }) },
    state: join(team.folder, `state${states++}`),
  })

test('a password by reference: look, fetch and push; in no argument of any process', async () => {
  const seen: string[] = []
  answer = () => {
    seen.push(...commandLines())
    return false
  }
  const { activities, look } = worker(SECRET)
  const { develop } = await look()
  await activities.createTag({ project: 'shop', name: 'v1.0.0', revision: develop!, by: alice, message: 'x' })
  expect(git(team.remote, 'rev-parse', 'v1.0.0^{}')).toBe(develop)
  expect(seen.some((line) => line.includes('ls-remote'))).toBe(true)
  expect(seen.filter((line) => line.includes('ary $(id)'))).toEqual([])
  expect(
    readdirSync(team.folder, { recursive: true, withFileTypes: true }).filter(
      (file) => file.isFile() && readFileSync(join(file.parentPath, file.name)).includes('ary $(id)'),
    ),
  ).toEqual([])
})

test('a wrong one is refused, and not repeated even if the remote says it back', async () => {
  const failure = worker('canary2').look()
  await expect(failure).rejects.toMatchObject({ type: 'Refused' })
  await expect(failure).rejects.not.toThrow(/canary2/)
  await expect(worker(undefined).look()).rejects.toMatchObject({
    type: 'InvalidConfiguration',
    message: expect.stringContaining('"TOKEN", which is not set'),
  })
  await expect(worker('two\nlines').look()).rejects.toMatchObject({
    type: 'InvalidConfiguration',
    message: expect.stringContaining('expected one line'),
  })
})

test('another host to which the remote redirects gets no password', async () => {
  answer = (request, response) => {
    if (request.headers.host?.startsWith('127.'))
      response.writeHead(302, { location: `${base.replace('127.0.0.1', 'localhost')}${request.url}` }).end()
    else response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
    return true
  }
  await expect(worker(SECRET).look()).rejects.toMatchObject({ type: 'Refused' })
  expect(asked.filter((each) => each !== '')).toEqual([])
})

test('what is not there and what is out of order', async () => {
  await expect(worker(SECRET, `${base}/nothing.git`).look()).rejects.toMatchObject({ type: 'NotFound' })
  answer = (_, response) => !!response.writeHead(503).end()
  await expect(worker(SECRET).look()).rejects.toMatchObject({ nonRetryable: false, message: expect.stringContaining('503') })
})

function backend(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? '/', 'http://x')
  const env = {
    PATH: process.env['PATH'],
    GIT_PROJECT_ROOT: team.folder,
    GIT_HTTP_EXPORT_ALL: '1',
    REMOTE_USER: 'bot',
    PATH_INFO: pathname,
    QUERY_STRING: search.slice(1),
    REQUEST_METHOD: request.method,
    CONTENT_TYPE: request.headers['content-type'] ?? '',
    CONTENT_LENGTH: request.headers['content-length'] ?? '',
    HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    HTTP_GIT_PROTOCOL: request.headers['git-protocol'] ?? '',
  }
  const child = spawn(join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-http-backend'), {
    env: Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')) as NodeJS.ProcessEnv,
  })
  request.pipe(child.stdin)
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.on('close', () => {
    const all = Buffer.concat(chunks)
    const end = all.indexOf('\r\n\r\n')
    const headers = all
      .subarray(0, end)
      .toString()
      .split('\r\n')
      .map((each) => each.split(': ') as [string, string])
    const status = headers.find(([name]) => name === 'Status')?.[1] ?? '200'
    response.writeHead(Number(status.slice(0, 3)), headers.filter(([name]) => name !== 'Status').flat()).end(all.subarray(end + 4))
  })
}

function commandLines(): string[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      return /^\d+$/.test(name) ? [readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ')] : []
    } catch {
      return []
    }
  })
}
