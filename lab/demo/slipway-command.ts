import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { quote, type LabEnv } from '../env.ts'

/**
 * A `slipway` for the sample's folder and all below it: this checkout's, pointed at the Temporal that the demo runs on.
 * It lies where npx looks for it, as if the team had installed Slipway there.
 *
 * @param top the folder above the sample's clone
 * @returns the folder that belongs on the PATH
 */
export async function placeSlipway(env: LabEnv, top: string, namespace: string): Promise<string> {
  const bin = join(top, 'node_modules', '.bin')
  const profile = join(top, 'temporal.toml')
  await mkdir(bin, { recursive: true })
  await writeFile(profile, profileText(env, namespace))
  await writeFile(join(bin, 'slipway'), script(env, namespace, profile), { mode: 0o755 })
  return bin
}

function script(env: LabEnv, namespace: string, profile: string): string {
  const node = join(env.checkout, 'node_modules', '.bin', 'node')
  const entry = join(env.checkout, 'bin', 'slipway.js')
  return `#!/bin/sh
# The slipway of this checkout, pointed at the Temporal that the demo runs on. Made by the demo.
${env.temporal.own ? ownServer(profile) : existingServer(env, namespace)}
exec ${quote(node)} ${quote(entry)} "$@"
`
}

/** The lab's own server is the profile's and nothing else, whatever the person's own variables say. */
function ownServer(profile: string): string {
  return String.raw`unset TEMPORAL_ $(env | sed -n 's/^\(TEMPORAL_[A-Z0-9_]*\)=.*/\1/p')
export TEMPORAL_CONFIG_FILE=${quote(profile)}`
}

/** How to get into a server that was there before is in the person's variables, and only where it is stands here. */
function existingServer({ temporal }: LabEnv, namespace: string): string {
  return `export TEMPORAL_ADDRESS=${quote(temporal.address)} TEMPORAL_NAMESPACE=${quote(namespace)}`
}

function profileText({ temporal }: LabEnv, namespace: string): string {
  return `[profile.default]\naddress = ${JSON.stringify(temporal.address)}\nnamespace = ${JSON.stringify(namespace)}\n`
}
