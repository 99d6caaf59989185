import { connect, createServer } from 'node:net'

/** More than a login takes in one piece, and less than the script that acts. */
const SCRIPT_BYTES = 3_000

/**
 * Stands between a worker and an ssh host. When the worker has sent its script, `atMoment` is done before it hears that the
 * host has taken it: the script waits for its input there, and the worker has still to send it.
 */
export async function hostProxy(
  port: number,
  atMoment: () => Promise<void>,
): Promise<{ readonly port: number; readonly close: () => void }> {
  let reached = false
  const proxy = createServer((worker) => {
    const host = connect({ host: '127.0.0.1', port, noDelay: true })
    worker.setNoDelay()
    worker.on('data', (bytes: Buffer) => {
      if (!reached && bytes.length >= SCRIPT_BYTES) {
        reached = true
        host.pause()
        void atMoment().then(() => host.resume())
      }
      host.write(bytes)
    })
    host.on('data', (bytes: Buffer) => worker.write(bytes))
    for (const [one, other] of [[worker, host] as const, [host, worker] as const]) {
      one.on('end', () => other.end())
      one.on('error', () => other.destroy())
    }
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const address = proxy.address()
  return { port: typeof address === 'object' && address ? address.port : 0, close: () => void proxy.close() }
}
