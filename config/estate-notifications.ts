import { z } from 'zod'
import { secret } from './estate-access.ts'
import { name, seconds } from './names.ts'

/** Who is told what happens: a part of estate.yaml. */

const url = z
  .string()
  .max(1000)
  .regex(/^https?:\/\/[A-Za-z0-9[][^\s@\\]*$/, 'an address such as https://hooks.example/slipway, without user name and password')

/** What a team wants to hear when it says nothing of it. */
const USUAL = ['waiting', 'rejected', 'live', 'failed', 'parked', 'rolledBack', 'buildFailed'] as const

const events = z
  .array(z.enum(['waiting', 'rejected', 'deploying', 'live', 'failed', 'parked', 'rolledBack', 'building', 'built', 'buildFailed']))
  .min(1)
  .default([...USUAL])
  .describe(
    'What is told: waiting (for an approval), rejected (though somebody had approved it), deploying, live, failed, parked (stands at a step until a person decides), rolledBack; building, built, buildFailed.',
  )

const common = {
  events,
  environments: z.array(name).min(1).optional().describe('Only what happens in these environments, and builds. Default: all of them.'),
  privateHosts: z
    .array(
      z
        .string()
        .max(253)
        .regex(/^[A-Za-z0-9:][A-Za-z0-9.:-]*$/, 'a host name or an IP address'),
    )
    .max(20)
    .default([])
    .describe('Hosts that may have a private or local address, and may be spoken to without TLS, by their names. No others may.'),
  retrySeconds: seconds(30, 86_400)
    .default(3600)
    .describe('An event that cannot be told is tried again so long after it happened, ever more seldom; then it is dropped.'),
}

const webhook = z.strictObject({
  url: z.union([url, secret]).describe('The address that is told, by POST: as it is, or by reference where who knows it can write there.'),
  secret: secret.describe('The key, whsec_ and base64, by which Slipway signs what it sends, as Standard Webhooks says.'),
})

const slack = z.strictObject({
  url: secret.describe(
    'The address of an incoming webhook of Slack, Mattermost or Rocket.Chat: who knows it can write there, so it is a secret.',
  ),
})

const notification = z.union([
  z.strictObject({ webhook: webhook.describe('A webhook of your own.'), ...common }),
  z.strictObject({ slack: slack.describe('A channel of Slack, or of what takes its messages.'), ...common }),
])

export const notifications = z.record(name, notification)
