import { parseDocument } from 'yaml'
import { z } from 'zod'

/** What compose makes of a service, with every variable in its place: secrets are among the values. */
export type EffectiveService = {
  /** Null for a variable that is passed on from wherever compose runs. */
  readonly environment: Readonly<Record<string, string | null>>
  /** `8080:80/tcp`; null where they are written in a way that is not read here. */
  readonly ports: readonly string[] | null
  readonly volumes: readonly { readonly source: string | null; readonly target: string; readonly bind: boolean }[]
}

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String)
const port = z.union([
  scalar,
  z.object({ target: scalar, published: scalar.nullish(), protocol: z.string().default('tcp'), host_ip: z.string().default('') }),
])
const volume = z.union([z.string(), z.object({ type: z.string(), source: z.string().nullish(), target: z.string() })])
const serviceSchema = z.object({
  environment: z.union([z.record(z.string(), scalar.nullable()), z.array(z.string())]).nullish(),
  ports: z.array(port).nullish(),
  volumes: z.array(volume).nullish(),
})
const schema = z.object({ services: z.record(z.string(), serviceSchema) })

/** Reads what `config` of compose v1 or v2 prints; null when it is something else. */
export function readEffective(text: string): Readonly<Record<string, EffectiveService>> | null {
  const document = parseDocument(text, { logLevel: 'silent' })
  const read = document.errors.length > 0 ? null : schema.safeParse(document.toJS({ maxAliasCount: 100 }))
  if (!read?.success) return null
  return Object.fromEntries(Object.entries(read.data.services).map(([name, service]) => [name, effective(service)]))
}

function effective({ environment, ports, volumes }: z.output<typeof serviceSchema>): EffectiveService {
  const pairs = Array.isArray(environment)
    ? environment.map((line): [string, string | null] => [
        line.split('=', 1)[0] ?? '',
        line.includes('=') ? line.slice(line.indexOf('=') + 1) : null,
      ])
    : Object.entries(environment ?? {})
  const read = (ports ?? []).map((each) => (typeof each === 'string' ? shortPort(each) : longPort(each)))
  return {
    environment: Object.fromEntries(pairs.map(([name, value]) => [name, value === null ? null : unescaped(value)])),
    ports: read.every((each) => each !== null) ? read : null,
    volumes: (volumes ?? []).map((each) => (typeof each === 'string' ? shortVolume(unescaped(each)) : longVolume(each))),
  }
}

/** What is printed can be read by compose again: a dollar stands there twice. */
function unescaped(text: string): string {
  return text.replaceAll('$$', '$')
}

function shortPort(text: string): string | null {
  const [, address = '', published = '', target, protocol = 'tcp'] =
    /^(?:(\d[\d.]*\.\d+|\[[0-9a-f:]+\]):)?(?:(\d*):)?(\d+)(?:\/(\w+))?$/.exec(text) ?? []
  return target === undefined ? null : formatPort(address, published, target, protocol)
}

function longPort({
  target,
  published,
  protocol,
  host_ip: address,
}: {
  target: string
  published?: string | null | undefined
  protocol: string
  host_ip: string
}) {
  return /^\d+$/.test(target) && /^\d*$/.test(published ?? '') ? formatPort(address, published ?? '', target, protocol) : null
}

function formatPort(address: string, published: string, target: string, protocol: string): string {
  const everywhere = address === '' || address === '0.0.0.0'
  return `${everywhere ? '' : `${address}:`}${published === '' || published === '0' ? '' : `${published}:`}${target}/${protocol}`
}

function shortVolume(text: string): EffectiveService['volumes'][number] {
  const [first = '', second] = text.split(':')
  if (second === undefined) return { source: null, target: first, bind: false }
  return { source: first, target: second, bind: first.startsWith('/') }
}

function longVolume({
  type,
  source,
  target,
}: {
  type: string
  source?: string | null | undefined
  target: string
}): EffectiveService['volumes'][number] {
  return { source: source ?? null, target, bind: type === 'bind' }
}
