import { z } from 'zod'
import { canonicalJson } from '../../config/hash.ts'
import { permanent } from '../failure.ts'

/** What a hook on an ssh host is made of: rendered with the snapshot, run now or again in weeks. */
const schema = z.discriminatedUnion('kind', [
  z.strictObject({
    version: z.literal(1),
    kind: z.literal('command'),
    argv: z.array(z.string()).min(1),
    /** TAG and DIGEST_<SERVICE>. */
    variables: z.record(z.string(), z.string()),
  }),
  z.strictObject({
    version: z.literal(1),
    kind: z.literal('compose'),
    service: z.string(),
    /** Null: the service's own command. */
    argv: z.array(z.string()).min(1).nullable(),
  }),
])

export type HookContent = z.output<typeof schema>

export function encodeHook(content: HookContent): Buffer {
  return Buffer.from(`${canonicalJson(content)}\n`)
}

/** Content comes back from the store after weeks, maybe to a newer Slipway. */
export function decodeHook(bytes: Buffer): HookContent {
  try {
    return schema.parse(JSON.parse(bytes.toString('utf8')))
  } catch (error) {
    throw permanent(
      'InvalidConfiguration',
      'expected the stored content of a hook, found something that this version of Slipway does not read; request the deployment anew',
      undefined,
      error instanceof Error ? error : undefined,
    )
  }
}
