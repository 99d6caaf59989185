import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { EstateFile } from '../../config/estate-schema.ts'
import type { Registry } from '../registry/client.ts'
import { LOG_SUFFIX } from './folder.ts'
import { CREATED, STORE_REPOSITORY } from './registry.ts'

export type LogLimits = { readonly olderThanMs: number; readonly nowMs: number }

export type CleanedLogs = { readonly logs: number; readonly bytes: number }

/** Removes logs older than the limit from the store that estate.yaml names; what deployments are made of stays. */
export async function cleanLogs(
  store: EstateFile['store'],
  registry: Registry,
  limits: LogLimits,
  signal: AbortSignal,
): Promise<CleanedLogs> {
  return store === 'registry' ? cleanRegistry(registry, limits, signal) : cleanFolder(store.folder, limits, signal)
}

async function cleanRegistry(registry: Registry, limits: LogLimits, signal: AbortSignal): Promise<CleanedLogs> {
  let [logs, bytes] = [0, 0]
  for await (const tags of registry.listTags(STORE_REPOSITORY, signal)) {
    for (const tag of tags) {
      const manifest = await registry.readManifest(STORE_REPOSITORY, tag, signal)
      if (manifest === null) continue
      const size = oldLogBytes(manifest.bytes, limits)
      if (size === null || !(await registry.deleteManifest(STORE_REPOSITORY, manifest.digest, signal))) continue
      logs++
      bytes += size
    }
  }
  return { logs, bytes }
}

/** The size of a log that is old enough to go; null for anything else. */
function oldLogBytes(manifest: Buffer, { olderThanMs, nowMs }: LogLimits): number | null {
  const { layers, annotations } = JSON.parse(manifest.toString('utf8')) as {
    layers?: { mediaType?: string; size?: number }[]
    annotations?: Record<string, string>
  }
  const created = Date.parse(annotations?.[CREATED] ?? '')
  const isLog = layers?.[0]?.mediaType?.startsWith('text/') === true
  return isLog && nowMs - created > olderThanMs ? (layers?.[0]?.size ?? 0) : null
}

async function cleanFolder(folder: string, { olderThanMs, nowMs }: LogLimits, signal: AbortSignal): Promise<CleanedLogs> {
  let [logs, bytes] = [0, 0]
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  for (const name of names.filter((each) => each.endsWith(LOG_SUFFIX))) {
    signal.throwIfAborted()
    const path = join(folder, name)
    const found = await stat(path).catch(() => null)
    if (found === null || nowMs - found.mtimeMs <= olderThanMs) continue
    await rm(path, { force: true })
    logs++
    bytes += found.size
  }
  return { logs, bytes }
}
