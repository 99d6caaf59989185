import type { Candidate } from '../../domain/candidate.ts'

/** `DIGEST_<SERVICE>` for each image of the candidate, as compose files and placed scripts read it. */
export function digestVariables(candidate: Candidate): Readonly<Record<string, string>> {
  return Object.fromEntries(candidate.images.map(({ service, digest }) => [`DIGEST_${service.toUpperCase().replaceAll('-', '_')}`, digest]))
}
