import { expect, test } from 'vitest'
import { knownHostsLine, parseScan, scanKeys } from '../../../activities/git/host-key.ts'
import { sshCommand } from '../../../activities/git/ssh-command.ts'

const COMMON =
  '-o StrictHostKeyChecking=yes -o PasswordAuthentication=no -o KbdInteractiveAuthentication=no -o UpdateHostKeys=no -o ClearAllForwardings=yes -o ForwardAgent=no -o ConnectTimeout=10 -o ServerAliveInterval=10 -o ServerAliveCountMax=3'

test('a key and a known_hosts file', () => {
  expect(sshCommand({ login: { keyFile: '/keys/id', passphrase: false }, knownHosts: '/keys/known_hosts' })).toBe(
    `ssh -F /dev/null -x -o BatchMode=yes ${COMMON} -o UserKnownHostsFile=/keys/known_hosts -o GlobalKnownHostsFile=/dev/null -o IdentitiesOnly=yes -o IdentityAgent=none -o IdentityFile=/keys/id`,
  )
})

test('a key with a passphrase, an agent, and the user as he is', () => {
  expect(sshCommand({ login: { keyFile: '/keys/id', passphrase: true }, knownHosts: null })).toBe(
    `ssh -F /dev/null -x -o NumberOfPasswordPrompts=1 ${COMMON} -o IdentitiesOnly=yes -o IdentityAgent=none -o IdentityFile=/keys/id`,
  )
  expect(sshCommand({ login: 'agent', knownHosts: '/k' })).toBe(
    `ssh -F /dev/null -x -o BatchMode=yes ${COMMON} -o UserKnownHostsFile=/k -o GlobalKnownHostsFile=/dev/null`,
  )
  expect(sshCommand({ login: 'user', knownHosts: null })).toBe(`ssh -F /dev/null -x -o BatchMode=yes ${COMMON}`)
})

test('paths of every kind reach ssh as they are, through the shell', () => {
  const command = sshCommand({ login: { keyFile: "/my keys/$(id)'s".replace('$', ''), passphrase: false }, knownHosts: '/100%/k;n' })
  expect(command).toContain(String.raw`-o 'UserKnownHostsFile=/100%%/k;n'`)
  expect(command).toContain(String.raw`-o 'IdentityFile="/my keys/(id)'\''s"'`)
  for (const path of ['/a"b', '/a\\b', '/${HOME}/x', '/a\nb'])
    expect(() => sshCommand({ login: 'user', knownHosts: path })).toThrow(/cannot be given the file/)
})

test('what ssh-keyscan prints', () => {
  expect(scanKeys({ host: 'git.example', port: 2222, fingerprint: '' }).args).toEqual(['-T', '10', '-p', '2222', '--', 'git.example'])
  const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIJ0vI4E3uNEc3SLZT4Rx2hcOsi5sq2m2HJKfr5m5H2x7'
  const [found, ...rest] = parseScan(`# a comment\n[git.example]:2222 ssh-ed25519 ${key}\nnonsense\n`)
  expect(rest).toEqual([])
  expect(found).toEqual({ type: 'ssh-ed25519', key, fingerprint: expect.stringMatching(/^SHA256:[A-Za-z0-9+/]{43}$/) })
  expect(knownHostsLine({ host: 'git.example', port: 2222, fingerprint: '' }, found!)).toBe(`[git.example]:2222 ssh-ed25519 ${key}`)
  expect(knownHostsLine({ host: 'git.example', port: 22, fingerprint: '' }, found!)).toBe(`git.example ssh-ed25519 ${key}`)
})
