import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { checkPackage } from './check-package.ts'

/**
 * `node scripts/check.ts [TEST-REPORT.json]`: types, format, lint, import rules, dead code, generated files, the production
 * stack and the packed tarball, each counted as one; the report of the test run is added. Ends with `N passed, N failed`.
 */
const root = join(import.meta.dirname, '..')
const bin = (name: string) => join(root, 'node_modules', '.bin', name)
const FOLDERS = ['domain', 'config', 'evidence', 'workflows', 'activities', 'worker', 'client', 'gateway', 'lab', 'bench']

const command = (file: string, args: readonly string[]) => async () => {
  const { exitCode, all } = await execa(file, args, { cwd: root, all: true, reject: false })
  if (exitCode !== 0) throw new Error(all)
}

const checks: readonly (readonly [string, () => Promise<void>])[] = [
  ['types', command(bin('tsc'), ['-p', 'tsconfig.json'])],
  ['format', command(bin('oxfmt'), ['--check', ...FOLDERS, 'test', 'scripts'])],
  ['lint', command(bin('oxlint'), ['--type-aware', ...FOLDERS, 'test', 'scripts'])],
  ['import rules', importRules],
  ['dead code', command(bin('knip'), [])],
  ['production stack', command(join(root, 'scripts', 'check-stack.sh'), [])],
  ['packed tarball', () => checkPackage(root)],
]

/** dependency-cruiser exits 0 when it read nothing: it must have seen every folder. */
async function importRules(): Promise<void> {
  const { stdout, exitCode } = await execa(bin('depcruise'), [...FOLDERS, '--config', '.dependency-cruiser.cjs', '--output-type', 'json'], {
    cwd: root,
    reject: false,
    maxBuffer: 1e9,
  })
  const { modules, summary } = JSON.parse(stdout) as {
    modules: { source: string }[]
    summary: { violations: { from: string; to: string; rule: { name: string } }[] }
  }
  const unseen = FOLDERS.filter((folder) => !modules.some(({ source }) => source.startsWith(`${folder}/`) && source.endsWith('.ts')))
  if (unseen.length > 0) throw new Error(`saw no module in ${unseen.join(', ')}`)
  const broken = summary.violations.map(({ from, to, rule }) => `${rule.name}: ${from} → ${to}`)
  if (exitCode !== 0 || broken.length > 0) throw new Error(broken.join('\n'))
}

let [passed, failed] = await testCounts(process.argv[2])
for (const [name, check] of checks) {
  try {
    await check()
    passed++
    process.stdout.write(`ok      ${name}\n`)
  } catch (error) {
    failed++
    process.stdout.write(`FAILED  ${name}\n${error instanceof Error ? error.message : String(error)}\n`)
  }
}
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1

/** A run that left no report, or that ran nothing, is a failure and not an absence. */
async function testCounts(report: string | undefined): Promise<[number, number]> {
  if (report === undefined) return [0, 0]
  try {
    const { numPassedTests, numFailedTests, numFailedTestSuites, success } = JSON.parse(await readFile(report, 'utf8')) as Record<
      string,
      number
    > & { success: boolean }
    // A describe that holds a failed test counts as a suite; one that could not be loaded has no test.
    const failures = (numFailedTests ?? 0) || (numFailedTestSuites ?? 0)
    return [numPassedTests ?? 0, failures === 0 && (!success || numPassedTests === 0) ? 1 : failures]
  } catch {
    process.stdout.write(`FAILED  tests: ${report} was not written\n`)
    return [0, 1]
  }
}
