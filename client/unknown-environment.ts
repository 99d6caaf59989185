import { notFound, type CliError } from './exit.ts'

/** Of an environment that is not known: those that are, and first the one that was probably meant. */
export async function unknownEnvironment(project: string, name: string, known: readonly string[]): Promise<CliError> {
  const { nearest } = await import('../config/mistakes/nearest.ts')
  const meant = nearest(name, known)
  const others = known.length === 0 ? 'none is known yet' : `there are: ${known.join(', ')}`
  return notFound(`${project} has no environment ${name}; ${meant === null ? '' : `did you mean ${meant}? `}${others}`, ['slipway env'])
}
