import { z } from 'zod'
import { isRegistryAddress } from '../domain/image-reference.ts'
import { localPath, variableName } from './names.ts'

/** The parts of estate.yaml that say how to reach a machine or a service, and by which secrets. */

/** A secret by reference: its value is in an environment variable or a file, never here. */
export const secret = z.union([
  z.strictObject({ env: variableName.describe('The environment variable of the worker that holds the value.') }),
  z.strictObject({
    file: localPath.describe('The file beside the worker that holds the value; one trailing newline is dropped.'),
  }),
])

export const sshKey = z.union([
  z.strictObject({
    keyFile: localPath.describe('The file with the private key.'),
    passphrase: secret.optional().describe('The passphrase of the private key, where it has one.'),
  }),
  z.strictObject({ agent: z.literal(true).describe('Use the keys of the ssh agent at SSH_AUTH_SOCK of the worker.') }),
])

/** A user name and a password or token, both by reference. */
export const passwordLogin = z.strictObject({
  username: secret.describe('The user name.'),
  password: secret.describe('The password or token.'),
})

export const hostKey = z.union([
  z.strictObject({ knownHosts: localPath.describe('A known_hosts file that lists the host.') }),
  z.strictObject({
    fingerprint: z
      .string()
      .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'a fingerprint as ssh-keygen -lf prints it: SHA256:<43 characters>')
      .describe("The SHA256 fingerprint of the host's key, as ssh-keygen -lf prints it."),
  }),
])

export const host = z.strictObject({
  address: z
    .string()
    .max(253)
    .regex(/^[A-Za-z0-9:_][A-Za-z0-9.:_-]*$/, 'a host name or an IP address')
    .describe('The host name or IP address.'),
  port: z.number().int().min(1).max(65535).default(22).describe('The port of its ssh server.'),
  user: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, 'a user name')
    .describe('The user to log in as.'),
  login: sshKey.describe('How to log in: { keyFile } or { agent: true }.'),
  hostKey: hostKey.describe('How to know the host, checked before any login: { knownHosts } or { fingerprint }.'),
})

export const cluster = z.strictObject({
  kubeconfig: localPath.describe('The kubeconfig file. It may run commands (exec plugins): only use your own.'),
  context: z.string().min(1).optional().describe('The context in it. Default: its current one.'),
})

export const registry = z.strictObject({
  address: z
    .string()
    .refine(isRegistryAddress, 'a registry address such as registry.example:5000, without https:// and path')
    .describe('The address that comes before every image repository, such as registry.example:5000.'),
  plainHttp: z.boolean().default(false).describe('Talk HTTP instead of HTTPS.'),
  credentials: z
    .union([
      passwordLogin,
      z.strictObject({
        dockerConfig: localPath.describe('A Docker config.json with auths, credHelpers or credsStore.'),
      }),
    ])
    .optional()
    .describe('How to log in: { username, password } or { dockerConfig }. Default: without.'),
})
