import { describe, expect, it } from 'vitest'
import { matchImages, matchProject } from '../../config/match.ts'
import { formatProblems } from '../../config/problem.ts'
import { parseConfig } from '../../config/read.ts'
import { change, ESTATE, SLIPWAY } from './texts.ts'

describe('matchProject', () => {
  it('finds nothing where the two files fit', () => {
    expect(problems(SLIPWAY)).toEqual([])
  })

  it.each([
    [
      'another project',
      change(SLIPWAY, 'project: website', 'project: webside'),
      'slipway.yaml:1:10 project: found "webside"; expected "website", as the estate calls the project of this repository',
    ],
    [
      'a kustomize environment without an overlay',
      change(SLIPWAY, 'environments:\n  alpha:\n    kustomize:\n      overlay: deploy/alpha\n', ''),
      'slipway.yaml:1:1 environments.alpha.kustomize.overlay: missing; expected the folder of the overlay, as the estate deploys "alpha" by kustomize',
    ],
    [
      'an entry without the overlay',
      change(SLIPWAY, '    kustomize:\n      overlay: deploy/alpha\n', '    compose: {}\n'),
      'slipway.yaml:6:3 environments.alpha.kustomize.overlay: missing; expected the folder of the overlay, as the estate deploys "alpha" by kustomize',
      'slipway.yaml:7:5 environments.alpha.compose: found "compose" for an environment with a kustomize target; expected "kustomize"',
    ],
    [
      'a misspelt environment',
      `${SLIPWAY}  integratoin:\n    compose: {}\n`,
      'slipway.yaml:9:3 environments.integratoin: found the environment "integratoin"; expected one of the estate\'s: integration, alpha, prod; did you mean "integration"?',
    ],
    [
      'an environment like no other',
      `${SLIPWAY}  elsewhere: {}\n`,
      'slipway.yaml:9:3 environments.elsewhere: found the environment "elsewhere"; expected one of the estate\'s: integration, alpha, prod; take it out, or have it added to the estate',
    ],
    [
      'parts for a placed script',
      `${SLIPWAY}  prod:\n    kustomize: { overlay: x }\n`,
      'slipway.yaml:10:5 environments.prod.kustomize: found "kustomize" for an environment with a script target; expected nothing, as the script is placed on the host',
    ],
    [
      'hooks that the target cannot run',
      `${SLIPWAY}    hooks: { before: [{ name: a, command: [./a] }], after: [{ name: b, compose: { service: web } }] }\n  prod:\n    hooks: { before: [{ name: a, job: job.yaml }] }\n  integration:\n    hooks: { before: [{ name: a, job: job.yaml }] }\n`,
      'slipway.yaml:9:34 environments.alpha.hooks.before[0].command: found the hook "a" with "command" for an environment with a kustomize target; expected "job"',
      'slipway.yaml:9:72 environments.alpha.hooks.after[0].compose: found the hook "b" with "compose" for an environment with a kustomize target; expected "job"',
      'slipway.yaml:11:34 environments.prod.hooks.before[0].job: found the hook "a" with "job" for an environment with a script target; expected "command"',
      'slipway.yaml:13:34 environments.integration.hooks.before[0].job: found the hook "a" with "job" for an environment with a compose target; expected "compose" or "command"',
    ],
  ])('names %s', (_what, text, ...expected) => {
    expect(problems(text)).toEqual(expected)
  })

  it('takes every hook that the target can run', () => {
    const hooks = (kind: string) => `    hooks: { before: [{ name: a, ${kind} }] }\n`
    const integration = `  integration:\n    hooks: { before: [{ name: a, compose: { service: web } }], after: [{ name: b, command: [./b] }] }\n`
    const text = `${SLIPWAY}${hooks('job: job.yaml')}${integration}  prod:\n${hooks('command: [./a]')}`
    const allowing = ESTATE.replaceAll(/from: (develop|tag)/g, 'from: $1\n        commandHooks: true')
    expect(problems(text, allowing)).toEqual([])
    expect(problems(text)).toEqual([
      expect.stringContaining(
        'found the hook "b", a command on the host of integration, where the estate does not let a repository run any; expected "compose", or "commandHooks: true" in the estate',
      ),
      expect.stringContaining('found the hook "a", a command on the host of prod'),
    ])
  })

  it('does without the text, then without line and column', () => {
    const { slipway, website } = parsed(change(SLIPWAY, 'project: website', 'project: other'))
    expect(matchProject(slipway, website, 'website')).toMatchObject([{ file: 'slipway.yaml', line: 1, column: 1, path: 'project' }])
  })
})

describe('matchImages', () => {
  const judged = (image: string, images: { website?: string[]; shop?: string[] }) => {
    const text = change(SLIPWAY, 'eap/website', image)
    const read = parseConfig('slipway', { text, file: 'slipway.yaml' })
    const of = (estate: string[] | undefined) => (estate === undefined ? '' : `\n    images: ${JSON.stringify(estate)}`)
    const website = change(ESTATE, '  website:', `  website:${of(images.website)}`)
    const shop = website.slice(website.indexOf('    repository:'), website.indexOf('      integration:'))
    const other = `  shop:${of(images.shop)}\n${shop}      other:\n        from: develop\n        target:\n          compose: { host: main, directory: /srv/shop }\n`
    const estate = parseConfig('estate', { text: `${website}${other}`, file: 'estate.yaml' })
    if (!read.ok || !estate.ok) throw new Error(formatProblems([...(read.ok ? [] : read.problems), ...(estate.ok ? [] : estate.problems)]))
    return matchImages(read.value, estate.value.projects, 'website', { text, file: 'slipway.yaml' }).map((each) => formatProblems([each]))
  }

  it.each([
    ['none are named', 'shop/api', {}],
    ['it is the one that is given', 'eap/website', { website: ['eap/website'] }],
    ['it lies below', 'eap/website/api', { website: ['eap/website'], shop: ['shop'] }],
    ['another one has its own', 'eap/website', { shop: ['shop'] }],
    ['a name only begins alike', 'eap/website2', { shop: ['eap/website'] }],
  ])('takes an image where %s', (_what, image, images) => {
    expect(judged(image, images)).toEqual([])
  })

  it.each([
    [
      'shop/api',
      { shop: ['shop'] },
      'found "shop/api", which the estate gives to the project "shop"; expected an image repository of its own',
    ],
    ['shop', { shop: ['shop'] }, 'found "shop", which the estate gives to the project "shop"; expected an image repository of its own'],
    ['shop/api', { website: ['eap'], shop: ['shop'] }, 'which the estate gives to the project "shop"'],
    [
      'eap/website2',
      { website: ['eap/website'] },
      'found "eap/website2"; expected one that the estate gives to "website": eap/website, or below it',
    ],
    ['eap', { website: ['eap/website'] }, 'found "eap"; expected one that the estate gives to "website"'],
  ])('refuses the image %s where %o', (image, images, words) => {
    expect(judged(image, images)).toEqual([expect.stringContaining(`slipway.yaml:4:12 services.website.image: `)])
    expect(judged(image, images)[0]).toContain(words)
  })

  it.each([
    [['eap'], ['eap/shop']],
    [['eap/shop'], ['eap']],
    [['eap'], ['eap']],
  ])('no estate gives %o to one project and %o to another', (website, shop) => {
    expect(() => judged('eap/website', { website, shop })).toThrow('expected places that no other project has')
  })
})

function problems(text: string, estate = ESTATE): string[] {
  const { slipway, website } = parsed(text, estate)
  const found = matchProject(slipway, website, 'website', { text, file: 'slipway.yaml' })
  return found.length === 0 ? [] : formatProblems(found).split('\n')
}

function parsed(text: string, estateText = ESTATE) {
  const slipway = parseConfig('slipway', { text, file: 'slipway.yaml' })
  const estate = parseConfig('estate', { text: estateText, file: 'estate.yaml' })
  const website = estate.ok ? estate.value.projects['website'] : undefined
  if (!slipway.ok || !website) throw new Error('expected two valid files')
  return { slipway: slipway.value, website }
}
