import { spawn } from 'node:child_process'
import type { Login } from './docker-config.ts'

const DEADLINE_MS = 15_000
const MOST_BYTES = 64 * 1024

/**
 * Asks `docker-credential-<helper> get` for a registry's login, without a shell; the address goes in and the secret
 * comes out by pipes. Null when the helper has none.
 *
 * @throws Error with a sentence that holds nothing of what the helper said on success
 */
export async function askCredentialHelper(
  helper: string,
  server: string,
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<Login | null> {
  const { code, stdout } = await run(`docker-credential-${helper}`, server, environment, signal)
  if (code !== 0) {
    // Helpers say on stdout what is wrong; "not found" is how they all begin to say that there is nothing.
    if (/credentials not found|not found in native keychain|no credentials/i.test(stdout)) return null
    throw new Error(`docker-credential-${helper} ended with code ${code}: ${firstLine(stdout)}`)
  }
  return parseHelperAnswer(helper, stdout)
}

export function parseHelperAnswer(helper: string, stdout: string): Login | null {
  let answer: { Username?: unknown; Secret?: unknown }
  try {
    answer = JSON.parse(stdout) as typeof answer
  } catch {
    throw new Error(`docker-credential-${helper} did not answer in JSON`)
  }
  const { Username: username, Secret: secret } = answer
  if (typeof username !== 'string' || typeof secret !== 'string') {
    throw new Error(`docker-credential-${helper} answered without Username and Secret`)
  }
  if (secret === '') return null
  return username === '<token>' ? { kind: 'identity', token: secret } : { kind: 'password', username, password: secret }
}

function run(command: string, input: string, environment: Readonly<Record<string, string | undefined>>, signal: AbortSignal) {
  return new Promise<{ code: number | null; stdout: string }>((resolve, reject) => {
    const child = spawn(command, ['get'], {
      env: { ...environment },
      stdio: ['pipe', 'pipe', 'ignore'],
      signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
      killSignal: 'SIGKILL',
    })
    const chunks: Buffer[] = []
    let bytes = 0
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= MOST_BYTES) chunks.push(chunk)
    })
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (signal.aborted) reject(signal.reason)
      else if (error.code === 'ENOENT') reject(new Error(`${command} is not on the PATH of the worker`))
      else if (error.name === 'AbortError') reject(new Error(`${command} gave no answer within ${DEADLINE_MS / 1000} s`))
      else reject(new Error(`${command} could not be started: ${error.code ?? error.message}`))
    })
    child.on('close', (code) => resolve({ code, stdout: Buffer.concat(chunks).toString('utf8') }))
    // A helper that ends before it read everything is judged by its exit, not by the broken pipe.
    child.stdin.on('error', () => {})
    child.stdin.end(`${input}\n`)
  })
}

function firstLine(text: string): string {
  const line = text.split('\n', 1)[0]?.trim() ?? ''
  // Whatever begins like an answer may hold the secret.
  return line === '' || line.startsWith('{') ? 'it said nothing' : line.replace(/[^\x20-\x7e]/g, '?').slice(0, 200)
}
