import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { DataConverter } from '@temporalio/common'
import { createCodec } from '../config/codec/codec.ts'
import { readCodecKeys } from '../config/codec/keys.ts'

/** How payloads are written and read, and which bundle of the workflows goes with it. */
export type Converter = { readonly dataConverter: DataConverter; readonly encrypts: boolean }

/** @throws an Error with a sentence when the keys that the environment names cannot be used */
export async function readConverter(environment: Readonly<Record<string, string | undefined>>): Promise<Converter> {
  const keys = await readCodecKeys({ env: environment, readFile: (path) => readFile(path, 'utf8') })
  if (!keys.ok) throw new Error(keys.problem)
  const encrypts = keys.value.length > 0
  const failures = encrypts ? { failureConverterPath: FAILURE_CONVERTER } : {}
  // Also without keys: what others encrypted is then an error that says so.
  return { dataConverter: { payloadCodecs: [createCodec(keys.value)], ...failures }, encrypts }
}

const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js'

/** Where a codec reaches messages and stacks of failures; see workflows/failure-converter.ts. */
export const FAILURE_CONVERTER = fileURLToPath(new URL(`../workflows/failure-converter.${EXTENSION}`, import.meta.url))
