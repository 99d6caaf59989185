import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readCredential } from '../../../activities/kustomize/exec-credential.ts'
import { readKubeconfig } from '../../../activities/kustomize/kubeconfig.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-test-kubeconfig-'))
  await writeFile(join(folder, 'token'), 'from-file\n')
  await writeFile(join(folder, 'ca.pem'), 'CA')
})
afterAll(async () => await rm(folder, { recursive: true, force: true }))

async function read(user: string, cluster = 'server: "https://k.example:6443/base"', context?: string) {
  const kubeconfig = join(folder, 'config')
  await writeFile(
    kubeconfig,
    `current-context: one\ncontexts: [{name: one, context: {cluster: c, user: u}}, {name: lost, context: {cluster: gone, user: u}}]\nclusters: [{name: c, cluster: {${cluster}}}]\nusers: [{name: u, user: {${user}}}]\n`,
  )
  return await readKubeconfig({ kubeconfig, ...(context ? { context } : {}) })
}

test.each([
  ['token: abc', 'Bearer abc'],
  ['tokenFile: token', 'Bearer from-file'],
  ['username: me, password: "p:w"', `Basic ${Buffer.from('me:p:w').toString('base64')}`],
  ['', null],
])('user {%s}', async (user, authorization) => expect((await read(user)).authorization).toBe(authorization))

test('the cluster, its files relative to the kubeconfig', async () => {
  const access = await read(
    'client-certificate-data: Q0VSVA==, client-key-data: S0VZ, as: deployer',
    'server: "https://k.example", certificate-authority: ca.pem, tls-server-name: other',
  )
  expect(access).toMatchObject({ insecure: false, serverName: 'other', impersonate: 'deployer', proxy: null })
  expect(access.server.href).toBe('https://k.example/')
  expect(access.ca?.toString()).toBe('CA')
  expect(access.clientCertificate?.cert.toString()).toBe('CERT')
})

test('an exec plugin', async () => {
  expect((await read('exec: {apiVersion: v1x, command: ./get-token, args: [a], env: [{name: A, value: b}]}')).exec).toEqual({
    apiVersion: 'v1x',
    command: join(folder, 'get-token'),
    args: ['a'],
    env: { A: 'b' },
  })
})

test.each([
  [read.bind(null, 'auth-provider: {name: oidc}'), /auth-provider/],
  [read.bind(null, '', 'server: "ftp://x"'), /no http\(s\) address/],
  [read.bind(null, '', undefined, 'other'), /no context "other"; it has one, lost/],
  [read.bind(null, '', undefined, 'lost'), /no cluster "gone", which context lost names/],
  [read.bind(null, 'tokenFile: nowhere'), /names the file nowhere, which cannot be read \(ENOENT\)/],
  [() => readKubeconfig({ kubeconfig: '/nowhere/config' }), /\/nowhere\/config cannot be read \(ENOENT\)/],
])('says what is wrong (%#)', async (attempt, words) => {
  await expect(attempt()).rejects.toMatchObject({ type: 'InvalidConfiguration', nonRetryable: true, message: expect.stringMatching(words) })
})

test("a credential plugin's answer", () => {
  const answer = { status: { token: 't', expirationTimestamp: '2026-01-01T00:00:00Z' } }
  expect(readCredential('x', JSON.stringify(answer))).toEqual({
    token: 't',
    clientCertificate: null,
    expiresMs: Date.parse('2026-01-01T00:00:00Z'),
  })
  expect(() => readCredential('x', 'no')).toThrow(/did not print an ExecCredential/)
})
