import { z } from 'zod'
import { name, repositoryPath, seconds, variableValue } from './names.ts'

/** What slipway.yaml says is run before and after a deployment: the place for migrations. */

/** compose allows more in its service names than Slipway does in its own. */
export const composeService = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'the name of a service in the compose file')

const argument = variableValue.max(4000, 'an argument of at most 4000 characters')

/** No shell reads it: every argument arrives as it is written. */
const argv = z
  .array(argument)
  .min(1, 'a command with its arguments')
  .max(100, 'at most 100 arguments')
  .refine(([program]) => program !== '', 'a program in the first place')

const hookName = name.describe('Unique among the hooks of the environment, before and after taken together.')

const timeoutSeconds = seconds(1, 7200).default(600).describe('After so many seconds it is ended where it runs, and has failed.')

const hook = z.union([
  z.strictObject({
    name: hookName,
    job: repositoryPath.describe(
      'For a kustomize target: the file with the manifest of one Job, relative to the repository. Images of the services are replaced by digest.',
    ),
    timeoutSeconds,
  }),
  z.strictObject({
    name: hookName,
    compose: z
      .strictObject({
        service: composeService.describe('The service of the compose file whose image, variables and networks it gets.'),
        command: argv.optional().describe("The command with its arguments, each as it is written. Default: the service's own."),
      })
      .describe('For a compose target: run once in a container of its own, as docker-compose run does.'),
    timeoutSeconds,
  }),
  z.strictObject({
    name: hookName,
    command: argv.describe(
      "For a compose or script target: a command with its arguments, each as it is written, run on the host in the target's folder or the user's home. TAG and DIGEST_<SERVICE> are exported to it.",
    ),
    timeoutSeconds,
  }),
])

export const hooks = z.strictObject({
  before: z.array(hook).max(20, 'at most 20 hooks').default([]).describe('Run one after another before anything is changed.'),
  after: z.array(hook).max(20, 'at most 20 hooks').default([]).describe('Run one after another once the deployment is verified.'),
})

export const irreversible = z.strictObject({
  name: name.describe('Two revisions that name the same one lie on the same side of it.'),
  reason: z
    .string()
    .regex(/^[^\p{C}]*[^\p{C}\s][^\p{C}]*$/u, 'a sentence on one line')
    .max(300, 'a sentence of at most 300 characters')
    .describe('What is lost by going back, for whoever wants to.'),
})

export type HookConfig = z.output<typeof hook>
