import { become, type Served } from '../become.ts'
import type { Context } from '../context.ts'
import { workerEntry } from '../entry.ts'
import type { ExitCode } from '../exit.ts'

export function worker(context: Context, input: Served): Promise<ExitCode> {
  return become(workerEntry(), context, input)
}
