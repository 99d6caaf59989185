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
  await mkdir(bin, { recursive: true })
  await writeFile(join(bin, 'slipway'), script(env, namespace), { mode: 0o755 })
  return bin
}

function script(env: LabEnv, namespace: string): string {
  const node = join(env.checkout, 'node_modules', '.bin', 'node')
  const entry = join(env.checkout, 'bin', 'slipway.js')
  return `#!/bin/sh
# The slipway of this checkout, pointed at the lab's Temporal. Made by the demo.
${temporalLines(env, namespace)}
exec ${quote(node)} ${quote(entry)} "$@"
`
}

/** A lab's own server has neither a password nor TLS, whatever the person's own variables and profiles say. */
function temporalLines(env: LabEnv, namespace: string): string {
  const { address, own } = env.temporal
  const where = `TEMPORAL_ADDRESS=${quote(address)} TEMPORAL_NAMESPACE=${quote(namespace)}`
  if (!own) return `export ${where}`
  return `unset TEMPORAL_ $(env | sed -n 's/^\\(TEMPORAL_[A-Z0-9_]*\\)=.*/\\1/p')\nexport ${where} TEMPORAL_CONFIG_FILE=/dev/null`
}
