import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { transient } from '../failure.ts'
import type { GitCommand } from './run-git.ts'

export type ObjectInfo = { readonly id: string; readonly type: 'commit' | 'tree' | 'blob' | 'tag'; readonly bytes: number }

/**
 * Reads objects of one mirror through a `git cat-file` that stays: a question costs a fraction of a millisecond instead of
 * a process. The process starts with the first question and ends after a while without one, or with the worker.
 */
export type ObjectReader = {
  /** Null when there is no such object. `name` is as git writes it, such as `<sha>:<path>`, without a newline. */
  readonly info: (name: string, signal: AbortSignal) => Promise<ObjectInfo | null>
  /** The whole content: ask for its size before. */
  readonly contents: (name: string, signal: AbortSignal) => Promise<{ readonly info: ObjectInfo; readonly content: Buffer } | null>
  readonly close: () => void
}

type Options = {
  readonly command: GitCommand
  readonly cwd: string
  readonly environment: Readonly<Record<string, string>>
  readonly idleMs?: number
  readonly timeoutMs?: number
}

export function createObjectReader(options: Options): ObjectReader {
  let process: BatchProcess | null = null
  const ask = async (verb: 'info' | 'contents', name: string, signal: AbortSignal): Promise<Answer | null> => {
    signal.throwIfAborted()
    if (/[\n\0]/.test(name)) return null
    if (process === null || process.ended()) process = startBatch(options)
    return process.ask(verb, name, signal)
  }
  return {
    info: async (name, signal) => (await ask('info', name, signal))?.info ?? null,
    contents: async (name, signal) => {
      const answer = await ask('contents', name, signal)
      return answer === null ? null : { info: answer.info, content: answer.content ?? Buffer.alloc(0) }
    },
    close: () => process?.end(),
  }
}

type Answer = { readonly info: ObjectInfo; readonly content: Buffer | null }
type Question = {
  readonly verb: 'info' | 'contents'
  readonly resolve: (answer: Answer | null) => void
  readonly reject: (error: unknown) => void
  readonly timer: NodeJS.Timeout
}
type BatchProcess = {
  readonly ask: (verb: Question['verb'], name: string, signal: AbortSignal) => Promise<Answer | null>
  readonly end: () => void
  readonly ended: () => boolean
}

function startBatch({ command, cwd, environment, idleMs = 30_000, timeoutMs = 30_000 }: Options): BatchProcess {
  const child = spawn('git', command.args, { cwd, env: environment, stdio: ['pipe', 'pipe', 'pipe'] })
  const questions: Question[] = []
  let stderr = ''
  let over = false
  let idle: NodeJS.Timeout | undefined

  const end = () => {
    over = true
    clearTimeout(idle)
    child.stdin.end()
  }
  const failAll = (why: string) => {
    over = true
    clearTimeout(idle)
    for (const { reject, timer } of questions.splice(0)) {
      clearTimeout(timer)
      reject(transient(`The mirror's objects could not be read: ${why}; it is tried again.`))
    }
  }
  const rest = () => {
    hold(child, false)
    idle = setTimeout(end, idleMs).unref()
  }
  const answer = (given: Answer | null) => {
    const question = questions.shift()
    if (!question) return
    clearTimeout(question.timer)
    question.resolve(given)
    if (questions.length === 0) rest()
  }

  const read = createParser(() => questions[0]?.verb === 'contents', answer)
  child.stdout.on('data', read)
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-2000)
  })
  child.stdin.on('error', () => {})
  child.on('error', (error) => failAll(error.message))
  child.on('close', () => failAll(stderr.trim() || 'git ended'))
  rest()

  return {
    ended: () => over,
    end,
    ask: (verb, name, signal) =>
      new Promise((resolve, reject) => {
        clearTimeout(idle)
        hold(child, true)
        const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
        // An aborted question is still answered by git, to nobody.
        const abort = () => reject(signal.reason as Error)
        signal.addEventListener('abort', abort, { once: true })
        const settle =
          <T>(give: (value: T) => void) =>
          (value: T) => {
            signal.removeEventListener('abort', abort)
            give(value)
          }
        questions.push({ verb, timer, resolve: settle(resolve), reject: settle(reject) })
        child.stdin.write(`${verb} ${name}\n`)
      }),
  }
}

/** A process that only waits for questions keeps no worker from ending. */
function hold(child: ChildProcessWithoutNullStreams, held: boolean): void {
  const way = held ? 'ref' : 'unref'
  child[way]()
  for (const stream of [child.stdin, child.stdout, child.stderr]) {
    if ('ref' in stream && 'unref' in stream) (stream[way] as () => void).call(stream)
  }
}

/** Takes git's answers apart: a line, and after it the content and a newline when it was asked for. */
function createParser(wantsContent: () => boolean, give: (answer: Answer | null) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = []
  let length = 0
  let info: ObjectInfo | null = null
  const take = (bytes: number): Buffer => {
    const all = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
    chunks = bytes < all.length ? [all.subarray(bytes)] : []
    length = all.length - bytes
    return all.subarray(0, bytes)
  }
  return (chunk) => {
    chunks.push(chunk)
    length += chunk.length
    for (;;) {
      if (info !== null) {
        if (length < info.bytes + 1) return
        const content = Buffer.from(take(info.bytes + 1).subarray(0, info.bytes))
        const answer = { info, content }
        info = null
        give(answer)
        continue
      }
      const all = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
      chunks = all.length === 0 ? [] : [all]
      const newline = all.indexOf(0x0a)
      if (newline < 0) return
      const found = parseInfo(
        take(newline + 1)
          .subarray(0, newline)
          .toString('utf8'),
      )
      if (found !== null && wantsContent()) info = found
      else give(found === null ? null : { info: found, content: null })
    }
  }
}

export function parseInfo(line: string): ObjectInfo | null {
  const match = /^([0-9a-f]{40,64}) (commit|tree|blob|tag) (\d+)$/.exec(line)
  return match ? { id: match[1]!, type: match[2] as ObjectInfo['type'], bytes: Number(match[3]) } : null
}
