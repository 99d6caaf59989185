import { z } from 'zod'
import { composeService, hooks, irreversible } from './hooks-schema.ts'
import { imageRepository, name, repositoryPath, seconds, variableName, variableValue } from './names.ts'

/** slipway.yaml: what the team says about its project. Read at the candidate's revision; never trusted with a policy. */

const prebuild = z.strictObject({
  run: z
    .string()
    .regex(/^[^\0]*[^\0\s][^\0]*$/, 'a shell command')
    .describe(
      'A shell command, run before the image build in the root of a checkout that is the service\'s own, such as "dotnet publish … -o publish/". Its environment is emptied: it sees no credentials.',
    ),
  inputs: z
    .array(repositoryPath)
    .min(1)
    .optional()
    .describe(
      'Files and folders that the command reads, relative to the repository. The image is built again only when they change. Default: the whole repository.',
    ),
  timeoutSeconds: seconds(1, 7200).default(900).describe('After this many seconds the command is ended and the build fails.'),
})

const service = z.strictObject({
  image: imageRepository.describe('The image repository below the registry that the estate names, such as eap/website.'),
  context: repositoryPath
    .default('.')
    .describe('The folder that is sent to the Docker engine, relative to the repository. Its .dockerignore is honoured.'),
  dockerfile: repositoryPath.default('Dockerfile').describe('The Dockerfile, relative to the context.'),
  target: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'the name of a stage: letters, digits, ".", "_" and "-"')
    .optional()
    .describe('The stage of a multi-stage Dockerfile to build. Default: the last.'),
  args: z
    .record(variableName, variableValue)
    .default({})
    .describe('Build arguments. The estate can add to them and override them. They stay visible in the image: no secrets.'),
  prebuild: prebuild.optional().describe("A command that runs before the image build, such as the article's dotnet publish."),
})

const composeParts = z.strictObject({
  file: repositoryPath
    .default('docker-compose.yml')
    .describe('The compose file, relative to the repository. Not read where the estate says that it is placed on the host.'),
  services: z
    .array(composeService)
    .min(1)
    .optional()
    .describe('The compose services to bring up. Default: every service of this file that compose knows.'),
})

const kustomizeParts = z.strictObject({
  overlay: repositoryPath.describe("The folder with the overlay's kustomization.yaml, relative to the repository."),
})

const environment = z.strictObject({
  compose: composeParts.optional().describe('What an environment with a compose target takes from this repository.'),
  kustomize: kustomizeParts.optional().describe('What an environment with a kustomize target takes from this repository.'),
  // Both without a default: what has neither keeps the hash that it had before there were any.
  hooks: hooks
    .optional()
    .describe('What is run before and after a deployment, each at most once; never on the way back. Default: nothing.'),
  irreversible: irreversible
    .optional()
    .describe(
      'Says that a migration of this revision cannot be taken back: a rollback across it is refused, unless it is forced. Default: it can.',
    ),
})

export const slipwaySchema = z.strictObject({
  project: name.describe("The project's name; the estate lists it under the same name."),
  services: z
    .record(name, service)
    .refine((services) => Object.keys(services).length > 0, 'at least one service')
    .meta({ minProperties: 1 })
    .describe('One entry for each image that is built from this repository.'),
  environments: z
    .record(name, environment)
    .default({})
    .describe(
      'What this repository holds for each environment of the estate. A compose environment without an entry uses docker-compose.yml; a script environment needs none.',
    ),
})

export type SlipwayFile = z.output<typeof slipwaySchema>
export type ServiceConfig = SlipwayFile['services'][string]
export type EnvironmentParts = SlipwayFile['environments'][string]
