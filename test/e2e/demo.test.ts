import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseOptions } from '../../lab/demo/options.ts'
import { removeSample } from '../../lab/demo/remove-sample.ts'
import type { LabEnv } from '../../lab/env.ts'
import { daemonRuns } from '../../lab/machine/daemon.ts'
import { run } from '../../lab/machine/run.ts'
import { labUp } from '../../lab/up.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const PROJECT = 'demotest'

let env: LabEnv
let folder: string

beforeAll(async () => {
  env = await labUp({ checkout: ROOT })
  folder = await mkdtemp(join(tmpdir(), 'demo-'))
})
afterAll(async () => {
  await removeSample(env, PROJECT)
  const left = [join(env.folder, 'samples', PROJECT), join(env.git.folder, `${PROJECT}.git`), folder]
  await Promise.all(left.map((path) => rm(path, { recursive: true, force: true })))
})

test(
  'the demo takes two releases through their whole life by lines that were run as they are printed, and leaves it running with --keep',
  { timeout: 900_000 },
  async () => {
    const demo = await runDemo('--keep')
    expect(demo.exitCode, demo.stdout).toBe(0)

    const printed = linesOf(demo.stdout)
    expect(printed.length).toBeGreaterThan(80)
    expect(missingFrom(await linesThatRan(), printed)).toEqual([])

    const story = demo.stdout
    const told = (...parts: readonly string[]) => expect(firstMissing(story, ...parts)).toBeNull()
    told('$ slipway start 1.0.0', 'and wellcome!</h1>', '$ slipway cut', '"greeting":"Helo"', '$ slipway signoff alpha --fail')
    told(
      '$ slipway signoff alpha --fail',
      '"greeting":"Hello"',
      '$ slipway signoff alpha --fail',
      'and welcome!</h1>',
      'signoff alpha --pass',
    )
    told(
      '$ slipway tag',
      'namespaces "demotest-prod" not found',
      'refused: Dana Developer may not approve',
      '--as Priya',
      '<h1>Hello from prod',
    )
    told('$ slipway finish 1.0.0', '1.0.0 is finished', 'contains v1.0.0', 'origin/develop', 'origin/master')
    told('$ slipway start 1.1.0', '$ slipway tag 1.1.0', '<h1>Merry Chrismas from prod', '<p>news: closed on Chrismas Day</p>')
    told('$ slipway rollback prod', '1.1.0 is rolledBack', '<h1>Hello from prod', 'vetoed\n', '$ slipway hotfix')
    told(
      '$ slipway hotfix',
      '$ slipway start 1.2.0',
      'v1.1.0-hotfix1 names',
      '<h1>Merry Christmas from prod',
      '<p>news: closed on Christmas Day',
    )
    told(
      '$ slipway finish 1.1.0',
      'v1.1.0-hotfix1 conflicts with develop in',
      'git fetch origin\n',
      '$ git fetch origin\n',
      '$ git merge --no-ff',
      'CONFLICT',
      '$ git push origin HEAD:refs/heads/develop',
      '1.1.0 is finished',
      'contains v1.1.0-hotfix1',
      'origin/develop',
      'origin/master',
    )
    told('$ slipway history 1.1.0', 'open again in the New Year', '1.2.0', '● integrating')
    const servedAfter = story.slice(story.indexOf('1.1.0 is rolledBack'), story.indexOf('$ slipway hotfix'))
    expect(servedAfter).not.toContain('news:')

    const deployed = tableOf(story, 'Deployed, in this order')
    const rowsOf = (name: string) => deployed.filter(([environment]) => environment === name)
    const made = (name: string) =>
      rowsOf(name).map((row) => [
        row[2],
        row[3]?.replace(/\.[0-9a-f]{8}$/, ''),
        row.filter((cell) => cell === 'built' || cell === 'reused').join(' '),
      ])
    // Of several pushes in a moment the last one is deployed: how often develop was depends on the machine.
    expect(made('integration').slice(0, 2)).toEqual([
      ['1', 'develop', 'built built'],
      ['2', 'develop', 'built built'],
    ])
    expect(made('alpha')).toEqual([
      ['1', 'release-1.0.0', 'reused reused'],
      ['2', 'release-1.0.0', 'built reused'],
      ['3', 'release-1.0.0', 'reused built'],
      ['4', 'release-1.1.0', expect.stringMatching(/^reused /)],
      ['5', 'release-1.1.0', 'reused built'],
    ])
    expect(made('prod')).toEqual([
      ['1', 'v1.0.0', 'reused reused'],
      ['2', 'v1.1.0', 'reused reused'],
      ['3', 'v1.0.0', 'reused reused'],
      ['4', 'v1.1.0-hotfix1', 'reused reused'],
    ])
    const digestsOf = (row: readonly string[] | undefined) => row?.filter((cell) => cell.startsWith('sha256:')) ?? []
    const [first, second, back, mended] = rowsOf('prod')
    expect(digestsOf(first)).toEqual(digestsOf(rowsOf('alpha')[2]))
    expect(digestsOf(back)).toEqual(digestsOf(first))
    expect(digestsOf(mended)).toEqual(digestsOf(rowsOf('alpha')[4]))
    expect(second?.join(' ')).toMatch(/rolled back$/)
    expect(back?.join(' ')).toContain('brought back by Priya')
    const running = await kubectl(
      '--namespace',
      `${PROJECT}-prod`,
      'get',
      'pods',
      '--output',
      'jsonpath={.items[*].status.containerStatuses[*].imageID}',
    )
    for (const digest of digestsOf(mended)) expect(running).toContain(digest)

    expect(tableOf(story, 'Merged back').map(([tag, branch, , ...how]) => [tag, branch, how.join(' ')])).toEqual([
      ['v1.0.0', 'develop', 'merged by Slipway'],
      ['v1.0.0', 'master', 'merged by Slipway'],
      ['v1.1.0-hotfix1', 'develop', 'merged by a person'],
      ['v1.1.0-hotfix1', 'master', 'merged by Slipway'],
    ])
    expect(tableOf(story, 'How long it took').map(([time]) => time)).toEqual(
      Array(15).fill(expect.stringMatching(/^\d+(\.\d)?s$|^\dm\d\ds$/)),
    )
    expect(story).toContain(`${env.temporal.uiAddress}/namespaces/${PROJECT}/workflows`)
  },
)

test('what it says to try next works in the sample project’s folder, in a shell that knows nothing', { timeout: 300_000 }, async () => {
  const sample = join(env.folder, 'samples', PROJECT, PROJECT)
  const inSample = (line: string) =>
    execa('sh', ['-c', line], { cwd: sample, env: bareEnvironment(), extendEnv: false, all: true, reject: false })
  const tries = [
    'npx slipway',
    'npx slipway env prod',
    'npx slipway history 1.1.0',
    'npx slipway logs v1.1.0-hotfix1 --service website',
    'git switch develop && git pull && git commit --allow-empty -m Try && git push',
    'npx slipway cut 1.2.0',
    'npx slipway status 1.2.0 --until signOff --timeout 60',
    "npx slipway rollback prod --reason 'to see it' --as Priya",
  ]
  for (const line of tries) {
    const { exitCode, all } = await inSample(line)
    expect(exitCode, `${line}\n${all}`).toBe(0)
  }
  const { stdout } = await inSample('npx slipway status 1.2.0 --json')
  expect(JSON.parse(stdout)).toMatchObject({ version: '1.2.0', phase: 'stabilising' })
  expect(await daemonRuns(env.folder, `worker-${PROJECT}`)).toBe(true)
})

test('a second demo begins anew over a kept one, and a Ctrl-C leaves nothing of it behind', { timeout: 300_000 }, async () => {
  const demo = await runDemo({ interruptAt: '$ git push --quiet origin develop' })
  expect(demo.exitCode, demo.stdout).toBe(130)
  expect(demo.stdout).toContain('An earlier demo has been here')
  expect(demo.stdout).toContain('the sprint 1.0.0 has begun')
  expect(demo.stdout).toContain('The lab was up before and stays so')
  expect(await daemonRuns(env.folder, `worker-${PROJECT}`)).toBe(false)
  const docker = [
    join(env.path, 'docker'),
    '--host',
    env.engine.dockerHost,
    'ps',
    '--all',
    '--quiet',
    '--filter',
    `label=com.docker.compose.project=${PROJECT}`,
  ]
  expect(await run(docker)).toBe('')
})

test('the command line of the demo', () => {
  expect(parseOptions([], '/here')).toEqual({ keep: false, project: 'website', labArguments: [] })
  expect(parseOptions(['--keep', '--kubeconfig', 'mine', '--own'], '/here')).toMatchObject({
    keep: true,
    labArguments: ['--kubeconfig', '/here/mine', '--own'],
  })
  expect(() => parseOptions(['--project', '../x'], '/here')).toThrow(/expected lower-case letters/)
  expect(() => parseOptions(['--keeep'], '/here')).toThrow(/--keeep/)
  expect(parseOptions(['--help', '--keep'], '/here')).toBe('help')
})

/** `npm run demo`, but for the npm and with all it says in one stream, with a `sh` on the PATH that writes down what it is given. */
async function runDemo(option: '--keep' | { readonly interruptAt: string }) {
  const spy = join(folder, 'sh')
  await writeFile(spy, `#!/bin/sh\nprintf '%s\\n' "$2" >> '${folder}/ran'\nexec /bin/sh "$@"\n`)
  await chmod(spy, 0o755)
  const environment = { ...bareEnvironment(), NO_COLOR: '1', PATH: [folder, process.env['PATH'] ?? ''].join(delimiter) }
  const line = `exec sh lab/bootstrap.sh lab/demo.ts --project ${PROJECT} ${option === '--keep' ? option : ''} 2>&1`
  const demo = execa('/bin/sh', ['-c', line], { cwd: ROOT, env: environment, extendEnv: false, reject: false })
  if (option !== '--keep') {
    demo.stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString('utf8').includes(option.interruptAt)) demo.kill('SIGINT')
    })
  }
  return await demo
}

/** As a person's shell has it: nothing that points at a lab, at Temporal or at Slipway. */
function bareEnvironment(): NodeJS.ProcessEnv {
  const known = /^(SLIPWAY|TEMPORAL|GIT|DOCKER|KUBE|FORCE_COLOR|NO_COLOR|NODE_OPTIONS|VITEST)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !known.test(name)))
}

async function linesThatRan(): Promise<string[]> {
  return (await readFile(join(folder, 'ran'), 'utf8')).split('\n')
}

function linesOf(text: string): string[] {
  return text.split('\n').flatMap((line) => (line.startsWith('$ ') ? [line.slice(2)] : []))
}

/** The printed lines that did not run after the one before. */
function missingFrom(ran: readonly string[], printed: readonly string[]): string[] {
  let from = 0
  return printed.filter((line) => {
    const at = ran.indexOf(line, from)
    if (at >= 0) from = at + 1
    return at < 0
  })
}

/** The first of the parts that does not stand after the ones before it. */
function firstMissing(text: string, ...parts: readonly string[]): string | null {
  let from = 0
  for (const part of parts) {
    const at = text.indexOf(part, from)
    if (at < 0) return part
    from = at + part.length
  }
  return null
}

/** The rows below a title, as words, up to the next empty line. */
function tableOf(text: string, title: string): string[][] {
  const [, after = ''] = text.split(`${title}\n`)
  return (after.split('\n\n')[0] ?? '').split('\n').map((row) => row.trim().split(/\s+/))
}

async function kubectl(...args: string[]): Promise<string> {
  return await run([env.kubernetes.kubectl, '--kubeconfig', env.kubernetes.kubeconfig, ...args])
}
