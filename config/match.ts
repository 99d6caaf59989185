import { quoted } from '../domain/parsed.ts'
import { readDocument } from './yaml/document.ts'
import { fittingHooks } from './match-hooks.ts'
import { foreignImages } from './match-images.ts'
import type { EnvironmentEstate, EstateFile, ProjectEstate } from './estate-schema.ts'
import { nearest } from './mistakes/nearest.ts'
import { inOrder, placed } from './mistakes/place.ts'
import type { ConfigProblem, Mistake } from './problem.ts'
import type { ConfigSource } from './read.ts'
import type { EnvironmentParts, SlipwayFile } from './slipway-schema.ts'

/**
 * Whether the team's file and the operator's speak of the same project: names, and what each target needs from the
 * repository. Empty when they fit. `source` is the text of slipway.yaml, for line and column; without it they are 1.
 */
export function matchProject(
  slipway: SlipwayFile,
  estate: ProjectEstate,
  projectName: string,
  source: ConfigSource = { file: 'slipway.yaml', text: '' },
): readonly ConfigProblem[] {
  const mistakes = [
    ...sameName(slipway, projectName),
    ...Object.entries(slipway.environments).flatMap(([name, parts]) => fittingParts(name, parts, estate)),
    ...Object.entries(estate.environments).flatMap(([name, each]) => neededParts(name, each, slipway)),
  ]
  return inFile(mistakes, source)
}

/** Whether every image is the project's to write, judged before one is built. `source` as above. */
export function matchImages(
  slipway: SlipwayFile,
  projects: EstateFile['projects'],
  projectName: string,
  source: ConfigSource = { file: 'slipway.yaml', text: '' },
): readonly ConfigProblem[] {
  return inFile(foreignImages(slipway, projects, projectName), source)
}

function inFile(mistakes: readonly Mistake[], { file, text }: ConfigSource): readonly ConfigProblem[] {
  const { locate } = readDocument(text)
  return inOrder(mistakes.map((each) => placed(file, each, locate(each.path, each.at))))
}

function sameName(slipway: SlipwayFile, projectName: string): readonly Mistake[] {
  if (slipway.project === projectName) return []
  const expected = `"${projectName}", as the estate calls the project of this repository`
  return [{ kind: 'value', path: ['project'], at: 'value', found: quoted(slipway.project), expected }]
}

/** What the file holds for an environment is for one that exists and for the kind of target that it has. */
function fittingParts(name: string, parts: EnvironmentParts, estate: ProjectEstate): readonly Mistake[] {
  const path = ['environments', name]
  const names = Object.keys(estate.environments)
  const environment = Object.hasOwn(estate.environments, name) ? estate.environments[name] : undefined
  if (!environment) {
    const near = nearest(name, names)
    return [
      {
        kind: 'value',
        path,
        at: 'key',
        found: `the environment "${name}"`,
        expected: names.length === 0 ? 'none, as the estate has none for this project' : `one of the estate's: ${names.join(', ')}`,
        hint: near === null ? 'take it out, or have it added to the estate' : `did you mean "${near}"?`,
      },
    ]
  }
  const kind = kindOf(environment)
  const foreign = (['compose', 'kustomize'] as const)
    .filter((each) => parts[each] !== undefined && each !== kind)
    .map((each): Mistake => ({
      kind: 'value',
      path: [...path, each],
      at: 'key',
      found: `"${each}" for an environment with a ${kind} target`,
      expected: kind === 'script' ? 'nothing, as the script is placed on the host' : `"${kind}"`,
    }))
  return [...foreign, ...fittingHooks(name, parts, { target: kind, commandHooks: environment.commandHooks === true })]
}

/** Only an overlay has no default: compose looks for docker-compose.yml, a placed script needs nothing from here. */
function neededParts(name: string, environment: EnvironmentEstate, slipway: SlipwayFile): readonly Mistake[] {
  if (kindOf(environment) !== 'kustomize' || slipway.environments[name]?.kustomize) return []
  return [
    {
      kind: 'missing',
      path: ['environments', name, 'kustomize', 'overlay'],
      at: 'key',
      found: 'nothing',
      expected: `the folder of the overlay, as the estate deploys "${name}" by kustomize`,
    },
  ]
}

function kindOf({ target }: EnvironmentEstate): 'compose' | 'kustomize' | 'script' {
  if ('compose' in target) return 'compose'
  return 'kustomize' in target ? 'kustomize' : 'script'
}
