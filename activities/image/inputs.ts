import { hashOf } from '../../config/hash.ts'

/** Everything a service's image is made of. Two revisions in which it is the same have the same image. */
export type InputParts = {
  /** git's tree id of the context. */
  readonly contextTree: string
  readonly dockerfile: { readonly path: string; readonly blob: string }
  readonly target: string | null
  readonly args: Readonly<Record<string, string>>
  /** Each base image's name with its digest, or `unresolved:<name>`. */
  readonly bases: Readonly<Record<string, string>>
  /** The command with git's object id of each thing that it reads. */
  readonly prebuild: { readonly run: string; readonly inputs: Readonly<Record<string, string | null>> } | null
}

/** 64 hexadecimal digits. The number stands for the way of building: raise it when the same inputs would give another image. */
export function hashInputs(parts: InputParts): string {
  return hashOf({ ...parts, building: 1 })
}

/** The tag under which the registry is asked for an image made of the same inputs. */
export function inputsTag(inputs: string): string {
  return `slipway-${inputs.slice(0, 40)}`
}

export const INPUTS_TAG = /^slipway-[0-9a-f]{40}$/
