import { open } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { MOST_BYTES } from './yaml/document.ts'
import type { EstateFile } from './estate-schema.ts'
import type { ConfigProblem, ConfigResult } from './problem.ts'
import { parseConfig, type ConfigKind } from './read.ts'
import { resolvePaths } from './resolve-paths.ts'
import type { SlipwayFile } from './slipway-schema.ts'

/**
 * Reads estate.yaml; the paths in it come back absolute, resolved against the file's folder. The hash is of the file as
 * it was written, so that it does not change with the folder. A file that cannot be read is a problem, never thrown.
 */
export async function loadEstate(path: string): Promise<ConfigResult<EstateFile>> {
  const text = await readText('estate', path)
  if (typeof text !== 'string') return { ok: false, problems: [text] }
  const result = parseConfig('estate', { text, file: path })
  return result.ok ? { ...result, value: resolvePaths(result.value, dirname(resolve(path))) } : result
}

/** Reads slipway.yaml from a folder on this machine; at a revision, read the text with git and use `parseConfig`. */
export async function loadSlipwayFile(path: string): Promise<ConfigResult<SlipwayFile>> {
  const text = await readText('slipway', path)
  return typeof text === 'string' ? parseConfig('slipway', { text, file: path }) : { ok: false, problems: [text] }
}

async function readText(kind: ConfigKind, path: string): Promise<string | ConfigProblem> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readStart(path))
  } catch (error) {
    const found = reason(error)
    return {
      kind: 'file',
      file: path,
      line: 1,
      column: 1,
      path: '',
      found,
      expected: `a readable ${kind}.yaml`,
      hint: nextStep(kind, found),
    }
  }
}

/** Not more than what is certainly too much: the path may be a device without an end. */
async function readStart(path: string): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const chunks: Buffer[] = []
    let length = 0
    while (length <= MOST_BYTES) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(64 * 1024))
      if (bytesRead === 0) break
      chunks.push(buffer.subarray(0, bytesRead))
      length += bytesRead
    }
    return Buffer.concat(chunks)
  } finally {
    await file.close()
  }
}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'no such file'
    case 'EACCES':
    case 'EPERM':
      return 'a file that this user may not read'
    case 'EISDIR':
      return 'a folder'
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      return 'a file that is no UTF-8 text'
    default:
      return `an error (${code === '' ? 'unknown' : code})`
  }
}

function nextStep(kind: ConfigKind, found: string): string {
  return found === 'no such file' ? `run "slipway init", or copy ${kind}.example.yaml and edit it` : 'name the right file, or mend this one'
}
