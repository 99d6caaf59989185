import { z } from 'zod'
import { secret } from './estate-access.ts'

/** Where merge requests are opened: a part of estate.yaml. */

const url = z
  .string()
  .max(300)
  .regex(
    /^https?:\/\/[A-Za-z0-9][A-Za-z0-9.-]*(?::\d{1,5})?(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/,
    'an address such as https://git.example or https://git.example/gitea, without user name, password and "/" at the end',
  )

/** No part is "." or "..", and none needs quoting in a URL. */
const SEGMENT = String.raw`\.?[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*`

const gitea = z.strictObject({
  url: url.describe('The address of the Gitea server, such as https://git.example.'),
  repository: z
    .string()
    .max(300)
    .regex(new RegExp(`^${SEGMENT}/${SEGMENT}$`), 'a repository as owner/name, such as eap/website')
    .describe('The repository there, as owner/name.'),
  token: secret.describe('An access token with the scope write:repository, of a user who may read the repository.'),
})

const gitlab = z.strictObject({
  url: url.describe('The address of the GitLab server, such as https://gitlab.example.'),
  project: z
    .string()
    .max(300)
    .regex(new RegExp(`^${SEGMENT}(?:/${SEGMENT})+$`), 'a project with its group, such as eap/website')
    .describe('The project there, with its groups: group/name or group/subgroup/name.'),
  token: secret.describe('An access token with the scope api and the role Developer.'),
})

export const forge = z.union([
  z.strictObject({ gitea: gitea.describe('A repository on a Gitea server.') }),
  z.strictObject({ gitlab: gitlab.describe('A project on a GitLab server.') }),
])
