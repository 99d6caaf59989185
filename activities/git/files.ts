import { ApplicationFailure } from '@temporalio/common'
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { quoted } from '../../domain/parsed.ts'
import { transient } from '../failure.ts'
import { DISK_FULL } from './classify.ts'

/** Writes a file whole or not at all, whoever else writes it at the same time. */
export async function writeWhole(path: string, content: string | Buffer, mode = 0o600): Promise<void> {
  const part = `${path}.${randomUUID()}.part`
  await orTransient(`write ${quoted(path)}`, async () => {
    await mkdir(dirname(path), { recursive: true })
    try {
      await writeFile(part, content, { flag: 'wx', mode })
      await rename(part, path)
    } catch (error) {
      await rm(part, { force: true }).catch(() => {})
      throw error
    }
  })
}

export async function readIfThere(path: string, encoding: BufferEncoding = 'utf8'): Promise<string | null> {
  return orTransient(`read ${quoted(path)}`, () =>
    readFile(path, encoding).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return null
      throw error
    }),
  )
}

/** What the worker's own disk refuses passes with time, or when somebody makes room. */
export async function orTransient<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ApplicationFailure) throw error
    const code = codeOf(error)
    const full = code === 'ENOSPC' || code === 'EDQUOT'
    throw transient(`The worker could not ${doing}: ${full ? DISK_FULL : code}`, error instanceof Error ? error : undefined)
  }
}

const LITTLE_BYTES = 1024 * 1024

/** Whether so little room is left in the file system of this folder that writing fails. */
export async function isDiskFull(folder: string): Promise<boolean> {
  const room = await statfs(folder).catch(() => null)
  return room !== null && (room.bavail * room.bsize < LITTLE_BYTES || (room.files > 0 && room.ffree === 0))
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}
