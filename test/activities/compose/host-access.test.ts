import { stringify } from 'yaml'
import { expect, test } from 'vitest'
import { refuseHostAccess } from '../../../activities/compose/host-access.ts'

type More = {
  top?: object
  allow?: { paths?: string[]; privileges?: string[] }
  variables?: Record<string, string>
}
type Case = [name: string, service: object, named: string, more?: More]

const asks = (service: object, { top = {}, allow = {}, variables = {} }: More = {}) => {
  const text = stringify({ services: { web: { image: 'x', ...service } }, ...top })
  try {
    refuseHostAccess({ text, where: 'docker-compose.yml at 1a2b3c4d', estate: { directory: '/srv/app', allow }, variables })
    return null
  } catch (error) {
    return error
  }
}

test.each<Case>([
  ['the root', { volumes: ['/:/host'] }, 'web names /'],
  ['the root, in the long form', { volumes: [{ type: 'bind', source: '/', target: '/host' }] }, 'web names /'],
  ['the engine', { volumes: ['/var/run/docker.sock:/var/run/docker.sock:ro'] }, '/var/run/docker.sock'],
  ['a folder above', { volumes: ['../other:/x'] }, '../other'],
  ['a folder above, hidden', { volumes: ['./a/../../other:/x'] }, './a/../../other'],
  ['a neighbour with the same beginning', { volumes: ['/srv/application:/x'] }, '/srv/application'],
  ['a home', { volumes: ['~/.ssh:/x'] }, '~/.ssh'],
  ['a variable of the host', { volumes: ['${HOME}:/x'] }, 'HOME'],
  ['a variable of the estate', { volumes: ['${DATA}:/x'] }, 'web names /etc', { variables: { DATA: '/etc' } }],
  ['a default', { volumes: ['${DATA:-/etc}:/x'] }, 'a path with DATA in it'],
  ['a secret', { volumes: ['${DATA}:/x'] }, 'a path with DATA in it, whose value only the host knows'],
  ['a default with the colon in it', { volumes: ['${X:-/:/host}'] }, 'web names'],
  ['what is otherwise in the host’s own environment', { volumes: ['${HOME:-./data}:/x'] }, 'HOME'],
  ['what is added from there', { volumes: ['./data${HOME:+/../../root}:/x'] }, 'HOME'],
  ['a variable of the estate with the colon in it', { volumes: ['${MOUNT}'] }, 'web names /etc', { variables: { MOUNT: '/etc:/x' } }],
  ['a file of variables of the host', { env_file: '${HOME:-.}/.ssh/id' }, 'HOME'],
  ['labels from a file', { label_file: '/etc/passwd' }, '/etc/passwd'],
  ['the processes of the host, by a variable', { pid: '${HOME:+host}' }, 'web asks for pid'],
  ['the socket of the engine by its own key', { use_api_socket: true }, 'use_api_socket'],
  ['another runtime', { runtime: 'runc-privileged' }, 'runtime'],
  ['graphics', { gpus: 'all' }, 'gpus'],
  ['devices of a reservation', { deploy: { resources: { reservations: { devices: [{ capabilities: ['gpu'] }] } } } }, 'deploy'],
  ['volumes of a container of somebody', { volumes_from: ['${X:-container:y}'] }, 'volumes_from'],
  ['what compose will know next year', { host_root: '/x' }, 'host_root'],
  ['being built there', { image: null, build: '/' }, 'being built there'],
  ['a volume of another project', {}, 'volumes.data has external', { top: { volumes: { data: { external: true, name: 'theirs' } } } }],
  [
    'an overlay of the host',
    {},
    'volumes.data has driver_opts',
    { top: { volumes: { data: { driver_opts: { type: 'overlay', o: 'lowerdir=/' } } } } },
  ],
  ['the network of the host by its name', {}, 'networks.n has name', { top: { networks: { n: { external: true, name: 'host' } } } }],
  ['a model', {}, 'the file has models', { top: { models: { m: {} } } }],
  ['a file of variables', { env_file: '/etc/environment' }, '/etc/environment'],
  ['files of variables', { env_file: [{ path: '/srv/other/.env' }] }, '/srv/other/.env'],
  ['privileged', { privileged: true }, 'web asks for privileged'],
  ['privileged by a variable', { privileged: '${YES}' }, 'web asks for privileged'],
  ['the network of the host', { network_mode: 'host' }, 'network_mode'],
  ['the network of another container', { network_mode: 'container:x' }, 'network_mode'],
  ['the processes of the host', { pid: 'host' }, 'pid'],
  ['a capability', { cap_add: ['SYS_ADMIN'] }, 'cap_add'],
  ['a device', { devices: ['/dev/sda'] }, 'devices'],
  ['no confinement', { security_opt: ['seccomp:unconfined'] }, 'security_opt'],
  ['a program of the host', { provider: { type: 'sh' } }, 'provider'],
  [
    'a volume that is a folder',
    {},
    'volumes.data has driver_opts',
    { top: { volumes: { data: { driver_opts: { type: 'none', o: 'bind', device: '/' } } } } },
  ],
  ['a secret that is a file', {}, 'secrets.s names /etc/shadow', { top: { secrets: { s: { file: '/etc/shadow' } } } }],
])('%s is refused, by name', (_, service, named, more) => {
  expect(asks(service, more)).toMatchObject({ type: 'InvalidConfiguration', nonRetryable: true, message: expect.stringContaining(named) })
})

test('everything is named at once, with what to do', () => {
  expect(asks({ privileged: true, volumes: ['/:/a'], pid: 'host' })).toMatchObject({
    message:
      'docker-compose.yml at 1a2b3c4d asks for the host: web asks for privileged; web asks for pid; web names /; expected only paths below /srv/app and no privileges. Take it out, or let the operator allow it by name in the estate (target.compose.allow: paths, privileges)',
  })
})

test.each<[name: string, service: object, more?: More]>([
  ['a volume of the engine', { volumes: ['data:/data', '/anonymous', { type: 'volume', source: 'data', target: '/x' }] }],
  ['a build that has an image', { build: { context: '.', privileged: true } }],
  ['a health check with a variable of the shell', { healthcheck: { test: ['CMD-SHELL', 'test -e $$HOME'] }, command: 'echo ${X:-y}' }],
  ['a network that is allowed by name', {}, { top: { networks: { proxy: { external: true } } }, allow: { privileges: ['proxy'] } }],
  ['a folder below the directory', { volumes: ['./data:/data', '/srv/app/more:/more', { type: 'bind', source: '.', target: '/x' }] }],
  ['memory', { volumes: [{ type: 'tmpfs', target: '/tmp' }] }],
  ['less rights than usual', { privileged: false, security_opt: ['no-new-privileges:true'], cap_drop: ['ALL'], network_mode: 'bridge' }],
  ['a file of variables beside it', { env_file: ['.env', { path: './more.env', required: false }] }],
  ['what is allowed by name', { volumes: ['/srv/data/web:/data'] }, { allow: { paths: ['/srv/data'] } }],
  ['a service that is allowed by name', { privileged: true }, { allow: { privileges: ['web'] } }],
  ['a variable of the estate', { volumes: ['${DATA}:/x'] }, { variables: { DATA: './data' } }],
])('%s is not', (_, service, more) => {
  expect(asks(service, more)).toBeNull()
})

test('what another service of the file hands down by an anchor is seen', () => {
  const text = 'x-base: &base { privileged: true }\nservices:\n  web:\n    <<: *base\n    image: x\n'
  expect(() => refuseHostAccess({ text, where: 'f', estate: { directory: '/srv/app' }, variables: {} })).toThrow('web asks for privileged')
})
