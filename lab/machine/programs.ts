import { constants } from 'node:fs'
import { access, open } from 'node:fs/promises'
import { join } from 'node:path'

/** What the lab runs that is not its own, and the Debian package that has it. */
export const programs: Record<string, { package: string; found: () => Promise<boolean> }> = {
  dockerd: onPath('dockerd', 'docker.io'),
  containerd: onPath('containerd', 'containerd'),
  'docker-compose': onPath('docker-compose', 'docker-compose'),
  'docker-registry': onPath('docker-registry', 'docker-registry'),
  iptables: onPath('iptables', 'iptables'),
  ip: onPath('ip', 'iproute2'),
  curl: onPath('curl', 'curl'),
  git: onPath('git', 'git'),
  sshd: onPath('sshd', 'openssh-server'),
  'ssh-keygen': onPath('ssh-keygen', 'openssh-client'),
  useradd: onPath('useradd', 'passwd'),
  openssl: onPath('openssl', 'openssl'),
  etcd: onPath('etcd', 'etcd-server'),
  conntrack: onPath('conntrack', 'conntrack'),
  mount: onPath('mount', 'mount'),
  'cni plugins': { package: 'containernetworking-plugins', found: () => isExecutable('/usr/lib/cni/bridge') },
  'static busybox': { package: 'busybox-static', found: () => isStatic(busybox) },
  setpriv: onPath('setpriv', 'util-linux'),
  gcc: onPath('gcc', 'gcc'),
  'C headers': { package: 'libc6-dev', found: () => isReadable('/usr/include/stdlib.h') },
  'ca-certificates': { package: 'ca-certificates', found: () => isReadable('/etc/ssl/certs/ca-certificates.crt') },
}

export const busybox = '/bin/busybox'

const systemPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** The names among `wanted` that are not there. */
export async function missingPrograms(wanted: readonly string[]): Promise<string[]> {
  const checked = await Promise.all(wanted.map(async (name) => ({ name, found: await program(name).found() })))
  return checked.filter(({ found }) => !found).map(({ name }) => name)
}

export function packagesOf(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => program(name).package))].toSorted()
}

/** The first of `folders` that has the program, as a full path. */
export async function findProgram(name: string, folders: readonly string[] = systemPath): Promise<string | undefined> {
  for (const folder of folders) {
    const path = join(folder, name)
    if (await isExecutable(path)) return path
  }
  return undefined
}

function program(name: string) {
  const known = programs[name]
  if (!known) throw new Error(`the lab knows no program "${name}"`)
  return known
}

function onPath(name: string, debianPackage: string) {
  return { package: debianPackage, found: async () => (await findProgram(name)) !== undefined }
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}

async function isReadable(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  )
}

const programInterpreter = 3

/** A static program names no interpreter in its ELF program headers (64 bit, little endian). */
async function isStatic(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined)
  if (!file) return false
  try {
    const { buffer } = await file.read(Buffer.alloc(4096), 0, 4096, 0)
    const start = Number(buffer.readBigUInt64LE(0x20))
    const size = buffer.readUInt16LE(0x36)
    const count = buffer.readUInt16LE(0x38)
    const types = Array.from({ length: count }, (_, index) => buffer.readUInt32LE(start + index * size))
    return !types.includes(programInterpreter)
  } finally {
    await file.close()
  }
}
