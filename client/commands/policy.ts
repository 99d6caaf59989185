import type { Context } from '../context.ts'
import { fencePolicy } from '../entry.ts'

export async function policy({ io }: Context): Promise<void> {
  io.out.write(fencePolicy())
}
