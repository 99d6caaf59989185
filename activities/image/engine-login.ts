import type Docker from 'dockerode'
import type { Login } from '../registry/docker-config.ts'

/** A login as the engine takes it in its X-Registry-Auth header; `{}` says that there is none. */
export function engineLogin(login: Login | null, address: string): Docker.AuthConfigObject {
  const serveraddress = address === 'docker.io' ? 'https://index.docker.io/v1/' : address
  if (login === null) return {}
  return login.kind === 'identity'
    ? { identitytoken: login.token, serveraddress }
    : { username: login.username, password: login.password, serveraddress }
}
