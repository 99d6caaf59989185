import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { EstateFile, WebhooksEstate } from '../config/estate-schema.ts'
import type { HookSecrets } from './secrets.ts'
import { senderOf } from './senders/all.ts'
import type { Sender, SenderName } from './senders/sender.ts'

export type HookAnswer = 'hinted' | 'nothing' | 'unverified' | 'malformed' | 'limited' | 'unready'

export type HookParts = {
  readonly projects: EstateFile['projects']
  readonly secrets: HookSecrets
  /** `afterMs`: not before that; many such are one. */
  readonly hint: (project: string, afterMs?: number) => void
  readonly hintsPerMinute: number
  readonly replaySeconds: number
  readonly now: () => number
  /** What became of each delivery to a door that there is. */
  readonly onAnswer: (project: string, sender: SenderName, answer: HookAnswer, problem?: string) => void
}

type Door = { readonly project: string; readonly name: SenderName; readonly sender: Sender; readonly webhooks: WebhooksEstate }

declare module 'fastify' {
  interface FastifyRequest {
    door: Door | null
  }
}

type Params = { readonly project: string; readonly sender: string }

const MINUTE_MS = 60_000

/**
 * `POST /hooks/<project>/<sender>`. In this order: is there such a door, is it JSON and not too large, who signed it, how many
 * were there, what is it. A delivery that holds is a hint, and nothing in it is more than that.
 *
 * What is amiss on this side is no error to the sender, who would switch the webhook off (GitLab does, after four): over the
 * limit a hint waits for the minute to end, and without a secret nothing is believed and the log says so.
 */
export async function addHooks(server: FastifyInstance, parts: HookParts): Promise<void> {
  await server.register(rateLimit, { global: false })
  const count = server.createRateLimit({
    max: parts.hintsPerMinute,
    timeWindow: MINUTE_MS,
    keyGenerator: ({ door }) => door?.project ?? '',
  })
  server.decorateRequest('door', null)
  server.post<{ Params: Params }>('/hooks/:project/:sender', {
    onRequest: async (request, reply) => {
      request.door = findDoor(parts.projects, request.params)
      if (request.door === null) await reply.code(404).send({ error: 'the estate names no such webhook' })
    },
    // The signature comes before the limit: who cannot sign uses up nothing of those who can.
    preValidation: (request, reply) => verify(parts, request, reply),
    handler: async (request, reply) => {
      const counted = await count(request)
      return counted.isAllowed || !counted.isExceeded ? take(parts, request, reply) : takeLater(parts, request, reply, counted.ttl)
    },
  })
}

function findDoor(projects: EstateFile['projects'], { project, sender: name }: Params): Door | null {
  const webhooks = Object.hasOwn(projects, project) ? projects[project]?.webhooks : undefined
  const sender = senderOf(name)
  if (webhooks === undefined || sender === null || sender.secretOf(webhooks) === null) return null
  return { project, name: name as SenderName, sender, webhooks }
}

async function verify(parts: HookParts, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { door } = request
  if (door === null) return
  const secret = await parts.secrets(door.project, door.sender, door.webhooks)
  if (!secret.ok) {
    parts.onAnswer(door.project, door.name, 'unready', secret.problem)
    await reply.code(200).send({ hinted: false })
    return
  }
  const delivery = { headers: request.headers, body: bodyOf(request), replaySeconds: parts.replaySeconds, now: parts.now() }
  if (door.sender.verify(delivery, door.webhooks, secret.value)) return
  parts.onAnswer(door.project, door.name, 'unverified')
  await reply.code(401).send({ error: 'the signature does not hold: check the secret on both sides' })
}

function take(parts: HookParts, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { door } = request
  if (door === null) return reply.code(404).send({ error: 'the estate names no such webhook' })
  const shape = door.sender.shapeOf(request.headers)
  if (shape === null) {
    parts.onAnswer(door.project, door.name, 'nothing')
    return reply.code(200).send({ hinted: false })
  }
  if (!shape.safeParse(parsed(bodyOf(request))).success) {
    parts.onAnswer(door.project, door.name, 'malformed')
    return reply.code(400).send({ error: 'the body is not what this event looks like' })
  }
  parts.hint(door.project)
  parts.onAnswer(door.project, door.name, 'hinted')
  return reply.code(202).send({ hinted: true })
}

/** Not even read: whatever it is of, the next look sees it. */
function takeLater({ hint, onAnswer }: HookParts, { door }: FastifyRequest, reply: FastifyReply, afterMs: number): FastifyReply {
  if (door !== null) {
    hint(door.project, afterMs)
    onAnswer(door.project, door.name, 'limited')
  }
  return reply.code(202).send({ hinted: true })
}

function bodyOf({ body }: FastifyRequest): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0)
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}
