import { chmod, chown, mkdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Part } from '../lab.ts'
import type { Layout } from '../layout.ts'
import { endProcess, findProcessesOf } from '../machine/process.ts'
import { run } from '../machine/run.ts'

type Account = { uid: number; gid: number }

/** The unprivileged user who logs in by ssh, deploys, and reaches the engine through its group. */
export const account: Part = {
  name: 'account',
  needs: [],
  programs: () => ['useradd'],
  answers: async ({ layout }) => {
    const user = await findAccount(layout.user)
    const owner = await stat(homeFolder(layout)).catch(() => undefined)
    return user !== undefined && owner?.uid === user.uid
  },
  start: async ({ layout }) => {
    const home = homeFolder(layout)
    if (!(await findAccount(layout.user))) {
      await run([
        'useradd',
        '--system',
        '--user-group',
        '--no-create-home',
        '--home-dir',
        home,
        '--shell',
        '/bin/sh',
        '--comment',
        'Slipway lab',
        layout.user,
      ])
      // No password fits, but the account is not locked either: sshd refuses a locked one even by key.
      await run(['usermod', '-p', '*', layout.user])
    }
    const { uid, gid } = await accountOf(layout)
    await mkdir(home, { recursive: true })
    await chmod(layout.shared, 0o755)
    await run(['chown', '-R', `${uid}:${gid}`, home])
    await chmod(home, 0o755)
  },
  stop: async ({ layout }) => {
    const user = await findAccount(layout.user)
    if (!user) return
    for (const one of await findProcessesOf(user.uid)) await endProcess(one, 500)
    await run(['userdel', layout.user])
  },
  daemons: () => [],
  address: ({ layout }) => layout.user,
}

export function homeFolder(layout: Layout): string {
  return join(layout.shared, 'home')
}

export async function accountOf(layout: Layout): Promise<Account> {
  const found = await findAccount(layout.user)
  if (!found) throw new Error(`there is no user ${layout.user}`)
  return found
}

/** Gives one file to the lab's user alone. */
export async function giveToUser(layout: Layout, file: string): Promise<void> {
  const { uid, gid } = await accountOf(layout)
  await chmod(file, 0o600)
  await chown(file, uid, gid)
}

/** Makes the user a member of the group that an existing engine's socket belongs to. */
export async function joinGroupOf(layout: Layout, path: string): Promise<void> {
  const group = await groupOf(path)
  if (!group) throw new Error(`the group of ${path} has no name, so ${layout.user} cannot join it`)
  await run(['usermod', '-aG', group.name, layout.user])
}

export async function isInGroupOf(layout: Layout, path: string): Promise<boolean> {
  return (await groupOf(path))?.members.includes(layout.user) ?? false
}

async function groupOf(path: string): Promise<{ name: string; members: string[] } | undefined> {
  const { gid } = await stat(path)
  const lines = (await readFile('/etc/group', 'utf8')).split('\n').map((line) => line.split(':'))
  const [name, , , members = ''] = lines.find((fields) => fields[2] === String(gid)) ?? []
  return name === undefined ? undefined : { name, members: members.split(',') }
}

async function findAccount(user: string): Promise<Account | undefined> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n')
  const fields = lines.map((line) => line.split(':')).find(([name]) => name === user)
  return fields && { uid: Number(fields[2]), gid: Number(fields[3]) }
}
