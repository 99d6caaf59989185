import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode } from '@temporalio/worker'
import { FAILURE_CONVERTER } from './converter.ts'

const HERE = dirname(fileURLToPath(import.meta.url))
/** What a bundle is made for: with a payload codec, failures are written where it reaches them. */
export type BundleOptions = { readonly encrypts: boolean }

export const BUNDLE_NAMES = { plain: 'workflow-bundle.js', encrypts: 'workflow-bundle-encrypts.js' } as const

/** The workflows' bundle: the one that the package ships, or in a checkout one made of the sources and kept by their hash. */
export async function workflowBundle(options: BundleOptions = { encrypts: false }): Promise<{ codePath: string }> {
  const kind = options.encrypts ? 'encrypts' : 'plain'
  const shipped = join(HERE, '..', BUNDLE_NAMES[kind])
  if (existsSync(shipped)) return { codePath: shipped }
  const root = join(HERE, '..')
  const name = `workflows-${options.encrypts ? 'encrypts-' : ''}${await hashOfSources(root)}.js`
  const codePath = join(root, 'node_modules', '.cache', 'slipway', name)
  if (!existsSync(codePath)) await writeBundle(codePath, options)
  return { codePath }
}

export async function writeBundle(codePath: string, { encrypts }: BundleOptions): Promise<void> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(HERE, '..', 'workflows', 'index.ts'),
    ...(encrypts ? { failureConverterPath: FAILURE_CONVERTER } : {}),
    logger: QUIET,
  })
  await mkdir(dirname(codePath), { recursive: true })
  const temporary = `${codePath}.${process.pid}`
  await writeFile(temporary, code)
  await rename(temporary, codePath)
}

const silent = () => undefined
const QUIET = { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent }

async function hashOfSources(root: string): Promise<string> {
  const hash = createHash('sha256')
  for (const folder of ['domain', 'workflows', 'activities']) {
    const entries = await readdir(join(root, folder), { recursive: true })
    for (const entry of entries.filter((name) => name.endsWith('.ts') && (folder !== 'activities' || name === 'contract.ts')).toSorted()) {
      hash.update(entry).update(await readFile(join(root, folder, entry)))
    }
  }
  hash.update(await readFile(join(root, 'package-lock.json')))
  return hash.digest('hex').slice(0, 16)
}
