import { existsSync } from 'node:fs'
import { readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A kubelet sets these for the whole machine: among them, to reboot it after a kernel error. */
const settings = ['vm/overcommit_memory', 'vm/panic_on_oom', 'kernel/panic', 'kernel/panic_on_oops']

/** Notes in `file` what they were before the first kubelet. */
export async function keepKernelSettings(file: string): Promise<void> {
  if (existsSync(file)) return
  const entries = await Promise.all(settings.map(async (name) => [name, await readFile(join('/proc/sys', name), 'utf8')] as const))
  await writeFile(file, JSON.stringify(Object.fromEntries(entries)))
}

/** Puts them back, unless another lab's kubelet still counts on them: then that one's notes hold its own start's values. */
export async function restoreKernelSettings(file: string): Promise<void> {
  if (!existsSync(file)) return
  const others = (await readdir('/run/netns').catch(() => [])).some((name) => name.startsWith('slipway-lab-'))
  if (!others) {
    const before = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>
    for (const name of settings) if (before[name] !== undefined) await writeFile(join('/proc/sys', name), before[name])
  }
  await rm(file)
}
