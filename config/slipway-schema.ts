import { z } from 'zod'
import { imageRepository, name, repositoryPath, seconds, variableName } from './names.ts'

/** slipway.yaml: what the team says about its project. Read at the candidate's revision; never trusted with a policy. */

const prebuild = z.strictObject({
  run: z.string().min(1).describe('A shell command, run in the service\'s checkout before the image build, such as "dotnet publish … -o publish/".'),
  inputs: z
    .array(repositoryPath)
    .min(1)
    .optional()
    .describe('Files and folders that the command reads. The image is built again only when they change. Default: the whole repository.'),
  timeoutSeconds: seconds(1, 7200).default(900).describe('After this long the command is ended and the build fails.'),
})

const service = z.strictObject({
  image: imageRepository.describe('The image repository below the registry that the estate names, such as eap/website.'),
  context: repositoryPath.default('.').describe('The folder that is sent to the Docker engine.'),
  dockerfile: repositoryPath.default('Dockerfile').describe('The Dockerfile, relative to the context.'),
  target: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/).optional().describe('The stage of a multi-stage Dockerfile to build. Default: the last.'),
  args: z.record(variableName, z.string()).default({}).describe('Build arguments. The estate can add or override them.'),
  prebuild: prebuild.optional().describe('A command that runs before the image build.'),
})

const composeParts = z.strictObject({
  file: repositoryPath.default('docker-compose.yml').describe('The compose file in the repository.'),
  services: z.array(name).min(1).optional().describe('The compose services to bring up. Default: every service of this file that compose knows.'),
})

const kustomizeParts = z.strictObject({
  overlay: repositoryPath.describe('The folder with the overlay\'s kustomization.yaml.'),
})

const environment = z.strictObject({
  compose: composeParts.optional().describe('Where the compose file lies, for an environment with a compose target.'),
  kustomize: kustomizeParts.optional().describe('Where the overlay lies, for an environment with a kustomize target.'),
})

export const slipwaySchema = z
  .strictObject({
    project: name.describe('The project\'s name; the estate lists it under the same name.'),
    services: z.record(name, service).describe('One entry for each image built from this repository.'),
    environments: z.record(name, environment).default({}).describe('What this repository holds for each environment of the estate.'),
  })
  .refine((file) => Object.keys(file.services).length > 0, { path: ['services'], message: 'at least one service' })
  .refine((file) => new Set(Object.values(file.services).map((each) => each.image)).size === Object.keys(file.services).length, {
    path: ['services'],
    message: 'a different image repository for every service',
  })

export type SlipwayFile = z.output<typeof slipwaySchema>
export type ServiceConfig = SlipwayFile['services'][string]
export type EnvironmentParts = SlipwayFile['environments'][string]
