import { setTimeout as sleep } from 'node:timers/promises'

const PAUSE_MS = 5
const ACCEPT = 'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json'

/** @returns the moment (milliseconds since 1970) at which the registry knew the tag in every repository */
export async function untilNamed(
  registry: string,
  repositories: readonly string[],
  tag: string,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<number> {
  const deadline = Date.now() + timeoutMs
  await Promise.all(
    repositories.map(async (repository) => {
      const url = `http://${registry}/v2/${repository}/manifests/${tag}`
      while (!(await fetch(url, { method: 'HEAD', headers: { accept: ACCEPT }, signal })).ok) {
        if (Date.now() > deadline) throw new Error(`${url} was not there within ${timeoutMs / 1000} s`)
        await sleep(PAUSE_MS)
      }
    }),
  )
  return Date.now()
}
