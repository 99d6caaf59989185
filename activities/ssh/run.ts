import { StringDecoder } from 'node:string_decoder'
import type { ClientChannel } from 'ssh2'
import { transient } from '../failure.ts'
import type { Connection } from './connect.ts'

export type RemoteRun = {
  /** What `remoteCommand` made: a constant script and strictly quoted arguments. */
  readonly command: string
  /** Sent to the script's standard input, which then ends; with `onLine` it stays open, and the script has to know its end. */
  readonly stdin?: string
  /** Each line of standard error as it comes. */
  readonly onLine?: (line: string) => void
  readonly signal: AbortSignal
}

/** `stdout` keeps at most its last 4 MB, `stderr` its last 64 KB. */
export type RemoteResult = { readonly exitCode: number; readonly stdout: string; readonly stderr: string }

const STDOUT_LIMIT = 4_000_000
const STDERR_LIMIT = 65_536

/**
 * Runs one script on the host. An end without an exit code (killed, or the link lost) is not known to be a success or a
 * failure: transient. When `signal` aborts, this throws its reason at once and the remote side goes on: whoever started
 * something that lasts ends it on a second channel.
 */
export function run(connection: Connection, { command, stdin, onLine, signal }: RemoteRun): Promise<RemoteResult> {
  return new Promise((resolve, reject) => {
    const aborted = () => finish(() => reject(signal.reason))
    const lost = () => finish(() => reject(unknownEnd(connection, 'the connection was lost')))
    const finish = (settle: () => void) => {
      signal.removeEventListener('abort', aborted)
      connection.client.removeListener('close', lost)
      settle()
    }
    if (signal.aborted) return reject(signal.reason)
    signal.addEventListener('abort', aborted, { once: true })
    connection.client.once('close', lost)
    try {
      connection.client.exec(command, (error, channel) => {
        if (error) return finish(() => reject(unknownEnd(connection, error.message)))
        collect(channel, onLine, (end) =>
          finish(() =>
            end.exitCode === null
              ? reject(unknownEnd(connection, end.signal ? `it was ended by SIG${end.signal}` : 'it ended without an exit code'))
              : resolve({ exitCode: end.exitCode, stdout: end.stdout, stderr: end.stderr }),
          ),
        )
        if (onLine) {
          channel.write(stdin ?? '')
          acknowledge(channel)
        } else channel.end(stdin ?? '')
      })
    } catch (error) {
      finish(() => reject(unknownEnd(connection, error instanceof Error ? error.message : String(error))))
    }
  })
}

/**
 * Answers what comes with a byte of standard input, which nobody reads. sshd leaves Nagle's algorithm on and keeps each
 * small packet until the one before is acknowledged, which takes the kernel 40 ms unless data goes the other way.
 */
function acknowledge(channel: ClientChannel): void {
  let left = 10_000
  channel.stderr.on('data', () => {
    if (channel.writable && left-- > 0) channel.write('\n')
  })
}

type End = { exitCode: number | null; signal: string | null; stdout: string; stderr: string }

function collect(channel: ClientChannel, onLine: RemoteRun['onLine'], ended: (end: End) => void): void {
  const end: End = { exitCode: null, signal: null, stdout: '', stderr: '' }
  const out = new StringDecoder('utf8')
  const err = new StringDecoder('utf8')
  let partial = ''
  channel.on('data', (bytes: Buffer) => {
    end.stdout = tail(end.stdout + out.write(bytes), STDOUT_LIMIT)
  })
  channel.stderr.on('data', (bytes: Buffer) => {
    const text = err.write(bytes)
    end.stderr = tail(end.stderr + text, STDERR_LIMIT)
    const lines = tail(partial + text, STDERR_LIMIT).split('\n')
    partial = lines.pop() ?? ''
    for (const line of lines) onLine?.(line)
  })
  channel.on('exit', (code: number | null, name?: string) => {
    end.exitCode = code
    end.signal = name ?? null
  })
  channel.on('error', () => {})
  channel.once('close', () => ended(end))
}

function tail(text: string, limit: number): string {
  return text.length > limit ? text.slice(-limit) : text
}

function unknownEnd(connection: Connection, why: string): Error {
  return transient(`how the command on the ssh host ${connection.place} ended is not known: ${why}`)
}
