import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'

/** What each sender sends, signed by its own rules and not by Slipway's code. */
export const SECRETS = {
  token: 'a-secret-token-of-gitlab',
  github: 'a-secret-of-github-webhooks',
  gitea: 'a-secret-of-gitea-webhooks',
  signing: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  plain: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD',
} as const

export type Sent = { readonly headers: Record<string, string>; readonly body: string }

export const PUSH = JSON.stringify({ ref: 'refs/heads/develop', repository: { full_name: 'eap/website' } })

const JSON_TYPE = { 'content-type': 'application/json' }

export function fromGithub(event: string, body = PUSH, secret: string = SECRETS.github): Sent {
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
  return { body, headers: { ...JSON_TYPE, 'x-github-event': event, 'x-hub-signature-256': signature } }
}

export function fromGitea(event: string, body = PUSH, secret: string = SECRETS.gitea): Sent {
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  return { body, headers: { ...JSON_TYPE, 'x-gitea-event': event, 'x-gitea-signature': signature } }
}

export function fromForgejo(event: string, body = PUSH): Sent {
  const signature = createHmac('sha256', SECRETS.gitea).update(body).digest('hex')
  return { body, headers: { ...JSON_TYPE, 'x-forgejo-event': event, 'x-forgejo-signature': signature } }
}

export function fromGitlab(event: string, body = PUSH, token: string = SECRETS.token): Sent {
  return { body, headers: { ...JSON_TYPE, 'x-gitlab-event': event, 'x-gitlab-token': token } }
}

export function standard(body: string, options: { key?: string; at?: Date; id?: string; headers?: Record<string, string> } = {}): Sent {
  const { key = SECRETS.plain, at = new Date(), id = 'msg_1', headers = {} } = options
  return {
    body,
    headers: {
      ...JSON_TYPE,
      ...headers,
      'webhook-id': id,
      'webhook-timestamp': `${Math.floor(at.getTime() / 1000)}`,
      'webhook-signature': new Webhook(key).sign(id, at, body),
    },
  }
}

export function fromSigningGitlab(event: string, options: { at?: Date; body?: string } = {}): Sent {
  return standard(options.body ?? PUSH, {
    key: SECRETS.signing,
    headers: { 'x-gitlab-event': event },
    ...(options.at ? { at: options.at } : {}),
  })
}
