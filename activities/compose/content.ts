import { z } from 'zod'
import { canonicalJson } from '../../config/hash.ts'
import { permanent } from '../failure.ts'

/** What a compose deployment is made of: rendered once, approved by its hash, applied now or again in weeks. */
const schema = z.strictObject({
  version: z.literal(1),
  /** The registry that the images come from. */
  registry: z.string(),
  /** The compose project name. */
  project: z.string(),
  /** The compose file's text; null when it is placed on the host. */
  file: z.string().nullable(),
  /** The services to bring up by name; empty: all that compose knows. */
  services: z.array(z.string()),
  /** Every compose service that runs an image of the candidate, and that image by tag and digest. Empty when placed. */
  overrides: z.record(z.string(), z.string()),
  /** The services whose containers have to run; null when only the host knows them. */
  expected: z.array(z.string()).nullable(),
  /** Every service of the file: whatever else Slipway brought up before is wanted no more. */
  known: z.array(z.string()),
  /** The candidate's images by service. */
  images: z.record(z.string(), z.strictObject({ repository: z.string(), tag: z.string(), digest: z.string() })),
  /** The compose file format's version, which compose v1 wants in every file. */
  format: z.string().nullable(),
  /** Exported to compose. */
  variables: z.record(z.string(), z.string()),
  /** Names of further variables whose values the estate keeps by reference; looked up when it is applied. */
  secrets: z.array(z.string()),
})

export type ComposeContent = z.output<typeof schema>

export function encodeContent(content: ComposeContent): Buffer {
  return Buffer.from(`${canonicalJson(content)}\n`)
}

/** Content comes back from the store after weeks, maybe to a newer Slipway. */
export function decodeContent(bytes: Buffer): ComposeContent {
  try {
    return schema.parse(JSON.parse(bytes.toString('utf8')))
  } catch (error) {
    throw permanent(
      'InvalidConfiguration',
      'expected the stored content of a compose deployment, found something that this version of Slipway does not read; request the deployment anew',
      undefined,
      error instanceof Error ? error : undefined,
    )
  }
}
