import { transient } from '../failure.ts'
import type { Connection } from './connect.ts'
import { damagedFence, foreignFence } from './fenced.ts'

/**
 * A piece of a remote script that tells the fence and leaves it as it is. Arguments of the script: id of this call, state
 * folder. Prints `<call> held <epoch> <owner>`; nothing is held where there is no fence.
 */
export const HELD_SCRIPT = String.raw`
held_epoch=0 held_attempt= held_owner=
if [ -e "$2/fence" ]; then
  held_epoch=damaged
  read -r held_epoch held_attempt held_owner <"$2/fence" || :
fi
printf '%s held %s %s\n' "$1" "$held_epoch" "$held_owner"
`

/** The epoch of the fence that HELD_SCRIPT told of; 0 without one. */
export function heldEpoch(
  { place }: Connection,
  { call, state, owner }: { readonly call: string; readonly state: string; readonly owner: string },
  stdout: string,
): number {
  const [, epoch, holder] = new RegExp(`^${call} held (\\S*) (.*)$`, 'm').exec(stdout) ?? []
  if (epoch === undefined || holder === undefined) {
    throw transient(`the ssh host ${place} did not run the command as expected; the user needs a POSIX shell and no forced command`)
  }
  if (!/^\d{1,15}$/.test(epoch)) throw damagedFence(place, `${state}/fence`)
  if (holder !== '' && holder !== owner) throw foreignFence(place, state, { holder, owner })
  return Number(epoch)
}
