import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { dirname, join } from 'node:path'
import { fixedPorts, labId, layoutOf, stateFolder } from './layout.ts'
import type { Layout } from './layout.ts'
import { withLock } from './machine/lock.ts'
import { portIsFree } from './machine/probe.ts'
import { allocateSlot, withoutGone } from './slots.ts'
import type { Slots } from './slots.ts'

/** The layout of a checkout that has had a lab, or undefined. */
export async function knownLayout(cache: string, checkout: string): Promise<Layout | undefined> {
  const slot = (await readSlots(slotFile(cache)))[checkout]
  return slot === undefined ? undefined : layoutOf(checkout, slot)
}

/** The layout of a checkout; takes a slot for it where it has none. */
export async function claimLayout(cache: string, checkout: string): Promise<Layout> {
  const known = await knownLayout(cache, checkout)
  if (known) return known
  const file = slotFile(cache)
  return withLock(`${file}.lock`, async () => {
    const slots = withoutGone(await readSlots(file), (path) => existsSync(stateFolder(path)))
    const slot = await allocateSlot(slots, checkout, labId(checkout), (candidate) => nobodySitsOn(layoutOf(checkout, candidate)))
    await mkdir(stateFolder(checkout), { recursive: true })
    await writeSlots(file, { ...slots, [checkout]: slot })
    return layoutOf(checkout, slot)
  })
}

export async function releaseSlot(cache: string, checkout: string): Promise<void> {
  const file = slotFile(cache)
  await withLock(`${file}.lock`, async () => {
    const { [checkout]: _released, ...rest } = await readSlots(file)
    await writeSlots(file, rest)
  })
}

/** Another lab that this cache knows nothing of (another user's, another container's) shows in ports and addresses. */
async function nobodySitsOn(layout: Layout): Promise<boolean> {
  const prefix = layout.network.subnet.split('.').slice(0, 2).join('.')
  const foreign = Object.entries(networkInterfaces()).filter(([name]) => !name.endsWith(`-${layout.id}`))
  if (foreign.some(([, list]) => list?.some(({ address }) => address.startsWith(`${prefix}.`)))) return false
  const free = await Promise.all(fixedPorts(layout.ports).map(portIsFree))
  return free.every(Boolean)
}

function slotFile(cache: string): string {
  return join(cache, 'lab', 'slots.json')
}

async function readSlots(file: string): Promise<Slots> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Slots
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new Error(`${file} cannot be read as the list of lab slots; delete it when no lab is running`, { cause: error })
  }
}

async function writeSlots(file: string, slots: Slots): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const next = `${file}.next`
  await writeFile(next, `${JSON.stringify(slots, null, 2)}\n`)
  await rename(next, file)
}
