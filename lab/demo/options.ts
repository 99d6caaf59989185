import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

export type DemoOptions = {
  /** Leave everything running at the end, the worker too. */
  readonly keep: boolean
  /** The sample project's name. */
  readonly project: string
  /** Passed on to `npm run lab -- up`. */
  readonly labArguments: readonly string[]
}

export const usage = `npm run demo [-- OPTION…]

Ships a sample project through the whole life of its releases, on real parts, with nobody typing.

  --keep              leave everything running at the end, with commands to try
  --project NAME      another name for the sample (default: website), so that two can stand beside each other
  --kubeconfig FILE   use this cluster instead of the lab's own
  --own               use nothing that this machine already has running or on the PATH
  --help              this
`

/**
 * @param folder where the person stands, for a relative --kubeconfig
 * @throws an error whose message says what is wrong with the command line
 */
export function parseOptions(args: readonly string[], folder: string): DemoOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      keep: { type: 'boolean', default: false },
      project: { type: 'string', default: 'website' },
      kubeconfig: { type: 'string' },
      own: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  const { keep, project, kubeconfig, own } = values
  if (!/^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$/.test(project)) {
    throw new Error(`--project is "${project}"; expected lower-case letters, digits and "-", at most 30`)
  }
  return {
    keep,
    project,
    labArguments: [...(kubeconfig === undefined ? [] : ['--kubeconfig', resolve(folder, kubeconfig)]), ...(own ? ['--own'] : [])],
  }
}
