import { z } from 'zod'
import { secret } from './estate-access.ts'
import { localPath, seconds } from './names.ts'

/** The gateway: a part of estate.yaml. What it accepts for a project stands with the project. */

const address = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9:][A-Za-z0-9.:-]*$/, 'an IP address or a host name of this machine')
const port = z.number().int().min(1).max(65535)

const listen = z.strictObject({
  address: address.default('127.0.0.1').describe('The address of this machine to listen at; 0.0.0.0 for all of them.'),
  port: port.default(8787).describe('The port.'),
})

const metrics = z.strictObject({
  address: address.default('127.0.0.1').describe('The address of this machine to listen at: not one that the internet reaches.'),
  port: port.default(9465).describe('The port.'),
})

const tls = z.strictObject({
  certificateFile: localPath.describe('The certificate with its chain, as PEM.'),
  keyFile: localPath.describe('Its private key, as PEM.'),
})

export const gateway = z.strictObject({
  listen: listen.prefault({}).describe('Where webhooks come in.'),
  metrics: metrics.prefault({}).describe('Where /metrics is served, apart from what the outside reaches.'),
  tls: tls.optional().describe('Serve HTTPS where webhooks come in. Default: HTTP, for a proxy before it.'),
  bodyLimitBytes: z
    .number()
    .int()
    .min(1024)
    .max(1024 * 1024)
    .default(1024 * 1024)
    .describe('A larger body is refused with 413.'),
  hintsPerMinute: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(600)
    .describe(
      'So many verified webhooks are taken for each project in a minute; what more of them hint at is looked at when the minute is over.',
    ),
  replaySeconds: seconds(10, 3600).default(300).describe('A Standard Webhooks signature that is older, or from further ahead, is refused.'),
})

const gitlab = z.union([
  z.strictObject({ token: secret.describe('The secret token, which GitLab sends as X-Gitlab-Token.') }),
  z.strictObject({ signingToken: secret.describe('The signing token, whsec_…, by which GitLab signs what it sends; better than token.') }),
])

const hmac = (from: string) =>
  z.strictObject({ secret: secret.describe(`The secret of the webhook, by which ${from} signs what it sends.`) })

export const webhooks = z.strictObject({
  gitlab: gitlab.optional().describe('Taken at /hooks/PROJECT/gitlab: { token } or { signingToken }.'),
  github: hmac('GitHub').optional().describe('Taken at /hooks/PROJECT/github.'),
  gitea: hmac('Gitea or Forgejo').optional().describe('Taken at /hooks/PROJECT/gitea, also from Forgejo.'),
  plain: z
    .strictObject({ secret: secret.describe('The key, whsec_ and base64, of a Standard Webhooks signature.') })
    .optional()
    .describe('Taken at /hooks/PROJECT/plain: a hint of whatever else knows that something was pushed, signed as Standard Webhooks says.'),
})
