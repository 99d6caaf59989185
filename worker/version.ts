import { readFileSync } from 'node:fs'

/** The version in package.json: a folder above the sources, two above what is emitted into dist/. */
export function slipwayVersion(here: string = import.meta.url): string {
  const file = new URL(here.endsWith('.ts') ? '../package.json' : '../../package.json', here)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
