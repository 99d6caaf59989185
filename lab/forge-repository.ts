import { readFile } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import type { LabEnv } from './env.ts'
import { eventually } from './machine/probe.ts'

/** A repository on the lab's forge. */
export type ForgeRepository = {
  /** `owner/name`, as the estate names it. */
  repository: string
  /** Where git finds it; the login is that of `login`. */
  url: string
  /** As `repository.login` in an estate. */
  login: { username: { file: string }; password: { file: string } }
  /** Lets a git of one's own in, by its environment and not by its arguments. */
  gitEnvironment: Record<string, string>
  /** From now on nobody may push to these branches; merge requests go on to be merged. They need not exist yet. */
  protect: (...branches: readonly string[]) => Promise<void>
  /** Asks the forge's API below this repository, such as `/pulls/1`; an answer other than 2xx throws. */
  ask: (method: string, path: string, body?: object) => Promise<unknown>
  /** After the first push: the forge counts it a moment later, and has no merge requests until then. */
  untilFilled: () => Promise<void>
  /** As a person merges a merge request. The forge looks in the background whether it can be merged; until then it is asked again. */
  merge: (number: number, how: 'merge' | 'squash') => Promise<void>
  remove: () => Promise<void>
}

/** An empty private repository of the lab's forge user, for as long as a test runs. */
export async function createForgeRepository(env: LabEnv, name: string): Promise<ForgeRepository> {
  const { url, user, userFile, tokenFile } = env.forge
  const token = (await readFile(tokenFile, 'utf8')).trim()
  const header = { authorization: `token ${token}` }
  await asked(env, 'POST', '/user/repos', header, { name, private: true, default_branch: 'develop' })
  const repository = `${user}/${name}`
  const ask: ForgeRepository['ask'] = (method, path, body) => asked(env, method, `/repos/${repository}${path}`, header, body)
  return {
    repository,
    url: `${url}/${repository}.git`,
    login: { username: { file: userFile }, password: { file: tokenFile } },
    gitEnvironment: {
      GIT_TERMINAL_PROMPT: '0',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `http.${url}/.extraHeader`,
      GIT_CONFIG_VALUE_0: `Authorization: Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`,
    },
    protect: async (...branches) => {
      for (const branch of branches) await ask('POST', '/branch_protections', { rule_name: branch, enable_push: false })
    },
    ask,
    untilFilled: () => within(20_000, async () => !((await ask('GET', '')) as { empty: boolean }).empty),
    merge: (number, how) =>
      within(20_000, async () => {
        if (!((await ask('GET', `/pulls/${number}`)) as { mergeable: boolean }).mergeable) return false
        try {
          await ask('POST', `/pulls/${number}/merge`, { Do: how })
          return true
        } catch (error) {
          if (String(error).includes('try again later')) return false
          throw error
        }
      }),
    remove: async () => void (await ask('DELETE', '')),
  }
}

async function within(limitMs: number, holds: () => Promise<boolean>): Promise<void> {
  if (!(await eventually(holds, limitMs, 200))) throw new Error(`the lab's forge was not ready within ${limitMs / 1000} s`)
}

/** A further token of the forge's user with these scopes only, such as `read:repository`; `end` takes it back. */
export async function createForgeToken(env: LabEnv, scopes: readonly string[]): Promise<{ token: string; end: () => Promise<void> }> {
  const { user, passwordFile } = env.forge
  const password = (await readFile(passwordFile, 'utf8')).trim()
  const header = { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
  const name = `test-${randomUUID()}`
  const made = (await asked(env, 'POST', `/users/${user}/tokens`, header, { name, scopes })) as { sha1: string }
  return { token: made.sha1, end: async () => void (await asked(env, 'DELETE', `/users/${user}/tokens/${name}`, header)) }
}

async function asked(env: LabEnv, method: string, path: string, headers: Record<string, string>, body?: object): Promise<unknown> {
  const response = await fetch(`${env.forge.url}/api/v1${path}`, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`the lab's forge answered ${response.status} to ${method} ${path}: ${text.slice(0, 300)}`)
  return text === '' ? null : JSON.parse(text)
}
