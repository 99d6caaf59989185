import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { GlobalOptions } from '../context.ts'
import { usage } from '../exit.ts'
import type { Io } from '../io.ts'

/** Who signs: `--as`, SLIPWAY_USER, or the address that git knows one by; a name or an address that the signers have. */
export async function signerName({ env, cwd }: Pick<Io, 'env' | 'cwd'>, options: GlobalOptions): Promise<string> {
  const said = (options.as ?? env['SLIPWAY_USER'])?.trim() ?? ''
  if (said !== '') return said
  const address = await gitConfig(cwd, ['user.email'])
  if (address !== null) return address
  throw usage("who signs? Say the name that the signers' file has for your key", ['slipway --as NAME …'])
}

/** What git is configured to; null where it says nothing. */
export async function gitConfig(cwd: string, args: readonly string[]): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('git', ['config', '--get', ...args], { cwd, timeout: 2000 })
    return stdout.trim() === '' ? null : stdout.trim()
  } catch {
    return null
  }
}
