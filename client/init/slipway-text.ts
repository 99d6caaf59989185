import type { Findings } from './find.ts'

/** A commented slipway.yaml with what was found; what was not found stands there as a comment to fill in. */
export function slipwayText(found: Findings): string {
  return `${[
    '# slipway.yaml: what is built from this repository, and what it holds for each environment. It is read at the',
    "# revision that is built or deployed. Where it runs, and with which credentials, is the operator's: estate.yaml.",
    `project: ${found.project}`,
    '',
    '# One entry for each image: its name in the registry, the folder that is sent to the engine, the Dockerfile in it.',
    'services:',
    ...(found.services.length === 0
      ? [
          '  # no Dockerfile was found: this one is to be written',
          ...service({ name: found.project, image: `${found.project}/${found.project}`, context: '.', dockerfile: 'Dockerfile' }),
        ]
      : []),
    ...found.services.flatMap(service),
    '    # A command before the image build, in an emptied environment:',
    '    # prebuild: { run: dotnet publish -c release -o publish/ }',
    '',
    ...environments(found),
  ].join('\n')}\n`
}

function service({ name, image, context, dockerfile }: Findings['services'][number]): string[] {
  return [
    `  ${name}:`,
    `    image: ${image}`,
    `    context: ${quoted(context)}`,
    ...(dockerfile === 'Dockerfile' ? [] : [`    dockerfile: ${dockerfile}`]),
  ]
}

function environments({ compose, overlays }: Findings): string[] {
  const entries = [
    ...(compose === null ? [] : [`  integration: { compose: { file: ${compose.file} } }`]),
    ...overlays.map((overlay) => `  ${overlay.name}: { kustomize: { overlay: ${overlay.folder} } }`),
  ]
  if (entries.length > 0) return ['# What this repository holds for each environment of the estate.', 'environments:', ...entries]
  return [
    '# What this repository holds for each environment of the estate; neither compose file nor overlay was found.',
    '# environments:',
    '#   integration: { compose: { file: docker-compose.yml } }',
    '#   alpha: { kustomize: { overlay: deploy/overlays/alpha } }',
    '#   prod: { kustomize: { overlay: deploy/overlays/prod } }',
  ]
}

function quoted(path: string): string {
  return path === '.' ? "'.'" : path
}
