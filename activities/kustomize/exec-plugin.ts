import { spawn } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { Readable } from 'node:stream'
import type { KubeConfig } from '@kubernetes/client-node'
import { permanent } from '../failure.ts'
import { lastWords } from './exec-words.ts'
import type { CredentialPlugin } from './kubeconfig.ts'

/** As much as the library looks at of a child process. */
type PluginProcess = EventEmitter & { readonly stdout: Readable; readonly stderr: Readable }
type PluginRunner = { execFn: (command: string, args: readonly string[] | undefined) => PluginProcess }

export type Environment = Readonly<Record<string, string | undefined>>

const MOST_PRINTED = 1024 * 1024
const MOST_STDERR = 16 * 1024
const KILL_AFTER_MS = 1000

/**
 * When the library next runs the kubeconfig's credential plugin, it is as a process group that ends when `signal` aborts. What the plugin prints is still the library's to read and to keep until it expires.
 *
 * The library (2.0.1) has no way of its own to stop a plugin; how it starts one is a field, which is not public.
 */
export function runPluginUntil(config: KubeConfig, plugin: CredentialPlugin, environment: Environment, signal: AbortSignal): void {
  const runner = (config['authenticators'] as readonly object[]).find((each): each is PluginRunner => 'execFn' in each)
  if (!runner) throw new Error('This version of @kubernetes/client-node starts credential plugins in another way than 2.0.1 did.')
  const own = Object.fromEntries((plugin.env ?? []).map(({ name, value }) => [name, value]))
  const secrets = Object.keys(own).flatMap((name) => (SECRET_NAME.test(name) && own[name] ? [own[name]] : []))
  runner.execFn = (command, args) => spawnPlugin({ command, args: args ?? [], environment: { ...environment, ...own }, secrets }, signal)
}

const SECRET_NAME = /secret|token|passw|key|credential/i

type Call = {
  readonly command: string
  readonly args: readonly string[]
  readonly environment: Environment
  readonly secrets: readonly string[]
}

/** Its own session has no terminal, and its stdin is empty: it cannot wait for a person. */
function spawnPlugin({ command, args, environment, secrets }: Call, signal: AbortSignal): PluginProcess {
  const child = spawn(command, args, { env: environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const shown = Object.assign(new EventEmitter(), { stdout: pipeOf(child.stdout), stderr: Readable.from([]) })
  let printed = 0
  let stderr = ''
  const stop = () => {
    endGroup(child.pid)
    // What left the group may hold the pipes open.
    child.stdout?.destroy()
    child.stderr?.destroy()
  }
  signal.addEventListener('abort', stop, { once: true })
  shown.stdout.on('data', (chunk: string | Buffer) => {
    printed += chunk.length
    if (printed > MOST_PRINTED) stop()
  })
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    stderr = (stderr + chunk).slice(-MOST_STDERR)
  })
  child.on('error', (error) => {
    shown.emit('error', error)
    // One that never began need not close.
    if (child.pid === undefined) shown.emit('close', null)
  })
  child.on('close', (code, killer) => {
    signal.removeEventListener('abort', stop)
    const how = code === null ? `it was ended by ${killer}` : `it ended with code ${code} and said nothing`
    if (printed > MOST_PRINTED) shown.emit('error', tooMuch(command))
    else if (code === null || code > 0) shown.emit('error', new Error(lastWords(stderr, secrets) ?? how))
    shown.emit('close', code)
  })
  return shown
}

/** There is none when the worker has no file descriptor left, whatever the types say. */
function pipeOf(stream: Readable | undefined): Readable {
  return stream ?? Readable.from([])
}

function tooMuch(command: string): Error {
  return permanent('Refused', `The credential plugin ${command} printed more than ${MOST_PRINTED >> 20} MB, which is no ExecCredential.`)
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  kill(pid, 'SIGTERM')
  setTimeout(() => kill(pid, 'SIGKILL'), KILL_AFTER_MS)
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // Nothing of it is left.
  }
}
