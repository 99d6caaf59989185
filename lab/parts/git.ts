import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Part } from '../lab.ts'
import type { Layout } from '../layout.ts'

/** A folder of bare repositories; `createRemote` makes one. */
export const git: Part = {
  name: 'git',
  needs: [],
  programs: () => ['git'],
  answers: async ({ layout }) => existsSync(gitFolder(layout)),
  start: async ({ layout }) => void (await mkdir(gitFolder(layout), { recursive: true })),
  stop: async () => {},
  daemons: () => [],
  address: ({ layout }) => gitFolder(layout),
}

export function gitFolder(layout: Layout): string {
  return join(layout.state, 'git')
}
