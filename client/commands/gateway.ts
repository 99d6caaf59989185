import { become, type Served } from '../become.ts'
import type { Context } from '../context.ts'
import { gatewayEntry } from '../entry.ts'
import type { ExitCode } from '../exit.ts'

export function gateway(context: Context, input: Served): Promise<ExitCode> {
  return become(gatewayEntry(), context, input)
}
