import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * The worker's program, which the CLI starts and never imports: beside the CLI's own folder, as source in a checkout and
 * as emitted JavaScript in the package.
 */
export function workerEntry(here: string = import.meta.url): string {
  return programIn('worker', here)
}

/** The gateway's program, likewise. */
export function gatewayEntry(here: string = import.meta.url): string {
  return programIn('gateway', here)
}

function programIn(folder: string, here: string): string {
  const extension = here.endsWith('.ts') ? 'ts' : 'js'
  return fileURLToPath(new URL(`../${folder}/main.${extension}`, here))
}

/** The version in package.json: a folder above the sources, two above what is emitted into dist/. */
export function packageVersion(here: string = import.meta.url): string {
  const file = new URL(here.endsWith('.ts') ? '../package.json' : '../../package.json', here)
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string }
  return version
}

/** What the operator of a cluster applies once, so that it judges the fence by itself. */
export function fencePolicy(here: string = import.meta.url): string {
  const path = 'kubernetes/fence-policy.yaml'
  return readFileSync(new URL(here.endsWith('.ts') ? `../${path}` : `../../${path}`, here), 'utf8')
}
