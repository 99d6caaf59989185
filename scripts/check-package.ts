import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { freePorts } from '../bench/machine/free-ports.ts'
import { labUp } from '../lab/up.ts'

/** Packs what would be published, installs it in an empty folder elsewhere, and uses it as a stranger would. */
export async function checkPackage(root: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-package-'))
  try {
    await execa('npm', ['run', '--silent', 'build'], { cwd: root })
    await execa('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root })
    const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'))
    if (tarball === undefined) throw new Error('npm pack made no tarball')
    await execa('npm', ['init', '--yes'], { cwd: folder })
    await execa('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', `./${tarball}`], { cwd: folder })
    const slipway = (args: readonly string[], node = process.execPath) =>
      execa(node, [join(folder, 'node_modules', 'slipway', 'bin', 'slipway.js'), ...args], {
        cwd: folder,
        reject: false,
        env: { TEMPORAL_ADDRESS: '127.0.0.1:1' },
      })
    const help = await slipway(['--help'])
    if (help.exitCode !== 0 || !help.stdout.includes('status'))
      throw new Error(`slipway --help: ${help.exitCode} ${help.stdout}${help.stderr}`)
    const status = await slipway(['status', '--project', 'website'])
    if (status.exitCode !== 5 || /\n\s+at /.test(status.stderr))
      throw new Error(`slipway status without Temporal: ${status.exitCode} ${status.stderr}`)
    await refusesOldNode(slipway)
    await worksFromThePackage(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const ESTATE = `registry: { address: 127.0.0.1:1, plainHttp: true }
projects:
  website: { repository: { url: /nowhere.git }, environments: {} }
`
const READY_MS = 60_000

/** A development server and a worker of the package, with the workflow bundle that it ships: `status` is answered by them. */
async function worksFromThePackage(folder: string): Promise<void> {
  const { temporal } = await labUp({ checkout: join(import.meta.dirname, '..'), parts: ['temporal'] })
  await writeFile(join(folder, 'estate.yaml'), ESTATE)
  const [port, uiPort] = await freePorts(2)
  const slipway = join(folder, 'node_modules', 'slipway', 'bin', 'slipway.js')
  const dev = execa(process.execPath, [slipway, 'dev', '--port', `${port}`, '--ui-port', `${uiPort}`], {
    cwd: folder,
    env: { SLIPWAY_TEMPORAL: temporal.binary, TEMPORAL_ADDRESS: undefined },
    all: true,
    reject: false,
  })
  try {
    let said = ''
    const ready = new Promise<boolean>((resolve) => {
      dev.all.on('data', (chunk) => (said += String(chunk)).includes('worker is ready') && resolve(true))
      void dev.then(() => resolve(false))
    })
    if (!(await Promise.race([ready, sleep(READY_MS, false)]))) throw new Error(`slipway dev of the package does not get ready: ${said}`)
    // Only a worker knows that: without one the answer is another.
    const { exitCode, stderr } = await execa(process.execPath, [slipway, 'status', '--project', 'website'], {
      cwd: folder,
      env: { TEMPORAL_ADDRESS: `127.0.0.1:${port}` },
      reject: false,
    })
    if (exitCode !== 4 || !stderr.includes('no sprint of website is open'))
      throw new Error(`slipway status with a worker of the package: ${exitCode} ${stderr}`)
  } finally {
    dev.kill('SIGINT')
    await dev
  }
}

/** The machine's own Node, where it is older than the package needs: one sentence, and no stack. */
async function refusesOldNode(
  slipway: (args: readonly string[], node?: string) => Promise<{ exitCode?: number | undefined; stderr: string }>,
): Promise<void> {
  const old = '/usr/bin/node'
  const { stdout } = await execa(old, ['--version'], { reject: false })
  if (!/^v(1\d|20)\./.test(stdout ?? '')) return
  const { exitCode, stderr } = await slipway(['--help'], old)
  if (exitCode === 0 || stderr.trim().split('\n').length !== 1 || !stderr.includes('Node'))
    throw new Error(`on ${stdout}: ${exitCode} ${stderr}`)
}
