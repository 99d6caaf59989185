import { execa } from 'execa'

export type RunOptions = { input?: string; cwd?: string; env?: Record<string, string> }

/** Runs a command to its end and gives what it wrote to stdout; an error says which command failed and its last words. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await attempt(argv, options)
  if (result.exitCode === 0) return result.stdout
  const words = lastLines(result.stderr || result.stdout || 'without a word', 15)
  throw new Error(`"${argv.join(' ')}" failed (exit ${result.exitCode ?? 'unknown'}):\n${words}`)
}

export async function succeeds(argv: readonly string[], options: RunOptions = {}): Promise<boolean> {
  return (await attempt(argv, options)).exitCode === 0
}

export function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n')
}

async function attempt([command, ...args]: readonly string[], { input, cwd, env }: RunOptions) {
  return await execa(command ?? '', args, {
    reject: false,
    stdin: input === undefined ? 'ignore' : 'pipe',
    ...(input === undefined ? {} : { input }),
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
  })
}
