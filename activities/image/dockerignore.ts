import { posix } from 'node:path'
import { quoted } from '../../domain/parsed.ts'
import { permanent } from '../failure.ts'
import { compileGlob } from './glob.ts'

type Rule = {
  readonly pattern: string
  /** `!pattern`: lets in what an earlier one leaves out. */
  readonly exception: boolean
  readonly matches: (path: string) => boolean
}

/** Which rules match a folder: they match all below it, too. */
export type RuleMatches = readonly boolean[]

export type IgnoreRules = {
  /** `path` is relative to the context, with `/`; `parent` is what this gave for its folder, null at the top. */
  readonly judge: (path: string, parent: RuleMatches | null) => { readonly ignored: boolean; readonly matches: RuleMatches }
  /** True when something below an ignored folder may be let in, so that one has to look there. */
  readonly mayLetIn: (folder: string) => boolean
}

const MOST_RULES = 1000
const MOST_CHARACTERS = 400

/**
 * The rules of a .dockerignore with docker's meaning: the last rule that matches a path or a folder above it wins, and
 * the case of letters counts.
 *
 * @param name how messages call the file
 * @throws permanent `InvalidConfiguration` for a pattern that is none
 */
export function readIgnoreRules(text: string, name: string): IgnoreRules {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const rules = lines.flatMap((line, index) => readRule(line, `${name}, line ${index + 1}`) ?? [])
  if (rules.length > MOST_RULES)
    throw permanent('InvalidConfiguration', `${name}: expected at most ${MOST_RULES} patterns, found ${rules.length}.`)
  const exceptions = rules.filter((rule) => rule.exception).map((rule) => rule.pattern)
  return {
    judge: (path, parent) => {
      const matches = rules.map((rule, index) => parent?.[index] === true || rule.matches(path))
      const last = matches.lastIndexOf(true)
      return { ignored: last >= 0 && rules[last]?.exception === false, matches }
    },
    mayLetIn: (folder) => exceptions.some((pattern) => /[*?[\\]/.test(pattern) || `${pattern}/`.startsWith(`${folder}/`)),
  }
}

function readRule(line: string, where: string): Rule | null {
  if (line.startsWith('#')) return null
  const exception = line.trim().startsWith('!')
  const written = exception ? line.trim().slice(1).trim() : line.trim()
  if (written === '' && !exception) return null
  const pattern = posix
    .normalize(written === '' ? '.' : written)
    .replace(/(?<=.)\/$/, '')
    .replace(/^\/(?=.)/, '')
  const matches = written === '' || written.length > MOST_CHARACTERS ? null : compileGlob(pattern)
  if (!matches)
    throw permanent(
      'InvalidConfiguration',
      `${where}: expected a pattern such as "**/node_modules" of at most ${MOST_CHARACTERS} characters, found ${quoted(line)}.`,
    )
  return { pattern, exception, matches }
}
