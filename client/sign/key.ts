import { resolve } from 'node:path'
import type { GlobalOptions } from '../context.ts'
import type { Io } from '../io.ts'
import { gitConfig } from './name.ts'

/** `named`: the person said to sign. A public key stands for the one that the agent holds. */
export type Key = { readonly file: string; readonly named: boolean }

/** The key to sign with: `--key`, SLIPWAY_KEY, or git's, where git signs with SSH keys that lie in a file. */
export async function findKey({ env, cwd }: Pick<Io, 'env' | 'cwd'>, options: GlobalOptions): Promise<Key | null> {
  const named = options.key ?? env['SLIPWAY_KEY'] ?? ''
  if (named !== '') return { file: resolve(cwd, named), named: true }
  if ((await gitConfig(cwd, ['gpg.format'])) !== 'ssh') return null
  const file = await gitConfig(cwd, ['--type=path', 'user.signingkey'])
  return file === null || /^(?:key::|ssh-|ecdsa-|sk-)/.test(file) ? null : { file: resolve(cwd, file), named: false }
}
