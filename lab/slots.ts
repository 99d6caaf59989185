import { slotCount } from './layout.ts'

/** Which checkout (by its real path) holds which slot on this machine. */
export type Slots = Record<string, number>

/**
 * The slot for a checkout: the one that it holds, or else the first free one from the place its id points to,
 * so that the same checkout nearly always lands on the same ports even when the list was lost.
 * `usable` says whether nobody else sits on a slot's ports and addresses; it is not asked of a slot that is held.
 */
export async function allocateSlot(
  slots: Slots,
  checkout: string,
  id: string,
  usable: (slot: number) => Promise<boolean>,
): Promise<number> {
  const held = slots[checkout]
  if (held !== undefined) return held
  const taken = new Set(Object.values(slots))
  const start = Number.parseInt(id, 16) % slotCount
  for (let step = 0; step < slotCount; step += 1) {
    const slot = (start + step) % slotCount
    if (!taken.has(slot) && (await usable(slot))) return slot
  }
  throw new Error(
    `all ${slotCount} lab slots of this machine are taken; take a lab down with "npm run lab -- reset" in its checkout: ${Object.keys(slots).join(', ')}`,
  )
}

/** Without the checkouts that are gone from the disk. */
export function withoutGone(slots: Slots, exists: (checkout: string) => boolean): Slots {
  return Object.fromEntries(Object.entries(slots).filter(([checkout]) => exists(checkout)))
}
