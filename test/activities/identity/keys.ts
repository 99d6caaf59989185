import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Keys of people and a signers' file, in a folder of their own. */
export type Keyring = {
  readonly folder: string
  readonly signers: string
  /** Makes a key. @returns the file of the private one */
  readonly key: (name: string, type?: 'ed25519' | 'rsa' | 'ecdsa', passphrase?: string) => string
  /** `ssh-ed25519 AAAA…` of a key that was made. */
  readonly publicKey: (name: string) => string
  /** Writes the signers' file. */
  readonly allow: (...lines: readonly string[]) => void
  readonly remove: () => void
}

export function keyring(): Keyring {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-test-keys-'))
  const signers = join(folder, 'allowed_signers')
  const publicKey = (name: string) =>
    readFileSync(join(folder, `${name}.pub`), 'utf8')
      .split(' ')
      .slice(0, 2)
      .join(' ')
      .trim()
  return {
    folder,
    signers,
    key: (name, type = 'ed25519', passphrase = '') => {
      const file = join(folder, name)
      execFileSync('ssh-keygen', ['-q', '-t', type, ...(type === 'rsa' ? ['-b', '2048'] : []), '-N', passphrase, '-C', name, '-f', file])
      return file
    },
    publicKey,
    allow: (...lines) => writeFileSync(signers, `${lines.join('\n')}\n`),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** An agent that holds this key, which needs a passphrase. */
export async function agentWith(keyFile: string, passphrase: string): Promise<{ readonly socket: string; readonly stop: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-test-agent-'))
  const socket = join(folder, 'socket')
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] })
  await new Promise((ready) => agent.stdout.once('data', ready))
  const askpass = join(folder, 'askpass')
  writeFileSync(askpass, `#!/bin/sh\necho '${passphrase}'\n`, { mode: 0o700 })
  const env = { PATH: process.env['PATH'], SSH_AUTH_SOCK: socket, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' }
  execFileSync('ssh-add', ['-q', keyFile], { env, stdio: 'ignore' })
  return {
    socket,
    stop: () => {
      agent.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
