import { composeProject } from '../../config/compose-project.ts'
import { quoted } from '../../domain/parsed.ts'
import { permanent } from '../failure.ts'
import type { ComposeFile } from './compose-file.ts'
import { interpolate } from './interpolate.ts'
import type { ComposeTargetEstate } from './target.ts'

type OwnProject = {
  readonly file: Pick<ComposeFile, 'name'>
  /** The compose file in words. */
  readonly where: string
  readonly estate: Pick<ComposeTargetEstate, 'directory' | 'project'>
  readonly variables: Readonly<Record<string, string>>
}

/**
 * Which compose project is written to is the operator's to say: by a name of its own a compose file would get hold of what
 * another project runs on the host. Where the estate names the project, that counts, as `-p` does for compose; where it does
 * not, a file that wants another name than the folder's is refused, for somebody has to choose.
 *
 * @throws a permanent `InvalidConfiguration`
 */
export function refuseOtherProject({ file, where, estate, variables }: OwnProject): void {
  if (file.name === null || estate.project !== undefined) return
  const own = composeProject(estate)
  const { text, missing } = interpolate(file.name, variables)
  if (missing.length === 0 && text === own) return
  throw permanent(
    'InvalidConfiguration',
    `expected ${where} to be of the compose project ${own}, as the folder ${estate.directory} is called; found that it names itself ${quoted(text === '' ? file.name : text)}. Take its "name" out, or let the operator say which project it is in the estate (target.compose.project)`,
  )
}
