import { spawn } from 'node:child_process'
import { SIGNATURE_NAMESPACE } from '../../domain/signed.ts'
import { CliError, EXIT, failed } from '../exit.ts'
import { defined, type Io } from '../io.ts'
import { neutral } from '../view/neutral.ts'

export function signArgs(keyFile: string): string[] {
  return ['-Y', 'sign', '-n', SIGNATURE_NAMESPACE, '-f', keyFile]
}

/** The armored signature of exactly these bytes. A passphrase or a touch is asked for by ssh-keygen itself. */
export async function signWith(keyFile: string, text: string, { env, cwd }: Pick<Io, 'env' | 'cwd'>): Promise<string> {
  const { exitCode, stdout, stderr } = await run(signArgs(keyFile), text, { env: defined(env), cwd })
  if (exitCode === 0 && stdout.startsWith('-----BEGIN SSH SIGNATURE-----')) return stdout
  const said = stderr.replaceAll('Signing data on standard input', '').trim().split('\n').at(-1) ?? ''
  throw failed(`it could not be signed with ${neutral(keyFile)}: ${neutral(said).slice(0, 200)}`, ['ssh-add -l'])
}

type Ended = { readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }

function run(args: readonly string[], input: string, options: { env: Record<string, string>; cwd: string }): Promise<Ended> {
  return new Promise((done, fail) => {
    const child = spawn('ssh-keygen', args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] })
    const [stdout, stderr]: [string[], string[]] = [[], []]
    child.stdout.setEncoding('utf8').on('data', (text: string) => stdout.push(text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => stderr.push(text))
    child.stdin.on('error', () => {})
    child.stdin.end(input)
    child.on('error', (error) => fail(new CliError(EXIT.failed, "ssh-keygen is not here: install OpenSSH's client", [], error)))
    child.on('close', (exitCode) => done({ exitCode, stdout: stdout.join(''), stderr: stderr.join('') }))
  })
}
