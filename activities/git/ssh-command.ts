import { quoted } from '../../domain/parsed.ts'
import { permanent } from '../failure.ts'

export type SshCommand = {
  /** The key's file; `agent`: whatever the agent offers; `user`: the worker user's own keys and agent. */
  readonly login: { readonly keyFile: string; readonly passphrase: boolean } | 'agent' | 'user'
  /** Null: the known_hosts of the worker's user and machine. */
  readonly knownHosts: string | null
}

/**
 * GIT_SSH_COMMAND, which git hands to a shell: nothing in it but fixed words and quoted paths. No configuration of a user
 * is read, no unknown host is trusted, nothing is asked.
 */
export function sshCommand({ login, knownHosts }: SshCommand): string {
  const asks = typeof login === 'object' && login.passphrase
  const options = [
    // A passphrase comes from a program that ssh would not run in batch mode.
    asks ? 'NumberOfPasswordPrompts=1' : 'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    'PasswordAuthentication=no',
    'KbdInteractiveAuthentication=no',
    'UpdateHostKeys=no',
    'ClearAllForwardings=yes',
    'ForwardAgent=no',
    'ConnectTimeout=10',
    'ServerAliveInterval=10',
    'ServerAliveCountMax=3',
    ...(knownHosts === null ? [] : [`UserKnownHostsFile=${sshPath(knownHosts)}`, 'GlobalKnownHostsFile=/dev/null']),
    ...(typeof login === 'object' ? ['IdentitiesOnly=yes', 'IdentityAgent=none', `IdentityFile=${sshPath(login.keyFile)}`] : []),
  ]
  return ['ssh', '-F', '/dev/null', '-x', ...options.flatMap((option) => ['-o', shellQuoted(option)])].join(' ')
}

/** ssh splits values at white space, and expands `%` and `${…}` in paths. */
function sshPath(path: string): string {
  if (/["\\$\p{C}]/u.test(path)) {
    throw permanent(
      'InvalidConfiguration',
      `ssh cannot be given the file ${quoted(path)}: expected a path without quotes, "\\", "$" and control characters.`,
    )
  }
  const escaped = path.replaceAll('%', '%%')
  return /\s/.test(escaped) ? `"${escaped}"` : escaped
}

function shellQuoted(word: string): string {
  return /^[A-Za-z0-9=./_-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
