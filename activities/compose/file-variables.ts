import type { ComposeContent } from './content.ts'
import { overrideFile } from './override-file.ts'
import type { Placed } from './placed.ts'

/**
 * Which compose files a script on the host works with: those that are placed there or the one of the revision, and over
 * them the images by digest.
 *
 * @param once a service that is to be run once
 */
export function fileVariables(content: ComposeContent, placed: Placed | null, once: string | null = null): Record<string, string> {
  return {
    SLIPWAY_PLACED: placed?.files.join(' ') ?? '',
    SLIPWAY_FILE: content.file ?? '',
    SLIPWAY_OVERRIDE: overrideFile(placed?.overrides ?? content.overrides, placed ? placed.format : content.format, once),
  }
}
