import { z } from 'zod'
import { name } from './names.ts'

/** The parts of estate.yaml that say who people are, and what they may do. */

const PERSON = 'a name of at most 100 characters on one line'

/** As a person is called in approvals and records, and in the signers' file. */
export const personName = z
  .string()
  .regex(/^(?! )[^\p{C}\p{Zl}\p{Zp}]{1,100}$/u, PERSON)
  .refine((text) => text !== '__proto__' && text !== 'constructor', 'another name than "constructor" and "__proto__"')

const address = z
  .string()
  .max(200)
  .regex(/^[^\s<>@,]+@[^\s<>@,]+$/, 'an e-mail address')

export const person = z.strictObject({
  emails: z.array(address).min(1).max(20).describe('The addresses that git knows this person by, and that the signers may list.'),
})

const names = (most: number) => z.array(personName).max(most)

export const people = z.record(personName, person)

export const groups = z.record(name, names(100).min(1, 'at least one person'))

export const roles = z.strictObject({
  developer: names(100).optional().describe('Lists features, asks for hotfixes, tries again what failed. People or groups.'),
  qa: names(100).optional().describe('Signs off.'),
  'release-manager': names(100).optional().describe('Starts, cuts, tags, finishes and aborts sprints, rolls back, takes over.'),
  approver: names(100).optional().describe('Approves and rejects where an environment names no approvers of its own.'),
  admin: names(100).optional().describe('May everything but approve where an environment names its approvers.'),
})

export const approval = z.strictObject({
  count: z.number().int().min(1).max(20).default(1).describe('So many different people have to approve.'),
  required: names(20).default([]).describe('People without whom nothing is approved here, however many others approve.'),
  author: z
    .boolean()
    .optional()
    .describe('Whether somebody who wrote some of what is released may approve it. Default: not where people have to sign.'),
  tagger: z.boolean().optional().describe('Whether who made the release tag may approve it. Default: not where people have to sign.'),
  expiresHours: z.number().min(0.1).max(8760).default(24).describe('An approval that is older lapses.'),
  reason: z.boolean().default(false).describe('An approval has to say why.'),
  verified: z
    .boolean()
    .optional()
    .describe("What people say to this environment counts only when it is signed. Default: the project's `verified`."),
})
