import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadEstate, loadSlipwayFile } from '../../config/load.ts'
import { formatProblems } from '../../config/problem.ts'
import { parseConfig } from '../../config/read.ts'
import { SLIPWAY } from './texts.ts'

const ESTATE = `registry:
  address: registry.example:5000
  credentials: { username: { env: USER }, password: { file: secrets/registry } }
hosts:
  main:
    address: main.example
    user: deploy
    login: { keyFile: keys/main, passphrase: { file: ../passphrase } }
    hostKey: { knownHosts: /etc/ssh/known_hosts }
  other:
    address: other.example
    user: deploy
    login: { agent: true }
    hostKey: { fingerprint: SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA }
clusters:
  main: { kubeconfig: kubeconfig }
store: { folder: store }
projects:
  website:
    repository:
      url: https://git.example/x.git
      login: { username: { file: user }, password: { env: TOKEN } }
    notifications:
      audit: { webhook: { url: { file: secrets/address }, secret: { file: secrets/key } } }
    environments:
      integration:
        from: develop
        target:
          compose: { host: main, directory: /srv/x, environment: { A: text, B: { file: secrets/b }, file: keep } }
  api:
    repository:
      url: git@git.example:api.git
      login: { keyFile: keys/git }
      hostKey: { knownHosts: known_hosts }
    environments: {}
`

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-config-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('loadEstate', () => {
  it('resolves the paths in the file against its folder', async () => {
    await mkdir(join(folder, 'estate'))
    const file = join(folder, 'estate', 'estate.yaml')
    await writeFile(file, ESTATE)
    const result = await loadEstate(file)
    if (!result.ok) throw new Error(formatProblems(result.problems))
    const at = (path: string) => join(folder, 'estate', path)
    expect(result.value).toMatchObject({
      registry: { credentials: { username: { env: 'USER' }, password: { file: at('secrets/registry') } } },
      hosts: {
        main: {
          login: { keyFile: at('keys/main'), passphrase: { file: join(folder, 'passphrase') } },
          hostKey: { knownHosts: '/etc/ssh/known_hosts' },
        },
        other: { login: { agent: true }, hostKey: { fingerprint: expect.stringContaining('SHA256:') } },
      },
      clusters: { main: { kubeconfig: at('kubeconfig') } },
      store: { folder: at('store') },
      projects: {
        website: {
          repository: { login: { username: { file: at('user') }, password: { env: 'TOKEN' } } },
          notifications: { audit: { webhook: { url: { file: at('secrets/address') }, secret: { file: at('secrets/key') } } } },
          environments: {
            integration: {
              target: { compose: { environment: { A: 'text', B: { file: at('secrets/b') }, file: 'keep' } } },
            },
          },
        },
        api: { repository: { login: { keyFile: at('keys/git') }, hostKey: { knownHosts: at('known_hosts') } } },
      },
    })
    expect(result.value.registry).not.toHaveProperty('login')
    expect(parseConfig('estate', { text: ESTATE, file: 'elsewhere' })).toMatchObject({ ok: true, hash: result.hash })
  })

  it('leaves out what is not given', async () => {
    const file = join(folder, 'small.yaml')
    await writeFile(file, 'registry: { address: localhost }\nprojects: { a: { repository: { url: /x }, environments: {} } }')
    const result = await loadEstate(file)
    if (!result.ok) throw new Error(formatProblems(result.problems))
    expect(result.value.registry).toEqual({ address: 'localhost', plainHttp: false })
    expect(Object.keys(result.value.projects['a']!.repository)).toEqual(['url', 'branches', 'sweepSeconds'])
  })

  it('names the file that it was given', async () => {
    const file = join(folder, 'wrong.yaml')
    await writeFile(file, 'registry: {}\n')
    expect(await message(loadEstate(file))).toContain(`${file}:1:1 projects: missing; expected`)
  })
})

describe('a file that cannot be read', () => {
  it('says what to do when there is none', async () => {
    const file = join(folder, 'none.yaml')
    expect(await message(loadEstate(file))).toBe(
      `${file}: found no such file; expected a readable estate.yaml; run "slipway init", or copy estate.example.yaml and edit it`,
    )
    expect(await message(loadSlipwayFile(join(file, 'x')))).toContain('copy slipway.example.yaml')
  })

  it('names a folder, a text that is no UTF-8, and a file without an end', async () => {
    const binary = join(folder, 'binary.yaml')
    await writeFile(binary, Buffer.from([0xff, 0xfe, 0x00]))
    expect(await message(loadEstate(folder))).toContain('found a folder; expected a readable estate.yaml')
    expect(await message(loadSlipwayFile(binary))).toContain('found a file that is no UTF-8 text')
    expect(await message(loadEstate('/dev/zero'))).toContain('found a file of more than 1 MiB')
  })
})

describe('loadSlipwayFile', () => {
  it('gives the file with its defaults', async () => {
    const file = join(folder, 'slipway.yaml')
    await writeFile(file, `\uFEFF${SLIPWAY.replaceAll('\n', '\r\n')}`)
    expect(await loadSlipwayFile(file)).toMatchObject({
      ok: true,
      value: { project: 'website', services: { website: { context: '.', dockerfile: 'Dockerfile', args: {} } } },
    })
  })
})

async function message(loading: ReturnType<typeof loadEstate> | ReturnType<typeof loadSlipwayFile>): Promise<string> {
  const result = await loading
  return result.ok ? '' : formatProblems(result.problems)
}
