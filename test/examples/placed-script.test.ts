import { chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { toolPath } from './tools.ts'

const examples = join(import.meta.dirname, '../../examples')
const digest = `sha256:${'0123456789abcdef'.repeat(4)}`

let host: string
beforeEach(async () => {
  host = await mkdtemp(join(tmpdir(), 'slipway-placed-'))
  await cp(join(examples, 'placed-script'), host, { recursive: true })
  await cp(join(examples, 'website'), join(host, 'website'), { recursive: true })
  await writeFile(join(host, 'kubectl'), `#!/bin/sh\necho "$@" >> ${host}/calls\n[ "$1" != apply ] || cat > ${host}/applied\n`)
  await chmod(join(host, 'kubectl'), 0o755)
})
afterEach(() => rm(host, { recursive: true, force: true }))

it('deploys both services by TAG', async () => {
  await deploy({ TAG: 'release-1.0.0.1a2b3c4d' })

  expect(await appliedImages()).toEqual([
    'localhost:5000/eap/api:release-1.0.0.1a2b3c4d',
    'localhost:5000/eap/website:release-1.0.0.1a2b3c4d',
  ])
  expect((await readFile(join(host, 'calls'), 'utf8')).split('\n')).toEqual([
    'apply -f -',
    'rollout status deployment/api --namespace website-alpha --timeout 120s',
    'rollout status deployment/website --namespace website-alpha --timeout 120s',
    '',
  ])
})

it('deploys by digest the service that was given one', async () => {
  await deploy({ TAG: 'v1.0.0', DIGEST_WEBSITE: digest })

  expect(await appliedImages()).toEqual(['localhost:5000/eap/api:v1.0.0', `localhost:5000/eap/website@${digest}`])
})

it('takes what belongs to the host from website_cd.conf', async () => {
  await writeFile(join(host, 'website_cd.conf'), `OVERLAY=${host}/website/deploy/overlays/prod\nREGISTRY=registry.example:5000\n`)
  await deploy({ TAG: 'v1.0.0' })

  expect(await appliedImages()).toEqual(['registry.example:5000/eap/api:v1.0.0', 'registry.example:5000/eap/website:v1.0.0'])
  expect(await readFile(join(host, 'calls'), 'utf8')).toContain('--namespace website-prod')
})

it.each([{}, { TAG: '$(reboot)' }, { TAG: 'a b' }, { TAG: '-x' }, { TAG: 'v1.0.0', DIGEST_API: 'sha256:12' }])(
  'refuses %j and changes nothing',
  async (variables) => {
    const overlay = join(host, 'website/deploy/overlays/alpha/kustomization.yaml')
    const before = await readFile(overlay, 'utf8')
    await expect(deploy(variables)).rejects.toMatchObject({ exitCode: 2, stderr: expect.stringContaining('expected') })

    expect(await readFile(overlay, 'utf8')).toBe(before)
    await expect(readFile(join(host, 'calls'))).rejects.toThrow('ENOENT')
  },
)

it('applies nothing when the overlay does not render', async () => {
  await rm(join(host, 'website/deploy/base/api.yaml'))
  await expect(deploy({ TAG: 'v1.0.0' })).rejects.toMatchObject({ exitCode: 1 })

  await expect(readFile(join(host, 'calls'))).rejects.toThrow('ENOENT')
})

it.each([
  ['plan', 0, 0],
  ['plan', 1, 0],
  ['plan', 3, 2],
  ['status', 0, 0],
  ['status', 1, 1],
  ['status', 3, 2],
])('answers %s where kubectl diff ends with %i, and changes nothing', async (word, code, exitCode) => {
  const overlay = join(host, 'website/deploy/overlays/alpha/kustomization.yaml')
  const before = await readFile(overlay, 'utf8')
  await writeFile(join(host, 'kubectl'), `#!/bin/sh\necho "$@" >> ${host}/calls\ncat > ${host}/applied\necho "-a +b"\nexit ${code}\n`)
  const answer = await call([word], { TAG: 'v1.0.0', DIGEST_WEBSITE: digest }, false)
  expect(answer).toMatchObject({ exitCode, stdout: '-a +b' })
  expect(await readFile(join(host, 'calls'), 'utf8')).toBe('diff -f -\n')
  expect(await appliedImages()).toEqual(['localhost:5000/eap/api:v1.0.0', `localhost:5000/eap/website@${digest}`])
  expect(await readFile(overlay, 'utf8')).toBe(before)
})

it('restores as it deploys, and takes no other word', async () => {
  await call(['restore'], { TAG: 'v1.0.0' })
  expect(await appliedImages()).toEqual(['localhost:5000/eap/api:v1.0.0', 'localhost:5000/eap/website:v1.0.0'])
  expect(await call(['stauts'], { TAG: 'v1.0.0' }, false)).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('plan, status, restore'),
  })
})

async function deploy(variables: Record<string, string>): Promise<void> {
  await call([], variables)
}

async function call(words: readonly string[], variables: Record<string, string>, reject = true) {
  const env = { PATH: `${host}${delimiter}${await toolPath()}`, ...variables }
  return await execa(join(host, 'website_cd.sh'), words, { env, extendEnv: false, reject })
}

async function appliedImages(): Promise<string[]> {
  const applied = await readFile(join(host, 'applied'), 'utf8')
  return [...applied.matchAll(/image: (\S+)/g)].map(([, image]) => image ?? '')
}
