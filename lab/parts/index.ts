import { defaultParts, partNames } from '../lab.ts'
import type { Part, PartName } from '../lab.ts'
import { recorded } from '../machine/daemon.ts'
import { account } from './account.ts'
import { engine } from './engine.ts'
import { forge } from './forge.ts'
import { git } from './git.ts'
import { images } from './images.ts'
import { kubernetes } from './kubernetes/index.ts'
import { network } from './network.ts'
import { registry } from './registry.ts'
import { ssh } from './ssh.ts'
import { temporal } from './temporal.ts'

export const parts: Record<PartName, Part> = { network, account, engine, registry, images, ssh, git, temporal, kubernetes, forge }

/** The wanted parts and all that they need, each once, needs first. */
export function withNeeds(wanted: readonly PartName[]): Part[] {
  const names = new Set<PartName>()
  const add = (name: PartName): void => {
    parts[name].needs.forEach(add)
    names.add(name)
  }
  wanted.forEach(add)
  return [...names].map((name) => parts[name])
}

/** What belongs to a lab until it goes down: the default parts, and the forge once it was asked for. */
export async function broughtParts(state: string): Promise<readonly PartName[]> {
  return (await recorded(state, 'forge')) ? partNames : defaultParts
}

export function isPartName(name: string): name is PartName {
  return (partNames as readonly string[]).includes(name)
}
