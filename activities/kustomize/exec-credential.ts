import { execa } from 'execa'
import { permanent, transient } from '../failure.ts'
import type { ExecPlugin } from './kubeconfig.ts'

/** What a credential plugin answered. `expiresMs` is a time of Date.now(), null when it does not say. */
export type ExecCredential = {
  readonly token: string | null
  readonly clientCertificate: { readonly cert: Buffer; readonly key: Buffer } | null
  readonly expiresMs: number | null
}

const TIMEOUT_MS = 60_000

/** Runs the kubeconfig's credential plugin, as kubectl does. The kubeconfig is the operator's: its command is trusted. */
export async function runCredentialPlugin(
  plugin: ExecPlugin,
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<ExecCredential> {
  const info = { apiVersion: plugin.apiVersion, kind: 'ExecCredential', spec: { interactive: false } }
  const result = await execa(plugin.command, plugin.args, {
    env: { ...environment, ...plugin.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    timeout: TIMEOUT_MS,
    cancelSignal: signal,
    forceKillAfterDelay: 1000,
  })
  signal.throwIfAborted()
  if (result.code === 'ENOENT') {
    throw permanent('InvalidConfiguration', `The kubeconfig logs in with ${plugin.command}, which is not installed where this worker runs.`)
  }
  if (result.failed) {
    const words = result.stderr.trim().split('\n').at(-1)?.slice(0, 300) || result.shortMessage
    throw transient(`The kubeconfig's credential plugin ${plugin.command} failed: ${words}`)
  }
  return readCredential(plugin.command, result.stdout)
}

export function readCredential(command: string, stdout: string): ExecCredential {
  const status = statusOf(stdout)
  if (!status) throw permanent('Refused', `The credential plugin ${command} did not print an ExecCredential with a status.`)
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = status
  const expires = typeof expirationTimestamp === 'string' ? Date.parse(expirationTimestamp) : Number.NaN
  return {
    token: typeof token === 'string' ? token : null,
    clientCertificate: typeof cert === 'string' && typeof key === 'string' ? { cert: Buffer.from(cert), key: Buffer.from(key) } : null,
    expiresMs: Number.isNaN(expires) ? null : expires,
  }
}

function statusOf(stdout: string): Record<string, unknown> | null {
  try {
    const credential = JSON.parse(stdout) as { status?: Record<string, unknown> } | null
    return credential?.status ?? null
  } catch {
    return null
  }
}
