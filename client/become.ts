import type { Context } from './context.ts'
import { startChild } from './dev/child.ts'
import { estateFile } from './estate-file.ts'
import { EXIT, type ExitCode } from './exit.ts'
import { defined } from './io.ts'

export type Served = { readonly estate?: string; readonly further: readonly string[] }

/** Becomes the program where the system can do that, so that a signal meant for it reaches it; else runs it as a child. */
export async function become(program: string, { io }: Context, input: Served): Promise<ExitCode> {
  const estate = await estateFile(io, input.estate)
  const argv = [process.execPath, ...process.execArgv, program, '--estate', estate, ...input.further]
  if (typeof process.execve === 'function') process.execve(process.execPath, argv, defined(io.env))

  const child = startChild(argv, { env: io.env, output: 'inherit' })
  const release = io.onInterrupt(() => child.end('SIGTERM'))
  const code = await child.ended
  release()
  return code === 0 ? EXIT.done : code === 2 ? EXIT.usage : EXIT.failed
}
