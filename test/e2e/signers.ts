import { rm, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readTar } from '../../evidence/tar.ts'
import { keyring } from '../activities/identity/keys.ts'
import type { Estate } from './estate.ts'

const SLIPWAY = 'slipway@example.com'

/** A key for each of these people and one that signs evidence, beside the estate; who is called so has `<name>@example.com`. */
export async function openSigners({ sample }: Pick<Estate, 'sample'>, names: readonly string[]) {
  const keys = keyring()
  const line = (principal: string, namespace: string, name: string) => `${principal} namespaces="${namespace}" ${keys.publicKey(name)}`
  const files = new Map(names.map((name) => [name, keys.key(name)]))
  const evidence = keys.key('evidence')
  keys.allow(...names.map((name) => line(name, 'slipway', name)), line(SLIPWAY, 'slipway-evidence', 'evidence'))
  const bundle = join(sample.folder, '..', 'evidence.tar')
  return {
    allowed: keys.signers,
    bundle,
    /** What estate.yaml says of them. */
    estate: {
      signers: keys.signers,
      evidence: { key: evidence },
      people: Object.fromEntries(names.map((name) => [name, { emails: [`${name}@example.com`] }])),
    },
    /** Ends a command line: this person says it, with their key. */
    as: (name: string): string[] => ['--as', name, '--key', files.get(name) ?? ''],
    /** One bit of this member of the bundle is another one. @returns the changed bundle's file */
    tamper: async (path: string): Promise<string> => {
      const bytes = await readFile(bundle)
      const members = readTar(bytes)
      const member = members.ok ? members.value.find((each) => each.path === path) : undefined
      if (member === undefined) throw new Error(`expected ${path} in the bundle`)
      const at = bytes.indexOf(member.bytes) + Math.floor(member.bytes.length / 2)
      bytes[at] = (bytes[at] ?? 0) ^ 1
      const changed = `${bundle}.changed`
      await writeFile(changed, bytes)
      return changed
    },
    close: async (): Promise<void> => {
      keys.remove()
      await Promise.all([bundle, `${bundle}.changed`].map((file) => rm(file, { force: true })))
    },
  }
}
