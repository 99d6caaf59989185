import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Choices } from '../choices.ts'
import type { Lab, Part } from '../lab.ts'
import type { Layout } from '../layout.ts'
import { endDaemon, ensureDaemon } from '../machine/daemon.ts'
import { isMarked, removeMark, setMark } from '../machine/mark.ts'
import { accepts, ask } from '../machine/probe.ts'
import { run } from '../machine/run.ts'
import { linkBin } from './bin.ts'
import { untilItAnswers } from './until.ts'

/** Temporal's own development server on SQLite, with its web page, tuned so that a step costs 12 ms and not 100. */
export const temporal: Part = {
  name: 'temporal',
  needs: [],
  programs: ({ temporal: chosen }) => (chosen.kind === 'own' ? ['ca-certificates'] : []),
  answers: async (lab) => await temporalAnswers(lab),
  start: async (lab) => {
    const { layout, choices, binaries } = lab
    const binary = await binaries.temporal()
    await linkBin(layout, { temporal: binary })
    if (choices.temporal.kind === 'existing') return await useExisting(lab, binary, choices.temporal)
    await mkdir(join(layout.state, 'temporal'), { recursive: true })
    await ensureDaemon(layout.state, { name: 'temporal', argv: serverCommand(layout, binary) })
    await untilItAnswers(layout, 'temporal', 30_000, () => temporalAnswers(lab))
  },
  stop: async ({ layout }) => {
    await endDaemon(layout.state, 'temporal')
    await removeMark(layout.state, 'temporal')
  },
  daemons: ({ temporal: chosen }) => (chosen.kind === 'own' ? ['temporal'] : []),
  address: ({ layout, choices }) => temporalAddress(layout, choices),
}

/** Name and type of what a workflow of Slipway can be searched by. */
export const searchAttributes = {
  SlipwayProject: 'Keyword',
  SlipwayVersion: 'Keyword',
  SlipwayEnvironment: 'Keyword',
  SlipwayPhase: 'Keyword',
  SlipwayRevision: 'Keyword',
  SlipwayCandidate: 'Keyword',
} as const

/** A server polls each shard's queues 20 times a second by default, and the development server has one shard. */
const polls = ['transfer', 'timer', 'visibility'].map((queue) => `history.${queue}ProcessorMaxPollRPS=2000`)
const pragmas = ['journal_mode=wal', 'synchronous=normal']

export function serverCommand(layout: Layout, binary: string): string[] {
  const { ports } = layout
  const attributes = Object.entries(searchAttributes).map(([name, type]) => `${name}=${type}`)
  return [
    binary,
    'server',
    'start-dev',
    '--ip',
    '127.0.0.1',
    '--port',
    String(ports.temporal),
    '--ui-port',
    String(ports.temporalUi),
    '--http-port',
    String(ports.temporalHttp),
    '--metrics-port',
    String(ports.temporalMetrics),
    '--db-filename',
    join(layout.state, 'temporal', 'temporal.db'),
    '--log-level',
    'warn',
    ...polls.flatMap((value) => ['--dynamic-config-value', value]),
    ...pragmas.flatMap((value) => ['--sqlite-pragma', value]),
    ...attributes.flatMap((value) => ['--search-attribute', value]),
  ]
}

export function temporalAddress(layout: Layout, { temporal: chosen }: Choices): string {
  return chosen.kind === 'own' ? `127.0.0.1:${layout.ports.temporal}` : chosen.address
}

async function temporalAnswers({ layout, choices }: Lab): Promise<boolean> {
  if (choices.temporal.kind === 'existing') {
    const [host = '', port = '7233'] = choices.temporal.address.split(':')
    return (await isMarked(layout.state, 'temporal', choices.temporal.address)) && (await accepts({ host, port: Number(port) }))
  }
  const answer = await ask({ host: '127.0.0.1', port: layout.ports.temporalHttp, path: '/api/v1/namespaces/default' })
  return answer?.status === 200
}

async function useExisting(lab: Lab, binary: string, { address, namespace }: { address: string; namespace: string }): Promise<void> {
  const [host = '', port = '7233'] = address.split(':')
  if (!(await accepts({ host, port: Number(port) }))) {
    throw new Error(`TEMPORAL_ADDRESS is ${address}, and nobody answers there; start that server, or unset it and the lab starts one`)
  }
  const where = ['--address', address, '--namespace', namespace]
  const known = await run([binary, 'operator', 'search-attribute', 'list', ...where])
  for (const [name, type] of Object.entries(searchAttributes)) {
    if (!known.includes(name)) await run([binary, 'operator', 'search-attribute', 'create', '--name', name, '--type', type, ...where])
  }
  await setMark(lab.layout.state, 'temporal', address)
}
