import { join } from 'node:path'
import type { Context } from '../context.ts'
import { startChild, type Child } from '../dev/child.ts'
import { startServer } from '../dev/server.ts'
import { gatewayEntry, workerEntry } from '../entry.ts'
import { estateFile } from '../estate-file.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { printLines } from '../io.ts'

type Input = { readonly estate?: string; readonly port: number; readonly uiPort?: number; readonly further: readonly string[] }

/** Server, worker and gateway in one command. Ctrl-C ends the worker first, so that it can finish what it tells the server. */
export async function dev(context: Context, input: Input): Promise<ExitCode> {
  const { io } = context
  const estate = await estateFile(io, input.estate)
  const given = io.env['TEMPORAL_ADDRESS']
  const address = given ?? `127.0.0.1:${input.port}`
  const uiPort = input.uiPort ?? Math.min(input.port + 1000, 65535)
  const folder = join(io.cwd, '.slipway')
  const namespace = io.env['TEMPORAL_NAMESPACE'] ?? 'default'
  const server = given === undefined ? await startServer({ folder, port: input.port, uiPort, namespace, env: io.env }) : null
  const env = { ...io.env, TEMPORAL_ADDRESS: address }
  const child = startChild([process.execPath, workerEntry(), '--estate', estate, '--state', join(folder, 'worker'), ...input.further], {
    env,
    output: 'inherit',
  })
  // It ends at once where the estate has no gateway, and the rest goes on without it.
  const gateway = startChild([process.execPath, gatewayEntry(), '--estate', estate, '--where-configured'], { env, output: 'inherit' })

  printLines(io.out, [
    `Temporal  ${address}${server === null ? ' (it ran already)' : ''}`,
    ...(server === null ? [] : [`UI        http://127.0.0.1:${uiPort}`]),
    ...(address === '127.0.0.1:7233' ? [] : [`other shells need: export TEMPORAL_ADDRESS=${address}`]),
    `Ctrl-C ends ${server === null ? 'the worker' : 'all of it'}; what was done stays in ${folder}`,
    '',
  ])
  try {
    return await untilEnded(context, server, child)
  } finally {
    gateway.end('SIGTERM')
    await gateway.ended
  }
}

async function untilEnded({ io }: Context, server: Child | null, worker: Child): Promise<ExitCode> {
  let interrupts = 0
  const release = io.onInterrupt(() => worker.end(interrupts++ === 0 ? 'SIGTERM' : 'SIGKILL'))
  const serverEnded = server === null ? new Promise<never>(() => undefined) : server.ended.then(() => 'server' as const)
  const first = await Promise.race([worker.ended.then(() => 'worker' as const), serverEnded])
  if (first === 'server') worker.end('SIGTERM')
  const code = await worker.ended
  server?.end('SIGTERM')
  await server?.ended
  release()
  if (interrupts > 0) return EXIT.done
  printLines(io.err, [
    first === 'server'
      ? 'the Temporal server ended by itself; see .slipway/temporal.log'
      : 'the worker ended by itself; the lines above say why',
  ])
  return code === 2 ? EXIT.usage : EXIT.failed
}
