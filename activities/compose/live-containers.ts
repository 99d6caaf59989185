import { z } from 'zod'
import { readBrought } from './inventory-script.ts'

/** A container as the newest apply left it. */
export type AppliedContainer = { readonly service: string; readonly imageId: string; readonly hash: string }

/** A container of the project as it is now, whoever started it. */
export type LiveContainer = {
  readonly name: string
  readonly service: string
  readonly imageId: string
  /** What compose made of the configuration that it was started with. */
  readonly hash: string
  readonly status: string
  readonly exitCode: number
  /** Milliseconds since 1970; null where the engine does not say. */
  readonly createdAt: number | null
  readonly finishedAt: number | null
  readonly restartPolicy: string
  /** Never shown: secrets are among them. */
  readonly environment: Readonly<Record<string, string>>
  /** `8080:80/tcp`, as it is published. */
  readonly ports: readonly string[]
  readonly mounts: readonly { readonly type: string; readonly source: string; readonly target: string }[]
}

export type LiveImage = {
  readonly id: string
  readonly digests: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

export type LiveProject = {
  /** Empty where an older version of Slipway applied. */
  readonly applied: readonly AppliedContainer[]
  /** The services that Slipway brought up, by any deployment; empty where an older version applied. */
  readonly brought: readonly string[]
  readonly containers: readonly LiveContainer[]
  readonly images: readonly LiveImage[]
}

const binding = z.object({ HostIp: z.string().default(''), HostPort: z.string().default('') })
const mount = z.object({ Type: z.string(), Name: z.string().default(''), Source: z.string().default(''), Destination: z.string() })
const containerSchema = z.object({
  name: z.string(),
  created: z.string(),
  image: z.string(),
  status: z.string(),
  exitCode: z.number(),
  finished: z.string(),
  labels: z.record(z.string(), z.string()).nullable(),
  env: z.array(z.string()).nullable(),
  ports: z.record(z.string(), z.array(binding).nullable()).nullable(),
  restart: z.string(),
  mounts: z.array(mount).nullable(),
})
const imageSchema = z.object({ id: z.string(), digests: z.array(z.string()).nullable(), env: z.array(z.string()).nullable() })

/** Reads what LIVE_SCRIPT printed. Containers that `docker-compose run` left are none of a service's. */
export function readLive(stdout: string, call: string, project: string): LiveProject {
  return {
    brought: readBrought(stdout, call, project),
    applied: printed(stdout, `${call} applied `).flatMap((line) => {
      const [service = '', imageId = '', hash = '', oneoff = ''] = line.split(' ')
      return service === '' || oneoff.toLowerCase() === 'true' ? [] : [{ service, imageId, hash }]
    }),
    containers: printed(stdout, `${call} container `)
      .flatMap((line) => container(JSON.parse(line)))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    images: printed(stdout, `${call} image `).map((line) => {
      const { id, digests, env } = imageSchema.parse(JSON.parse(line))
      return { id, digests: digests ?? [], environment: variables(env ?? []) }
    }),
  }
}

function container(json: unknown): readonly LiveContainer[] {
  const raw = containerSchema.parse(json)
  const labels = raw.labels ?? {}
  const service = labels['com.docker.compose.service']
  if (service === undefined || labels['com.docker.compose.oneoff']?.toLowerCase() === 'true') return []
  return [
    {
      name: raw.name.replace(/^\//, ''),
      service,
      imageId: raw.image,
      hash: labels['com.docker.compose.config-hash'] ?? '',
      status: raw.status,
      exitCode: raw.exitCode,
      createdAt: Date.parse(raw.created) || null,
      finishedAt: Math.max(0, Date.parse(raw.finished) || 0) || null,
      restartPolicy: raw.restart || 'no',
      environment: variables(raw.env ?? []),
      ports: Object.entries(raw.ports ?? {}).flatMap(([port, bindings]) => (bindings ?? []).map((each) => published(port, each))),
      mounts: (raw.mounts ?? []).map((each) => ({
        type: each.Type,
        source: each.Type === 'volume' ? each.Name : each.Source,
        target: each.Destination,
      })),
    },
  ]
}

function published(port: string, { HostIp, HostPort }: z.output<typeof binding>): string {
  const everywhere = HostIp === '' || HostIp === '0.0.0.0' || HostIp === '::'
  return `${everywhere ? '' : `${HostIp}:`}${HostPort === '' || HostPort === '0' ? '' : `${HostPort}:`}${port}`
}

function variables(lines: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(lines.map((line) => [line.split('=', 1)[0] ?? '', line.slice(line.indexOf('=') + 1)]))
}

function printed(stdout: string, start: string): readonly string[] {
  return stdout.split('\n').flatMap((line) => (line.startsWith(start) ? [line.slice(start.length)] : []))
}
