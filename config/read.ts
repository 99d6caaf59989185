import type { z } from 'zod'
import { readDocument } from './yaml/document.ts'
import { estateSchema, type EstateFile } from './estate-schema.ts'
import { hashOf } from './hash.ts'
import { findMistakes } from './mistakes/find.ts'
import { inOrder, placed } from './mistakes/place.ts'
import type { ConfigProblem, ConfigResult, Found, Mistake, Path } from './problem.ts'
import { prune } from './mistakes/prune.ts'
import { estateRules, slipwayRules } from './rules/all.ts'
import type { Draft, Rule } from './rules/rule.ts'
import { slipwaySchema, type SlipwayFile } from './slipway-schema.ts'

/** The two files: slipway.yaml in the team's repository, estate.yaml beside the worker. */
export type ConfigKind = 'slipway' | 'estate'

/** A file's text, and the name that messages give it. */
export type ConfigSource = { readonly text: string; readonly file: string }

/**
 * Reads a configuration file's text: YAML, then the schema, then the rules that no schema can say. All mistakes are
 * reported at once, in the order of the file. Never throws, whatever the text is: slipway.yaml comes from a branch.
 */
export function parseConfig(kind: 'slipway', source: ConfigSource): ConfigResult<SlipwayFile>
export function parseConfig(kind: 'estate', source: ConfigSource): ConfigResult<EstateFile>
export function parseConfig(kind: ConfigKind, source: ConfigSource): ConfigResult<SlipwayFile | EstateFile> {
  return kind === 'slipway' ? read(slipwaySchema, slipwayRules, source) : read(estateSchema, estateRules, source)
}

function read<T>(schema: z.ZodType<T>, rules: readonly Rule<T>[], { text, file }: ConfigSource): ConfigResult<T> {
  const { data, faults, locate, sourceOf } = readDocument(text)
  if (data === undefined) return failed(faults.map((each) => placed(file, each, each.position)))
  const unreadable = new Set(faults.map((each) => JSON.stringify(each.path)))
  const unfit = findMistakes(schema, data, [], sourceOf)
  // A value that could not be read is not missing as well.
  const told = unfit.filter((each) => each.kind !== 'missing' || !unreadable.has(JSON.stringify(each.path)))
  const judged = judge(rules, data, unfit)
  const mistakes = [
    ...faults.map((each) => placed(file, each, each.position)),
    ...[...told, ...judged].map((each) => placed(file, each, locate(each.path, each.at))),
  ]
  if (mistakes.length > 0) return failed(mistakes)
  const value = schema.parse(data)
  return { ok: true, value, hash: hashOf(value) }
}

/** The rules, on what is left of the file when everything that is known to be wrong is taken out. */
function judge<T>(rules: readonly Rule<T>[], data: unknown, unfit: readonly Found[]): readonly Mistake[] {
  const wrong = unfit.map((each) => each.path)
  const spoilt = new Set([...wrong, ...unfit.flatMap((each) => (each.meant ? [each.meant] : []))].map((path) => JSON.stringify(path)))
  const rest = prune(data, wrong)
  if (rest === undefined) return []
  // What the schema refuses is gone, so all that is still there has the schema's form.
  const draft = rest as Draft<T>
  return rules.flatMap((rule) => rule(draft, { spoilt: (path: Path) => spoilt.has(JSON.stringify(path)) }))
}

function failed(problems: readonly ConfigProblem[]): { ok: false; problems: readonly ConfigProblem[] } {
  return { ok: false, problems: inOrder(problems) }
}
