import { realpath } from 'node:fs/promises'
import { cacheFolder } from './cache.ts'
import { readChoices } from './choices.ts'
import type { Lab, PartName } from './lab.ts'
import { silent } from './log.ts'
import { recorded } from './machine/daemon.ts'
import { isSame, memoryBytes } from './machine/process.ts'
import { broughtParts, parts } from './parts/index.ts'
import { knownLayout } from './slot-file.ts'

type PartStatus = {
  name: PartName
  up: boolean
  /** False for one that was there before the lab. */
  own: boolean
  address: string
  pids: number[]
  memoryBytes: number
}

/** How each part does, by asking it; empty when the checkout has no lab. */
export async function labStatus(checkout: string, environment: NodeJS.ProcessEnv = process.env): Promise<PartStatus[]> {
  const layout = await knownLayout(cacheFolder(environment), await realpath(checkout))
  const choices = layout && (await readChoices(layout.state))
  if (!layout || !choices) return []
  const never = () => Promise.reject(new Error('status builds nothing'))
  const lab: Lab = { layout, choices, log: silent, binaries: { temporal: never, kubelab: never, gitea: never, clientsOnPath: never } }
  return await Promise.all((await broughtParts(layout.state)).map((name) => statusOf(lab, name)))
}

async function statusOf(lab: Lab, name: PartName): Promise<PartStatus> {
  const part = parts[name]
  const records = await Promise.all(part.daemons(lab.choices).map((daemon) => recorded(lab.layout.state, daemon)))
  const running = await Promise.all(records.map(async (one) => (one && (await isSame(one)) ? [one.pid] : [])))
  const pids = running.flat()
  const memory = await Promise.all(pids.map(memoryBytes))
  const kinds: Partial<Record<PartName, string>> = {
    engine: lab.choices.engine.kind,
    temporal: lab.choices.temporal.kind,
    kubernetes: lab.choices.kubernetes.kind,
  }
  return {
    name,
    up: await part.answers(lab),
    own: kinds[name] !== 'existing',
    address: part.address(lab),
    pids,
    memoryBytes: memory.reduce((sum, bytes) => sum + bytes, 0),
  }
}

export function statusTable(statuses: readonly PartStatus[]): string {
  const width = Math.max(...statuses.map(({ name }) => name.length))
  return statuses
    .map(
      (one) =>
        `${one.name.padEnd(width)}  ${one.up ? 'up  ' : 'down'}  ${memoryOf(one)}  ${one.address}${one.own ? '' : ' (was there before)'}`,
    )
    .join('\n')
}

function memoryOf({ memoryBytes: bytes }: PartStatus): string {
  return (bytes === 0 ? '' : `${Math.round(bytes / 1024 / 1024)} MB`).padStart(7)
}
