import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Docker from 'dockerode'

export type EngineAddress = { readonly socketPath: string } | { readonly host: string; readonly port: number; readonly tls: boolean }

const DEFAULT = 'unix:///var/run/docker.sock'

/** Where the engine is: as estate.yaml says, else as the worker's DOCKER_HOST says, else at its usual socket. */
export function engineAddress(dockerHost: string | undefined, environment: Readonly<Record<string, string | undefined>>): EngineAddress {
  const text = dockerHost ?? (environment['DOCKER_HOST'] || DEFAULT)
  if (text.startsWith('unix://')) return { socketPath: text.slice('unix://'.length) || DEFAULT.slice('unix://'.length) }
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || url.protocol !== 'tcp:' || url.hostname === '') {
    throw new TypeError(`the Docker engine's address: expected unix:///path or tcp://host:port, found ${JSON.stringify(text.slice(0, 80))}`)
  }
  const tls = (environment['DOCKER_TLS_VERIFY'] ?? '') !== '' || url.port === '2376'
  return { host: url.hostname, port: Number(url.port || (tls ? 2376 : 2375)), tls }
}

/** What messages call the engine. */
export function describeEngine(address: EngineAddress): string {
  return 'socketPath' in address ? address.socketPath : `${address.host}:${address.port}`
}

/** A client of that engine; it opens no connection yet. With TLS, certificates lie at DOCKER_CERT_PATH as for docker. */
export function createEngine(address: EngineAddress, environment: Readonly<Record<string, string | undefined>>): Docker {
  // Every key that the library would otherwise take from the process's own DOCKER_HOST is named.
  const common = { host: undefined, port: undefined, socketPath: undefined, protocol: 'http', pathPrefix: '/', timeout: undefined }
  const options =
    'socketPath' in address ? { ...common, socketPath: address.socketPath } : { ...common, host: address.host, port: address.port }
  const secured =
    'tls' in address && address.tls
      ? { protocol: 'https', ...certificates(environment) }
      : { ca: undefined, cert: undefined, key: undefined }
  return new Docker({ ...options, ...secured } as Docker.DockerOptions)
}

function certificates(environment: Readonly<Record<string, string | undefined>>) {
  const folder = environment['DOCKER_CERT_PATH'] || join(environment['HOME'] ?? '/root', '.docker')
  const read = (name: string) => readFileSync(join(folder, name))
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') }
}
