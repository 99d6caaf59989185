import { readFile, readdir } from 'node:fs/promises'
import { timed } from '../log.ts'
import type { Log } from '../log.ts'
import { missingPrograms, packagesOf } from './programs.ts'
import { run } from './run.ts'

/** Sees to it that the named programs (keys of `programs`) are there; a refusal says what to install, and how. */
export async function ensurePrograms(wanted: readonly string[], log: Log): Promise<void> {
  const missing = await missingPrograms(wanted)
  if (missing.length === 0) return
  const packages = packagesOf(missing)
  if (!(await isDebian())) {
    throw new Error(
      `the lab needs ${missing.join(', ')}, and this is not Debian, so it does not install them.\nInstall them with your own package manager (on Debian the packages are: ${packages.join(' ')}), then run this again.`,
    )
  }
  if (process.getuid?.() !== 0) {
    throw new Error(`the lab needs ${missing.join(', ')}. As root: apt-get install -y --no-install-recommends ${packages.join(' ')}`)
  }
  log.say(`the lab runs real parts and these Debian packages are missing, installing them: ${packages.join(' ')}`)
  await timed(log, 'installing Debian packages (once per machine, about a minute)', () => install(packages))
  const still = await missingPrograms(wanted)
  if (still.length > 0) throw new Error(`apt-get installed ${packages.join(' ')}, and still there is no ${still.join(', ')}`)
}

/** Namespaces, mounts, users and firewall rules are root's. */
export function requireRoot(): void {
  if (process.getuid?.() === 0) return
  throw new Error(
    'the lab starts a Docker engine, an ssh server and a Kubernetes node, and needs root for their networks, mounts and users.\nRun it as root (sudo npm run lab -- up), or only what needs no root: npm run lab -- up temporal git',
  )
}

async function install(packages: readonly string[]): Promise<void> {
  if (await noPackageLists()) await apt('apt-get update -qq')
  await apt(installLine(packages)).catch(async () => {
    // The lists may name versions that the mirror has replaced since.
    await apt('apt-get update -qq')
    await apt(installLine(packages))
  })
}

function installLine(packages: readonly string[]): string {
  return `apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 ${packages.join(' ')}`
}

async function apt(line: string): Promise<void> {
  await run(['sh', '-c', withoutServices(line)], { env: { DEBIAN_FRONTEND: 'noninteractive' } })
}

const policy = '/usr/sbin/policy-rc.d'
const mark = 'slipway lab: no service starts while the lab installs packages'

/** Debian starts a service when its package is installed; the lab runs its own and must not open port 22 on a laptop. */
function withoutServices(line: string): string {
  return `set -e
if [ ! -e ${policy} ] || grep -q '${mark}' ${policy}; then
  trap 'rm -f ${policy}' EXIT
  trap 'exit 130' INT TERM HUP
  printf '#!/bin/sh\\n# ${mark}\\nexit 101\\n' > ${policy}
  chmod 755 ${policy}
fi
${line}`
}

async function isDebian(): Promise<boolean> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '')
  return /^ID(_LIKE)?=.*debian/m.test(text)
}

async function noPackageLists(): Promise<boolean> {
  const names = await readdir('/var/lib/apt/lists').catch(() => [])
  return !names.some((name) => name.includes('Packages'))
}
