import { existsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'

// A good part of a cold start is compiling the same files again.
enableCompileCache()

// The package ships no source: where there is some, this is a checkout, and what was built there once may be old.
const source = new URL('../client/main.ts', import.meta.url)
const built = new URL('../dist/client/main.js', import.meta.url)

if (!existsSync(source)) {
  const { main } = await import(built.href)
  await main()
} else if (process.features.typescript) {
  const { main } = await import(source.href)
  await main()
} else {
  await import('./older-node.js')
}
