import type { EnvironmentSettings } from '../../domain/settings.ts'
import { span, type Line } from './span.ts'

const ANSWERS = [
  ['plan', 'a plan beforehand'],
  ['status', 'drift'],
  ['restore', 'the configuration of an earlier deployment on a way back, which brings its images alone'],
] as const

/** What a placed script does not promise; nothing where the target is another one. */
export function scriptLines({ target, answers = [] }: Pick<EnvironmentSettings, 'target' | 'answers'>): Line[] {
  if (target !== 'script') return []
  const missing = ANSWERS.filter(([word]) => !answers.includes(word)).map(([, what]) => what)
  const lines = [
    'what it did is known by its exit code; its TAG names the approved digests before it runs and after it',
    `not available: ${['the digests that run', 'pruning', ...missing].join('; ')}`,
  ]
  return lines.map((line) => [span(`  ${line}`, 'dim')])
}
