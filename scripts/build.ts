import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { BUNDLE_NAMES, writeBundle } from '../worker/bundle.ts'

/** What the package ships: emitted JavaScript in dist/, and the workflows' bundles beside it. */
const root = join(import.meta.dirname, '..')
await rm(join(root, 'dist'), { recursive: true, force: true })
await execa(join(root, 'node_modules', '.bin', 'tsc'), ['-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' })
for (const kind of ['plain', 'encrypts'] as const) {
  await writeBundle(join(root, 'dist', BUNDLE_NAMES[kind]), { encrypts: kind === 'encrypts' })
}
