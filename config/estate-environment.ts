import { z } from 'zod'
import { secret } from './estate-access.ts'
import { approval, personName } from './estate-people.ts'
import { freeze } from './estate-freeze.ts'
import { name, seconds, variableName, variableValue } from './names.ts'

/** One environment of estate.yaml: what feeds it, who decides, where it runs, and how its health is seen. */

const hostFolder = z
  .string()
  .max(300)
  .regex(
    /^\/(?!(?:.*\/)?\.\.(?:\/|$))[A-Za-z0-9._/-]+$/,
    'an absolute folder on the host of letters, digits, ".", "_", "-" and "/", without ".."',
  )

const composeTarget = z.strictObject({
  host: name.describe('One of the hosts of this file.'),
  directory: hostFolder.describe('The folder on the host in which compose runs.'),
  file: z
    .enum(['repository', 'placed'])
    .default('repository')
    .describe('"repository" brings the compose file of the revision; "placed" uses the one that already lies in the folder.'),
  project: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'a compose project name of lower-case letters, digits, "_" and "-"')
    .optional()
    .describe("The compose project name, whatever a compose file calls itself. Default: the folder's name, as compose has it."),
  environment: z
    .record(variableName, z.union([variableValue, secret]))
    .default({})
    .describe('Variables for the compose file: plain text, or a secret by reference ({ env } or { file }).'),
  settleSeconds: z
    .number()
    .min(0)
    .max(600)
    .optional()
    .describe(
      'So many seconds a container has to stay up, from its own start, before a deployment counts as verified; one whose image or compose file has a health check counts by that. Default: 5.',
    ),
  allow: z
    .strictObject({
      paths: z
        .array(hostFolder)
        .optional()
        .describe('Folders of the host that the compose file may name, and what lies below them. Default: none but the directory above.'),
      privileges: z
        .array(z.string().max(100))
        .optional()
        .describe(
          'Services that may ask for privileged, for namespaces of the host, for capabilities, devices and the like. Default: none.',
        ),
    })
    .optional()
    .describe('What a compose file of the repository may ask of the host. Default: nothing. A placed file is not judged.'),
})

const kustomizeTarget = z.strictObject({
  cluster: name.describe('One of the clusters of this file.'),
  namespace: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'a Kubernetes namespace of lower-case letters, digits and "-", at most 63')
    .describe('The namespace that this environment is.'),
  prune: z
    .strictObject({
      volumeClaims: z
        .boolean()
        .optional()
        .describe('Delete a PersistentVolumeClaim that has left the overlay, and with it most often its data. Default: false, it stays.'),
    })
    .optional()
    .describe('What a deployment may delete beside other objects that have left the overlay. Namespaces are never deleted.'),
})

const scriptTarget = z.strictObject({
  host: name.describe('One of the hosts of this file.'),
  command: z
    .string()
    .max(300)
    .regex(/^[A-Za-z0-9._/][A-Za-z0-9._/-]*$/, 'a path of letters, digits, ".", "_", "-" and "/"')
    .describe(
      "The script that is already placed on the host, absolute or relative to the user's home. TAG and DIGEST_<SERVICE> are exported to it.",
    ),
  timeoutSeconds: seconds(1, 7200).default(900).describe('After this many seconds the script is ended and the deployment fails.'),
  answers: z
    .array(z.enum(['plan', 'status', 'restore']))
    .max(3)
    .optional()
    .describe(
      'Words that the script takes as its first argument: "plan" prints what it would do and does nothing, "status" prints what is not as it was applied, "restore" puts the earlier TAG back. Default: none, it is always called without an argument.',
    ),
})

export const target = z.union([
  z.strictObject({ compose: composeTarget.describe('docker-compose on a host, over ssh.') }),
  z.strictObject({ kustomize: kustomizeTarget.describe('A kustomize overlay, applied to a Kubernetes cluster.') }),
  z.strictObject({ script: scriptTarget.describe('A script that is already placed on a host, run over ssh.') }),
])

/** How often and for how long each kind of check is asked. */
const pace = {
  successes: z.number().int().min(1).max(100).default(1).describe('So many good answers in a row.'),
  windowSeconds: z
    .number()
    .min(0)
    .max(3600)
    .optional()
    .describe('The first and the last of them lie at least so many seconds apart. Default: 0, they may come as fast as they do.'),
  timeoutSeconds: seconds(1, 3600).default(60).describe('After so many seconds without success the deployment fails.'),
}

const httpCheck = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'an address that begins with http:// or https://' })
    .refine((text) => !/^[a-z]+:\/\/[^/?#]*@/i.test(text), 'an address without a user name or password')
    .describe('The address that the worker asks after the rollout.'),
  status: z.number().int().min(100).max(599).default(200).describe('The HTTP status of a good answer.'),
  contains: z
    .string()
    .min(1)
    .optional()
    .describe('Text that a good answer contains; {tag} and {revision} stand for the deployed ones. Default: any text is good.'),
  successes: pace.successes,
  windowSeconds: pace.windowSeconds,
  intervalSeconds: z.number().min(0.05).max(60).default(0.25).describe('Seconds from one question to the next.'),
  timeoutSeconds: pace.timeoutSeconds,
})

const commandCheck = z.strictObject({
  command: z
    .array(variableValue.max(4000))
    .min(1)
    .max(50)
    .refine(([program]) => program !== '', 'a program and its arguments')
    .describe(
      'A program and its arguments, without a shell: exit code 0 is a good answer. It gets TAG, REVISION and ENVIRONMENT, and of where it runs PATH and HOME.',
    ),
  on: z
    .enum(['worker', 'host'])
    .default('worker')
    .describe('Where it runs: beside the worker, or on the host of a compose or script target, in the home of its user.'),
  answerSeconds: seconds(1, 600).default(10).describe('One run that takes longer is ended, which is a bad answer.'),
  successes: pace.successes,
  windowSeconds: pace.windowSeconds,
  intervalSeconds: z.number().min(0.05).max(60).default(1).describe('Seconds from one run to the next.'),
  timeoutSeconds: pace.timeoutSeconds,
})

export const health = z.union([httpCheck, commandCheck])

export const environment = z.strictObject({
  from: z
    .enum(['develop', 'release', 'tag'])
    .describe("What feeds it: pushes to develop, pushes to a sprint's release branch, or release tags."),
  deploy: z
    .enum(['automatic', 'approval'])
    .optional()
    .describe('"approval" waits for a person. Default: approval where release tags feed it, automatic otherwise.'),
  approvers: z
    .array(personName)
    .max(100)
    .default([])
    .describe(
      'Who may approve and reject here, people or groups. Empty: the approvers of the project, and where it names no roles, everybody.',
    ),
  approval: approval.optional().describe('What an approval needs here. Default: one approver, whose word counts for a day.'),
  freeze: freeze
    .optional()
    .describe('When nothing is deployed here, whoever asks for it: judged when a deployment would start. Default: never.'),
  target: target.describe('Where it runs: one of compose, kustomize, script.'),
  commandHooks: z
    .boolean()
    .optional()
    .describe(
      'Hooks of slipway.yaml may run commands on the host of a compose or script target, as its user: whoever can push decides what. Default: false.',
    ),
  health: z.array(health).default([]).describe('What is asked after the rollout; all of them have to answer well.'),
  driftSeconds: seconds(0, 604_800)
    .refine((value) => value === 0 || value >= 10, '0, or at least 10')
    .default(900)
    .describe(
      'So often the target is held against what was applied; 0: only when somebody asks. A script target only where it answers status.',
    ),
  rolloutTimeoutSeconds: seconds(1, 7200).default(300).describe('After so many seconds a rollout that is not complete has failed.'),
})
