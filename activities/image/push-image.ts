import type Docker from 'dockerode'
import { shortDigest, type Digest } from '../../domain/digest.ts'
import { permanent, transient } from '../failure.ts'
import type { Say } from '../heartbeat.ts'
import type { Registry } from '../registry/client.ts'
import { engineFailure, wordsFailure } from './engine-failure.ts'
import { engineLogin } from './engine-login.ts'
import { readPush } from './push-stream.ts'

type Input = {
  readonly engine: Docker
  readonly engineName: string
  readonly registry: Registry
  readonly service: string
  readonly repository: string
  readonly tag: string
  readonly imageId: string
  readonly say: Say
  readonly signal: AbortSignal
}

/** Pushes what was built and checks with the registry that it is there. */
export async function pushImage(input: Input): Promise<{ digest: Digest; reused: boolean }> {
  const [pushed] = await Promise.all([push(input), checkImage(input)])
  const there = await input.registry.resolve(input.repository, input.tag, input.signal)
  if (there === pushed) return { digest: pushed, reused: false }
  const name = `${input.registry.address}/${input.repository}:${input.tag}`
  const ours = await input.registry.resolve(input.repository, pushed, input.signal)
  // Another worker pushed an image of the same inputs at the same time: its answer stands for both.
  if (there !== null && ours !== null) return { digest: there, reused: true }
  throw transient(`the registry does not hold what was pushed: expected ${name} to be ${pushed}, found ${there ?? 'nothing'}`)
}

async function push(input: Input): Promise<Digest> {
  const { address } = input.registry
  const doing = `push the image of ${input.service}`
  try {
    const authconfig = engineLogin(await input.registry.login(address, input.signal), address)
    const image = input.engine.getImage(`${address}/${input.repository}`)
    const stream = await image.push({ tag: input.tag, authconfig, abortSignal: input.signal })
    const outcome = await readPush(stream as AsyncIterable<Buffer>, input.tag, (line) => input.say(`${input.service}: ${line}`))
    if (outcome.kind === 'pushed') return outcome.digest
    throw wordsFailure(outcome.error, doing, address) ?? pushFailure(outcome.error, doing)
  } catch (error) {
    throw engineFailure(error, { doing, engineName: input.engineName, registry: address, signal: input.signal })
  }
}

/** The name means the image that the build named, and nothing that came between. */
async function checkImage(input: Input): Promise<void> {
  const name = `${input.registry.address}/${input.repository}:${input.tag}`
  try {
    const { Id: id } = await input.engine.getImage(name).inspect()
    const short = input.imageId.replace(/^sha256:/, '')
    if (!id.replace(/^sha256:/, '').startsWith(short))
      throw transient(`the Docker engine has another image as ${name}: expected ${shortDigest(input.imageId)}, found ${shortDigest(id)}`)
  } catch (error) {
    throw engineFailure(error, {
      doing: `inspect ${name}`,
      engineName: input.engineName,
      registry: input.registry.address,
      signal: input.signal,
    })
  }
}

function pushFailure(error: string, doing: string) {
  return /not found|does not exist/i.test(error)
    ? permanent('NotFound', `the registry does not take it, asked to ${doing}: ${error}`)
    : transient(`the Docker engine failed to ${doing}: ${error}`)
}
