import { resolve } from 'node:path'

export type TestOptions = {
  /** As for `npm run lab -- up`. */
  readonly lab: { readonly kubeconfig?: string; readonly own: boolean }
  /** Everything else: which tests, and how. */
  readonly vitest: readonly string[]
}

/**
 * What the lab is told and what vitest is told: the lab's own words are `--kubeconfig FILE` and `--own`, as with the demo.
 *
 * @param folder where the person stands, for a relative FILE
 * @throws an error whose message says what is wrong with the command line
 */
export function testOptions(args: readonly string[], folder: string): TestOptions {
  const vitest: string[] = []
  let lab: TestOptions['lab'] = { own: false }
  for (let at = 0; at < args.length; at++) {
    const [word, value] = splitOnce(args[at]!)
    if (word === '--own') lab = { ...lab, own: true }
    else if (word !== '--kubeconfig') vitest.push(args[at]!)
    else {
      const file = value ?? args[++at]
      if (file === undefined || file === '' || file.startsWith('-'))
        throw new Error('--kubeconfig needs a file: npm test -- --kubeconfig FILE')
      lab = { ...lab, kubeconfig: resolve(folder, file) }
    }
  }
  return { lab, vitest }
}

function splitOnce(argument: string): [string, string?] {
  const at = argument.indexOf('=')
  return at === -1 ? [argument] : [argument.slice(0, at), argument.slice(at + 1)]
}
