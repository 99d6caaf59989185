import { z } from 'zod'
import { isImageRepository } from '../domain/image-reference.ts'
import { parseRefName } from '../domain/ref-name.ts'

const NAME = 'a name of lower-case letters, digits and "-", at most 40, with a letter or digit at both ends'

/**
 * A name that becomes part of workflow ids, task queues, container and object names. `constructor` is refused because
 * every JavaScript object has one: a look-up by that name would find it where nothing was configured.
 */
export const name = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, NAME)
  .refine((text) => text !== 'constructor', 'another name than "constructor"')

const PATH = 'a relative path inside the repository, without ".." and not beginning with "-" or ":"'

/** A path below the repository's root: relative, without `..`, nothing that git or a command would read as an option. */
export const repositoryPath = z
  .string()
  .min(1, PATH)
  .max(300, 'a path of at most 300 characters')
  .refine((path) => !/^[/:-]/.test(path) && !path.split('/').includes('..') && !/[\p{C}\\]/u.test(path), PATH)

export const imageRepository = z.string().refine(isImageRepository, 'an image repository such as eap/website, without registry and tag')

export const refName = z.string().refine((text) => parseRefName(text).ok, 'a branch name of letters, digits, ".", "_", "-" and "/"')

/** The name of an environment variable. */
export const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable')

/** What a variable or a build argument can hold: anything but NUL, with which no process can be started. */
export const variableValue = z.string().regex(/^[^\0]*$/, 'text without NUL characters')

/** A path on the worker's machine. `~` is refused, since no shell is there to expand it. */
export const localPath = z
  .string()
  .min(1, 'a path')
  .max(1000, 'a path of at most 1000 characters')
  .regex(/^[^~\0\n\r][^\0\n\r]*$/, 'a path, absolute or relative to this file; "~" is not expanded')

export const seconds = (least: number, most: number) => z.number().int().min(least).max(most)
