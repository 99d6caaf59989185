import { quoted, type Parsed } from '../domain/parsed.ts'
import type { SecretReference } from './estate-schema.ts'

/** Where secrets are looked up. `readFile` gives the text of a file, or throws with the system's error code. */
export type SecretSources = {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly readFile: (path: string) => Promise<string>
}

/**
 * The value behind a reference. One trailing newline of a file is dropped, as editors and `echo` leave it. What fails
 * here is permanent: somebody has to set the variable or place the file. The problem names the reference, never a value.
 */
export async function resolveSecret(reference: SecretReference, sources: SecretSources): Promise<Parsed<string>> {
  const found = 'env' in reference ? fromEnvironment(reference.env, sources) : await fromFile(reference.file, sources)
  if (!found.ok || found.value !== '') return found
  return failure(reference, 'which is empty')
}

/** The reference in words, for messages and screens: `the environment variable "X"` or `the file "…"`. */
function describeSecret(reference: SecretReference): string {
  return 'env' in reference ? `the environment variable ${quoted(reference.env)}` : `the file ${quoted(reference.file)}`
}

function fromEnvironment(name: string, { env }: SecretSources): Parsed<string> {
  const value = Object.hasOwn(env, name) ? env[name] : undefined
  return value === undefined ? failure({ env: name }, 'which is not set') : { ok: true, value }
}

async function fromFile(path: string, { readFile }: SecretSources): Promise<Parsed<string>> {
  try {
    return { ok: true, value: (await readFile(path)).replace(/\r?\n$/, '') }
  } catch (error) {
    return failure({ file: path }, reason(error))
  }
}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
  if (code === 'ENOENT') return 'which does not exist'
  return code === 'EACCES' ? "which the worker's user may not read" : `which cannot be read (${code})`
}

function failure(reference: SecretReference, what: string): Parsed<never> {
  const next = 'env' in reference ? 'set it where the worker is started' : 'place it beside the worker, readable for its user only'
  return { ok: false, problem: `expected a secret in ${describeSecret(reference)}, ${what}; ${next}` }
}
