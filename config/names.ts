import { z } from 'zod'
import { isImageRepository } from '../domain/image-reference.ts'
import { parseRefName } from '../domain/ref-name.ts'

/** A name that becomes part of workflow ids, task queues, container and object names. */
export const name = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, 'a name of lower-case letters, digits and "-", at most 40')

/** A path below the repository's root: relative, without `..`, without a leading `/`. */
export const repositoryPath = z
  .string()
  .min(1)
  .max(300)
  .refine(
    (path) => !path.startsWith('/') && !path.split('/').includes('..') && !/[\0\n\r\\]/.test(path),
    'a relative path inside the repository, without ".."',
  )

export const imageRepository = z
  .string()
  .refine(isImageRepository, 'an image repository such as eap/website, without registry and tag')

export const refName = z.string().refine((text) => parseRefName(text).ok, 'a branch name of letters, digits, ".", "_", "-" and "/"')

/** The name of an environment variable. */
export const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable')

export const seconds = (least: number, most: number) => z.number().int().min(least).max(most)
