import { z } from 'zod'

/** What is seen of one container of a compose project. */
export type Container = {
  readonly id: string
  readonly name: string
  readonly service: string
  /** The id of the image that it was made of. */
  readonly imageId: string
  readonly status: string
  readonly exitCode: number
  /** The engine's own words when it could not start. */
  readonly error: string
  /** Milliseconds since it was started last. */
  readonly upMs: number
  readonly restarts: number
  readonly restartPolicy: string
  /** What the image's or the compose file's health check says; null when there is none. */
  readonly health: string | null
  /** The last answer of that health check. */
  readonly healthOutput: string
  readonly publishes: boolean
}

export type Image = { readonly id: string; readonly digests: readonly string[] }

const containerSchema = z.object({
  Id: z.string(),
  Name: z.string(),
  Image: z.string(),
  RestartCount: z.number().default(0),
  State: z.object({
    Status: z.string(),
    ExitCode: z.number().default(0),
    Error: z.string().default(''),
    StartedAt: z.string().default(''),
    Health: z.object({ Status: z.string(), Log: z.array(z.object({ Output: z.string().default('') })).nullish() }).nullish(),
  }),
  Config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }),
  HostConfig: z.object({
    RestartPolicy: z.object({ Name: z.string().default('') }).nullish(),
    PortBindings: z.record(z.string(), z.unknown()).nullish(),
  }),
})

const imageSchema = z.object({ Id: z.string(), RepoDigests: z.array(z.string()).nullish() })

/**
 * Sorts what `docker inspect` printed of containers and images together. Containers that `docker-compose run` left are
 * none of a service's.
 *
 * @param now the host's clock, in milliseconds
 */
export function readInspected(json: string, now: number): { readonly containers: readonly Container[]; readonly images: readonly Image[] } {
  const containers: Container[] = []
  const images: Image[] = []
  for (const each of z.array(z.unknown()).parse(JSON.parse(json))) {
    const container = containerSchema.safeParse(each)
    if (container.success) containers.push(...ofService(container.data, now))
    else {
      const { Id, RepoDigests } = imageSchema.parse(each)
      images.push({ id: Id, digests: RepoDigests ?? [] })
    }
  }
  return { containers: containers.toSorted((a, b) => (a.name < b.name ? -1 : 1)), images }
}

function ofService(raw: z.output<typeof containerSchema>, now: number): readonly Container[] {
  const labels = raw.Config.Labels ?? {}
  const service = labels['com.docker.compose.service']
  if (service === undefined || labels['com.docker.compose.oneoff']?.toLowerCase() === 'true') return []
  const { State: state, HostConfig: host } = raw
  return [
    {
      id: raw.Id,
      name: raw.Name.replace(/^\//, ''),
      service,
      imageId: raw.Image,
      status: state.Status,
      exitCode: state.ExitCode,
      error: state.Error,
      upMs: Math.max(0, now - (Date.parse(state.StartedAt) || now)),
      restarts: raw.RestartCount,
      restartPolicy: host.RestartPolicy?.Name || 'no',
      health: state.Health && state.Health.Status !== 'none' ? state.Health.Status : null,
      healthOutput: state.Health?.Log?.at(-1)?.Output.trim().slice(0, 500) ?? '',
      publishes: Object.keys(host.PortBindings ?? {}).length > 0,
    },
  ]
}
