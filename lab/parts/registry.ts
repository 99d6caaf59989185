import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Part } from '../lab.ts'
import type { Layout } from '../layout.ts'
import { endDaemon, ensureDaemon } from '../machine/daemon.ts'
import { ask } from '../machine/probe.ts'
import { untilItAnswers } from './until.ts'

/** Debian's docker-registry on loopback, where every engine allows plain HTTP. */
export const registry: Part = {
  name: 'registry',
  needs: [],
  programs: () => ['docker-registry'],
  answers: async ({ layout }) => await registryAnswers(layout),
  start: async ({ layout }) => {
    const file = join(layout.state, 'registry', 'config.yml')
    await mkdir(join(layout.state, 'registry', 'data'), { recursive: true })
    await writeFile(file, registryConfig(layout))
    await ensureDaemon(layout.state, { name: 'registry', argv: ['docker-registry', 'serve', file] })
    await untilItAnswers(layout, 'registry', 20_000, () => registryAnswers(layout))
  },
  stop: async ({ layout }) => await endDaemon(layout.state, 'registry'),
  daemons: () => ['registry'],
  address: ({ layout }) => registryAddress(layout),
}

export function registryAddress(layout: Layout): string {
  return `127.0.0.1:${layout.ports.registry}`
}

/** `readOnly` is for the second one, inside the cluster's node, which serves the same folder. */
export function registryConfig(layout: Layout, { readOnly = false } = {}): string {
  return `version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage:
  filesystem: {rootdirectory: ${JSON.stringify(join(layout.state, 'registry', 'data'))}}
  delete: {enabled: true}
  maintenance: {uploadpurging: {enabled: false}, readonly: {enabled: ${readOnly}}}
http: {addr: "${registryAddress(layout)}"}
`
}

async function registryAnswers(layout: Layout): Promise<boolean> {
  return (await ask({ host: '127.0.0.1', port: layout.ports.registry, path: '/v2/' }))?.status === 200
}
