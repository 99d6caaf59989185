import { script, type Shell } from '../completion/scripts.ts'
import type { Context } from '../context.ts'

export async function completion({ io }: Context, { shell }: { readonly shell: Shell }): Promise<void> {
  io.out.write(script(shell))
}
