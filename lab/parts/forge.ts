import { chmod, chown, mkdir, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Lab, Part } from '../lab.ts'
import type { Layout } from '../layout.ts'
import { endDaemon, ensureDaemon } from '../machine/daemon.ts'
import { ask } from '../machine/probe.ts'
import { run } from '../machine/run.ts'
import { accountOf } from './account.ts'
import { placeInBin } from './bin.ts'
import { ensureForgeAccount, forgeFiles, forgeTokenWorks, forgeUrl } from './forge-account.ts'
import { forgeConfig, forgeFolders, forgeSecrets } from './forge-config.ts'
import { untilItAnswers } from './until.ts'

/** Gitea on SQLite, run by the lab's user: pull requests and protected branches as a team has them. Only for who asks for it. */
export const forge: Part = {
  name: 'forge',
  needs: ['account'],
  programs: () => ['git', 'setpriv', 'gcc', 'C headers'],
  answers: async ({ layout }) => await forgeTokenWorks(layout),
  start: async (lab) => {
    const { layout } = lab
    const { binary, assets } = await place(lab)
    await prepareFolders(layout, assets)
    const { config, work } = forgeFolders(layout)
    await ensureDaemon(layout.state, {
      name: 'forge',
      argv: [binary, 'web', '--config', config],
      as: await accountOf(layout),
      cwd: work,
      env: { GITEA_WORK_DIR: work, HOME: work, USER: layout.user },
    })
    await untilItAnswers(layout, 'forge', 60_000, () => serves(layout))
    await ensureForgeAccount(layout, binary)
  },
  stop: async ({ layout }) => await endDaemon(layout.state, 'forge'),
  daemons: () => ['forge'],
  address: ({ layout }) => forgeUrl(layout),
}

async function serves(layout: Layout): Promise<boolean> {
  return (await ask({ host: '127.0.0.1', port: layout.ports.forge, path: '/api/v1/version' }))?.status === 200
}

/** The program, and what it reads beside it, where the lab's user can reach them. */
async function place({ layout, binaries }: Lab): Promise<{ binary: string; assets: string }> {
  const built = await binaries.gitea()
  const assets = forgeFolders(layout).assets(basename(dirname(built)))
  if (!existsSync(assets)) {
    const next = `${assets}.next`
    await rm(next, { recursive: true, force: true })
    await mkdir(next, { recursive: true })
    for (const name of ['templates', 'options', 'public'])
      await run(['cp', '-r', '--no-preserve=mode', join(dirname(built), name), join(next, name)])
    await run(['chmod', '-R', 'a+rX', next])
    await run(['mv', '-T', next, assets])
  }
  return { binary: await placeInBin(layout, 'gitea', built), assets }
}

/** The user may have another number than the one that owned them, and the slot other ports. */
async function prepareFolders(layout: Layout, assets: string): Promise<void> {
  const { root, work, config } = forgeFolders(layout)
  const { uid, gid } = await accountOf(layout)
  // A database whose password nobody has any more is of no use.
  if (!existsSync(forgeFiles(layout).passwordFile)) await rm(work, { recursive: true, force: true })
  await mkdir(work, { recursive: true })
  await chmod(root, 0o755)
  await run(['chown', '-R', `${uid}:${gid}`, work])
  await chmod(work, 0o700)
  await writeFile(config, forgeConfig(layout, assets, await forgeSecrets(layout)), { mode: 0o600 })
  await chown(config, uid, gid)
}
