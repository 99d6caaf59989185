import type { Client } from '@temporalio/client'
import { parseConfig } from '../../config/read.ts'
import { startGateway, type Gateway } from '../../gateway/run.ts'
import type { Limits } from '../../gateway/server.ts'
import type { EstateFile } from '../../config/estate-schema.ts'
import { change, ESTATE } from '../config/texts.ts'
import { SECRETS, type Sent } from './signed.ts'

/** The real gateway on a port of its own; in place of Temporal's signal a list of who was told to look. */
export type Stand = Gateway & {
  readonly hinted: string[]
  readonly logged: string[]
  readonly send: (path: string, sent: Sent) => Promise<Response>
  /** Waits until nothing more can come of what was answered. */
  readonly settled: () => Promise<readonly string[]>
}

export const SOURCES = {
  env: {
    TOKEN: SECRETS.token,
    GITHUB: SECRETS.github,
    GITEA: SECRETS.gitea,
    SIGNING: SECRETS.signing,
    PLAIN: SECRETS.plain,
    SHORT: 'short',
  },
  readFile: () => Promise.reject(new Error('no files here')),
}

const WEBSITE = `    webhooks:
      gitlab: { token: { env: TOKEN } }
      github: { secret: { env: GITHUB } }
      gitea: { secret: { env: GITEA } }
      plain: { secret: { env: PLAIN } }
`

const OTHERS = `
  signing:
    repository: { url: /srv/signing.git }
    webhooks:
      gitlab: { signingToken: { env: SIGNING } }
      github: { secret: { env: SHORT } }
      gitea: { secret: { env: MISSING } }
    environments:
      live: { from: develop, target: { script: { host: main, command: ./deploy-signing.sh } } }
  closed:
    repository: { url: /srv/closed.git }
    environments:
      live: { from: develop, target: { script: { host: main, command: ./deploy-closed.sh } } }
`

/** Three projects: `website` takes everything, `signing` what GitLab signs (its other secrets cannot be any), `closed` nothing. */
export function estateWith(gateway: string): EstateFile {
  const text = `${change(ESTATE, '      url: git@git.example:eap/website.git\n', `      url: git@git.example:eap/website.git\n${WEBSITE}`)}${OTHERS}`
  const read = parseConfig('estate', { text: `gateway: ${gateway}\n${text}`, file: 'estate.yaml' })
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  return read.value
}

export async function openStand(
  options: {
    readonly gateway?: string
    readonly limits?: Partial<Limits>
    readonly hint?: (project: string) => Promise<void>
    readonly answers?: () => Promise<boolean>
    /** With one there are metrics. */
    readonly client?: Client
    readonly tls?: { readonly cert: string; readonly key: string }
  } = {},
): Promise<Stand> {
  const hinted: string[] = []
  const logged: string[] = []
  const log = (fields: unknown, text?: string) => void logged.push(JSON.stringify([fields, text]))
  const gateway = await startGateway({
    estate: estateWith(options.gateway ?? '{}'),
    sources: SOURCES,
    tls: options.tls ?? null,
    listen: { address: '127.0.0.1', port: 0 },
    metrics: options.client === undefined ? null : { address: '127.0.0.1', port: 0 },
    temporal: {
      hint: async (project) => {
        await options.hint?.(project)
        hinted.push(project)
      },
      client: options.client as Client,
      answers: options.answers ?? (() => Promise.resolve(true)),
    },
    log: { debug: () => undefined, info: log, warn: log, error: log },
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    pauseMs: 5,
  })
  return {
    ...gateway,
    hinted,
    logged,
    send: (path, { headers, body }) => fetch(`${gateway.url}${path}`, { method: 'POST', headers, body }),
    settled: async () => {
      await gateway.idle()
      return hinted
    },
  }
}
