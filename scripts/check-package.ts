import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'

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
  } finally {
    await rm(folder, { recursive: true, force: true })
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
