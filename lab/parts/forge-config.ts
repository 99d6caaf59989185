import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Layout } from '../layout.ts'

/** Apart from the state, because the lab's user must get there. Assets of two versions lie beside each other. */
export function forgeFolders({ shared }: Layout): { root: string; work: string; config: string; assets: (build: string) => string } {
  const root = join(shared, 'forge')
  return { root, work: join(root, 'work'), config: join(root, 'app.ini'), assets: (build) => join(root, build) }
}

type Secrets = { secretKey: string; internalToken: string }

/** Made once: what is in the database was written with them. */
export async function forgeSecrets(layout: Layout): Promise<Secrets> {
  const folder = join(layout.state, 'forge')
  const file = join(folder, 'secrets.json')
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text !== undefined) return JSON.parse(text) as Secrets
  const made: Secrets = { secretKey: randomBytes(32).toString('hex'), internalToken: randomBytes(32).toString('hex') }
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(file, JSON.stringify(made), { mode: 0o600 })
  return made
}

/** Gitea's app.ini: loopback only, no mail, no registration, no calls to elsewhere, webhooks to this machine alone. */
export function forgeConfig(layout: Layout, assets: string, { secretKey, internalToken }: Secrets): string {
  const { ports, user } = layout
  const { work } = forgeFolders(layout)
  return `APP_NAME = lab
RUN_USER = ${user}
RUN_MODE = prod
WORK_PATH = ${work}
[server]
HTTP_ADDR = 127.0.0.1
HTTP_PORT = ${ports.forge}
ROOT_URL = http://127.0.0.1:${ports.forge}/
STATIC_ROOT_PATH = ${assets}
DISABLE_SSH = true
LFS_START_SERVER = false
OFFLINE_MODE = true
[database]
DB_TYPE = sqlite3
PATH = ${join(work, 'gitea.db')}
[security]
INSTALL_LOCK = true
SECRET_KEY = ${secretKey}
INTERNAL_TOKEN = ${internalToken}
[service]
DISABLE_REGISTRATION = true
[openid]
ENABLE_OPENID_SIGNIN = false
[oauth2]
ENABLED = false
[mailer]
ENABLED = false
[webhook]
ALLOWED_HOST_LIST = loopback
[indexer]
ISSUE_INDEXER_TYPE = db
[actions]
ENABLED = false
[packages]
ENABLED = false
[cron.update_checker]
ENABLED = false
[log]
MODE = console
LEVEL = Warn
`
}
