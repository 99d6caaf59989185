import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ask } from './machine/probe.ts'

/**
 * Whose part is used: the lab's own, or one that was there before. Made once when a lab comes up, and kept until it
 * goes down, so that `status`, `env` and `down` speak of the same parts whatever the caller's shell has set meanwhile.
 */
export type Choices = {
  engine: { kind: 'own' } | { kind: 'existing'; socket: string }
  temporal: { kind: 'own' } | { kind: 'existing'; address: string; namespace: string }
  kubernetes: { kind: 'own' } | { kind: 'existing'; kubeconfig: string }
}

export type Wishes = {
  /** A cluster that is there already; used only when it is named. */
  kubeconfig?: string | undefined
  /** Use nothing that was there before. */
  own?: boolean | undefined
  environment: NodeJS.ProcessEnv
}

export const allOwn: Choices = { engine: { kind: 'own' }, temporal: { kind: 'own' }, kubernetes: { kind: 'own' } }

export async function choose(wishes: Wishes): Promise<Choices> {
  const kubernetes: Choices['kubernetes'] = wishes.kubeconfig
    ? { kind: 'existing', kubeconfig: resolve(wishes.kubeconfig) }
    : { kind: 'own' }
  // A shell that has a lab's `env` loaded points at that lab, not at something of the machine's.
  if (wishes.own || wishes.environment['SLIPWAY_LAB']) return { ...allOwn, kubernetes }
  return { engine: await chooseEngine(wishes.environment), temporal: chooseTemporal(wishes.environment), kubernetes }
}

export async function readChoices(state: string): Promise<Choices | undefined> {
  const text = await readFile(choicesFile(state), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as Choices)
}

export async function writeChoices(state: string, choices: Choices): Promise<void> {
  await mkdir(state, { recursive: true })
  const file = choicesFile(state)
  // Two commands may write at once: each its own, and the last one stays.
  const next = `${file}.${process.pid}.${randomUUID()}`
  await writeFile(next, `${JSON.stringify(choices, null, 2)}\n`)
  await rename(next, file)
}

export async function forgetChoices(state: string): Promise<void> {
  await rm(choicesFile(state), { force: true })
}

function chooseTemporal(environment: NodeJS.ProcessEnv): Choices['temporal'] {
  const address = environment['TEMPORAL_ADDRESS']
  if (!address) return { kind: 'own' }
  return { kind: 'existing', address, namespace: environment['TEMPORAL_NAMESPACE'] ?? 'default' }
}

/** Only an engine that shares this machine's loopback can push to the lab's registry: not one over TCP, in a VM, or rootless. */
async function chooseEngine(environment: NodeJS.ProcessEnv): Promise<Choices['engine']> {
  const host = environment['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock'
  if (!host.startsWith('unix://')) return { kind: 'own' }
  const socket = host.slice('unix://'.length)
  const answer = await ask({ socketPath: socket, path: '/info' })
  if (answer?.status !== 200) return { kind: 'own' }
  const info = JSON.parse(answer.body) as { OperatingSystem?: string; SecurityOptions?: string[] }
  const apart = info.OperatingSystem?.includes('Docker Desktop') || info.SecurityOptions?.some((one) => one.includes('rootless'))
  return apart ? { kind: 'own' } : { kind: 'existing', socket }
}

function choicesFile(state: string): string {
  return join(state, 'choices.json')
}
