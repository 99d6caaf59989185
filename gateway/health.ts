import type { FastifyInstance } from 'fastify'
import { kept } from './kept.ts'

const KEPT_MS = 1_000

/** `/healthz`: the process lives. `/readyz`: Temporal answers, so that a hint arrives. */
export function addHealth(server: FastifyInstance, answers: () => Promise<boolean>, now: () => number): void {
  const asked = kept(answers, KEPT_MS, now)
  server.get('/healthz', (_request, reply) => reply.send({ ok: true }))
  server.get('/readyz', async (_request, reply) => {
    const ok = await asked()
    return reply.code(ok ? 200 : 503).send(ok ? { ok } : { ok, error: 'Temporal does not answer' })
  })
}
