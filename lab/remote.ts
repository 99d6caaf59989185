import { existsSync } from 'node:fs'
import { chmod, rm, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LabEnv } from './env.ts'
import { run } from './machine/run.ts'

/**
 * A bare repository `<name>.git` among the lab's remotes, and its URL (a path); one that is there already is kept.
 * After each push it runs the shell line in its file `slipway-hint`, if there is one, in the background.
 */
export async function createRemote(env: LabEnv, name: string): Promise<{ url: string; folder: string; hintFile: string }> {
  if (!/^[a-z0-9][a-z0-9._-]{0,62}$/.test(name)) {
    throw new Error(`"${name}" cannot be a remote's name: small letters, digits, ".", "_" and "-", at most 63`)
  }
  const folder = join(env.git.folder, `${name}.git`)
  if (!existsSync(folder)) {
    const unfinished = `${folder}.unfinished`
    await rm(unfinished, { recursive: true, force: true })
    await run(['git', 'init', '--quiet', '--bare', '--initial-branch=develop', unfinished])
    await rename(unfinished, folder)
  }
  const hook = join(folder, 'hooks', 'post-receive')
  await writeFile(hook, postReceive)
  await chmod(hook, 0o755)
  return { url: folder, folder, hintFile: join(folder, 'slipway-hint') }
}

/** In a session of its own with nothing of the push's streams, so that the push does not wait for it; git's variables would mislead it. */
const postReceive = `#!/bin/sh
cat > /dev/null
hint="$(pwd)/slipway-hint"
[ -s "$hint" ] || exit 0
unset $(git rev-parse --local-env-vars)
setsid sh "$hint" < /dev/null >> "$hint.log" 2>&1 &
exit 0
`
