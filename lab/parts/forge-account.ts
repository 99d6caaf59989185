import { randomUUID } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Layout } from '../layout.ts'
import { ask } from '../machine/probe.ts'
import { run } from '../machine/run.ts'
import { accountOf } from './account.ts'
import { forgeFolders } from './forge-config.ts'

/** Gitea's one user; repositories of tests are its own. */
export const forgeUser = 'slipway'

export function forgeUrl({ ports }: Layout): string {
  return `http://127.0.0.1:${ports.forge}`
}

/** What the user logs in with, each a file that only the lab's owner can read. */
export function forgeFiles({ state }: Layout): { userFile: string; passwordFile: string; tokenFile: string } {
  const file = (name: string) => join(state, 'forge', name)
  return { userFile: file('user'), passwordFile: file('password'), tokenFile: file('token') }
}

export async function forgeTokenWorks(layout: Layout): Promise<boolean> {
  const token = await readFile(forgeFiles(layout).tokenFile, 'utf8').catch(() => undefined)
  if (token === undefined) return false
  const headers = { authorization: `token ${token.trim()}` }
  return (await ask({ host: '127.0.0.1', port: layout.ports.forge, path: '/api/v1/user', headers }))?.status === 200
}

/** Made once and kept; passwords are never in an argument, where others would see them. */
export async function ensureForgeAccount(layout: Layout, binary: string): Promise<void> {
  if (await forgeTokenWorks(layout)) return
  const { userFile, passwordFile, tokenFile } = forgeFiles(layout)
  if ((await readFile(passwordFile, 'utf8').catch(() => undefined)) === undefined) {
    const words = await admin(layout, binary, ['create', ...newUser])
    await keep(passwordFile, found(words, /generated random password is '([^']+)'/))
  }
  const token = ['--username', forgeUser, '--token-name', `lab-${randomUUID()}`, '--scopes', 'all', '--raw']
  await keep(userFile, forgeUser)
  await keep(tokenFile, found(await admin(layout, binary, ['generate-access-token', ...token]), /([0-9a-f]{40})\s*$/))
}

const newUser = ['--username', forgeUser, '--email', 'slipway@lab.invalid', '--random-password', '--must-change-password=false', '--admin']

/** As the user whom the database belongs to: a file of root's among its files would stop the server. */
async function admin(layout: Layout, binary: string, args: readonly string[]): Promise<string> {
  const { uid, gid } = await accountOf(layout)
  const { work, config } = forgeFolders(layout)
  const as = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--']
  return await run([...as, binary, 'admin', 'user', ...args, '--config', config], {
    cwd: work,
    env: { GITEA_WORK_DIR: work, HOME: work, USER: layout.user },
  })
}

function found(words: string, pattern: RegExp): string {
  const [, secret] = pattern.exec(words) ?? []
  if (secret === undefined) throw new Error('gitea admin did not print what it made, as version 1.26 does')
  return secret
}

async function keep(file: string, text: string): Promise<void> {
  await writeFile(`${file}.next`, `${text}\n`, { mode: 0o600 })
  await rename(`${file}.next`, file)
}
