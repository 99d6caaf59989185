import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { quoted } from '../domain/parsed.ts'
import type { GlobalOptions } from './context.ts'
import { usage } from './exit.ts'
import type { Io } from './io.ts'

export const FILE = 'slipway.yaml'

/**
 * The project that a command speaks of: `--project NAME`, else the name in the slipway.yaml of `--config FILE`,
 * SLIPWAY_CONFIG, or the nearest folder upwards. Nothing else in that file matters here: the worker reads it at the
 * revision that it builds, and judges it.
 */
export async function findProject(io: Pick<Io, 'cwd' | 'env'>, options: GlobalOptions): Promise<string> {
  if (options.project !== undefined) return projectName(options.project, '--project')
  const file = configFile(io, options)
  if (file === null) {
    throw usage(`no ${FILE} in ${io.cwd} or in a folder above it; go to your project's folder, or name the project`, [
      'slipway init',
      'slipway status --project NAME',
    ])
  }
  return projectName(await readProject(file), file)
}

/** The slipway.yaml that is meant, as an absolute path; null when there is none upwards from here. */
export function configFile(io: Pick<Io, 'cwd' | 'env'>, options: GlobalOptions): string | null {
  const named = options.config ?? (io.env['SLIPWAY_CONFIG'] === '' ? undefined : io.env['SLIPWAY_CONFIG'])
  return named === undefined ? upwards(io.cwd) : resolve(io.cwd, named)
}

function upwards(folder: string): string | null {
  const file = join(folder, FILE)
  if (readText(file) !== null) return file
  const parent = dirname(folder)
  return parent === folder ? null : upwards(parent)
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

async function readProject(file: string): Promise<unknown> {
  const text = readText(file)
  if (text === null) throw usage(`${file} cannot be read; name the right file with --config FILE`)
  // Nearly every file says it in one plain line; loading the parser for it would cost a command 20 ms.
  const plain = [...text.matchAll(/^project:[ \t]+([a-z0-9-]+)[ \t]*(?:#.*)?\r?$/gm)]
  if (plain.length === 1) return plain[0]![1]
  const { parse } = await import('yaml')
  let value: unknown
  try {
    value = parse(text)
  } catch (error) {
    throw usage(`${file} is no YAML: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''}`)
  }
  const name = typeof value === 'object' && value !== null && 'project' in value ? value.project : undefined
  if (name === undefined) throw usage(`${file} names no project; it needs a line such as "project: website"`)
  return name
}

/** Narrow, since it becomes part of workflow ids; the rule of the configuration's own schema. */
export function projectName(name: unknown, source: string): string {
  if (typeof name === 'string' && isName(name)) return name
  const found = typeof name === 'string' ? quoted(name) : typeof name
  throw usage(`${source}: expected a project's name of lower-case letters, digits and "-", found ${found}`)
}

export function isName(text: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/.test(text)
}
