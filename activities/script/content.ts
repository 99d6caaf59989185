import { z } from 'zod'
import { canonicalJson } from '../../config/hash.ts'
import { permanent } from '../failure.ts'

/** What a deployment by a placed script is made of: all that Slipway gives it. What it does with that is its own. */
const schema = z.strictObject({
  version: z.literal(1),
  command: z.string(),
  /** TAG and DIGEST_<SERVICE>. */
  variables: z.record(z.string(), z.string()),
})

export type ScriptContent = z.output<typeof schema>

export function encodeContent(content: ScriptContent): Buffer {
  return Buffer.from(`${canonicalJson(content)}\n`)
}

export function decodeContent(bytes: Buffer): ScriptContent {
  try {
    return schema.parse(JSON.parse(bytes.toString('utf8')))
  } catch (error) {
    throw permanent(
      'InvalidConfiguration',
      'expected the stored content of a deployment by script, found something that this version of Slipway does not read; request the deployment anew',
      undefined,
      error instanceof Error ? error : undefined,
    )
  }
}
