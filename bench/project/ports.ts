import { portIsFree } from '../../lab/machine/probe.ts'
import type { LabEnv } from '../../lab/env.ts'

/** As many ports of the lab's as nothing listens at yet, from near the upper end: tests have theirs below, and the very last one. */
export async function freePorts(env: LabEnv, count: number): Promise<number[]> {
  const free: number[] = []
  for (let port = env.hostPorts.to - 1; port >= env.hostPorts.from && free.length < count; port--)
    if (await portIsFree(port)) free.push(port)
  if (free.length < count)
    throw new Error(
      `the lab has no ${count} free ports left between ${env.hostPorts.from} and ${env.hostPorts.to}; something publishes them all`,
    )
  return free
}
