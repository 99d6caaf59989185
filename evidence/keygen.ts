import { execFile } from 'node:child_process'

type Options = {
  /** The PATH on which ssh-keygen is. */
  readonly path: string
  readonly input?: Buffer
  /** The socket of an ssh agent. */
  readonly agent?: string | undefined
}

const LATE_MS = 10_000

/** Runs ssh-keygen without a shell, a terminal or anybody to ask for a passphrase. */
export function keygen(
  args: readonly string[],
  { path, input, agent }: Options,
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  // Times without a zone are the machine's own, and older versions know no zone.
  const env = { PATH: path, TZ: 'UTC', LC_ALL: 'C', SSH_ASKPASS_REQUIRE: 'never', ...(agent === undefined ? {} : { SSH_AUTH_SOCK: agent }) }
  return new Promise((resolve, reject) => {
    const child = execFile('ssh-keygen', args, { env, timeout: LATE_MS, maxBuffer: 1024 * 1024 }, (error, out, err) => {
      if (error?.code === 'ENOENT') reject(new Error("ssh-keygen is not in PATH; install OpenSSH's client, 8.9 or newer"))
      else resolve({ code: error === null ? 0 : 1, out, err })
    })
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input ?? Buffer.alloc(0))
  })
}
