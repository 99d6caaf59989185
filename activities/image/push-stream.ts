import { parseDigest, type Digest } from '../../domain/digest.ts'
import { transient } from '../failure.ts'
import { engineMessages, errorOf } from './engine-stream.ts'

export type PushOutcome = { readonly kind: 'pushed'; readonly digest: Digest } | { readonly kind: 'failed'; readonly error: string }

/**
 * Reads the engine's answer to a push to its end. It is a success only when it names the digest of that tag.
 *
 * @throws transient when it ends before that
 */
export async function readPush(stream: AsyncIterable<Buffer>, tag: string, onLine: (line: string) => void): Promise<PushOutcome> {
  let digest: Digest | null = null
  for await (const message of engineMessages(stream)) {
    const error = errorOf(message)
    if (error !== null) return { kind: 'failed', error }
    if (message.status !== undefined) onLine(`push: ${message.id === undefined ? '' : `${message.id}: `}${message.status}`)
    const { aux } = message
    if (aux?.Tag === tag && aux.Digest !== undefined && parseDigest(aux.Digest).ok) digest = aux.Digest
  }
  if (digest === null) throw transient('the Docker engine ended the push before it named a digest. Was it stopped?')
  return { kind: 'pushed', digest }
}
