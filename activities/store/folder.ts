import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseDigest, type Digest } from '../../domain/digest.ts'
import { quoted } from '../../domain/parsed.ts'
import { permanent, transient } from '../failure.ts'
import { digestOf } from '../registry/client.ts'
import { checkedName } from './name.ts'
import type { Store } from './store.ts'

export const LOG_SUFFIX = '.log'

/** Keeps content in a folder of this machine, for an estate with one worker. A file is there whole or not at all. */
export function createFolderStore(folder: string): Store {
  return {
    put: async (bytes, mediaType, signal) => {
      signal.throwIfAborted()
      const digest = digestOf(bytes)
      // A log has a name of its own, so that old ones can be told from what deployments are made of.
      const path = `${pathOf(folder, digest)}${mediaType.startsWith('text/') ? LOG_SUFFIX : ''}`
      const there = await readIfThere(path)
      // What was damaged since is written anew.
      if (there === null || digestOf(there) !== digest) await writeWhole(path, bytes)
      return { digest, bytes: bytes.length }
    },
    name: async (name, digest, signal) => {
      signal.throwIfAborted()
      await writeWhole(join(folder, 'names', checkedName(name)), Buffer.from(digest))
    },
    named: async (name, signal) => {
      signal.throwIfAborted()
      const digest = (await readIfThere(join(folder, 'names', checkedName(name))))?.toString('utf8') ?? null
      return digest !== null && parseDigest(digest).ok ? digest : null
    },
    get: async (digest, signal) => {
      signal.throwIfAborted()
      const path = pathOf(folder, digest)
      const bytes = (await readIfThere(path)) ?? (await readIfThere(`${path}${LOG_SUFFIX}`))
      if (bytes === null) throw permanent('NotFound', `the store holds nothing of the digest ${digest}: ${quoted(path)} is not there.`)
      if (digestOf(bytes) !== digest)
        throw permanent('NotFound', `what the store holds as ${digest} is damaged: ${quoted(path)} has other bytes. Remove it.`)
      return bytes
    },
  }
}

function pathOf(folder: string, digest: Digest): string {
  if (!parseDigest(digest).ok) throw permanent('NotFound', `expected a digest of stored content, found ${quoted(digest)}.`)
  const hex = digest.slice('sha256:'.length)
  return join(folder, hex.slice(0, 2), hex)
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw failed('read', path, error)
  }
}

async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  const part = `${path}.${randomUUID()}.part`
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(part, bytes, { flag: 'wx', flush: true })
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true }).catch(() => {})
    throw failed('written', path, error)
  }
}

function failed(what: 'read' | 'written', path: string, error: unknown) {
  const code = codeOf(error)
  const next = code === 'ENOSPC' ? 'the disk is full; free space there, for example by "slipway clean"' : code
  return transient(`the store's file ${quoted(path)} could not be ${what}: ${next}`)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}
