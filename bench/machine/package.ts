import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { BUNDLE_NAMES, writeBundle } from '../../worker/bundle.ts'

/**
 * What `npm pack` would ship (emitted JavaScript, the prebuilt workflow bundle), in a folder below the checkout, whose
 * packages it finds there. Types are not checked: that is not what is measured.
 */
export async function makePackage(checkout: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const tsc = join(checkout, 'node_modules', '.bin', 'tsc')
  await Promise.all([
    execa(tsc, ['-p', join(checkout, 'tsconfig.build.json'), '--noCheck', '--outDir', join(folder, 'dist')]),
    ...['bin', 'schema', 'package.json'].map((name) => cp(join(checkout, name), join(folder, name), { recursive: true })),
  ])
  await writeBundle(join(folder, 'dist', BUNDLE_NAMES.plain), { encrypts: false })
}
