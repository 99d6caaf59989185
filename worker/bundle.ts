import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode } from '@temporalio/worker'

const HERE = dirname(fileURLToPath(import.meta.url))
const SHIPPED = join(HERE, '..', 'workflow-bundle.js')

/** The workflows' bundle: the one that the package ships, or in a checkout one made of the sources and kept by their hash. */
export async function workflowBundle(): Promise<{ codePath: string }> {
  if (existsSync(SHIPPED)) return { codePath: SHIPPED }
  const root = join(HERE, '..')
  const codePath = join(root, 'node_modules', '.cache', 'slipway', `workflows-${await hashOfSources(root)}.js`)
  if (!existsSync(codePath)) await writeBundle(codePath)
  return { codePath }
}

export async function writeBundle(codePath: string): Promise<void> {
  const { code } = await bundleWorkflowCode({ workflowsPath: join(HERE, '..', 'workflows', 'index.ts'), logger: QUIET })
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
