import { mkdir, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** One forbidden import per rule, planted in the tree for as long as the check looks at it. */
const PLANTED: readonly (readonly [rule: string, file: string, text: string])[] = [
  ['domain-alone', 'domain/planted/a.ts', "import { readFileSync } from 'node:fs'\nexport const a = readFileSync\n"],
  ['config-on-domain', 'config/planted/a.ts', "import { permanent } from '../../activities/failure.ts'\nexport const a = permanent\n"],
  ['evidence-offline', 'evidence/planted/a.ts', "import { permanent } from '../../activities/failure.ts'\nexport const a = permanent\n"],
  ['workflows-small', 'workflows/planted/a.ts', "import { z } from 'zod'\nexport const a = z\n"],
  [
    'contract-as-types-only',
    'workflows/planted/b.ts',
    "import { permanent } from '../../activities/failure.ts'\nexport const b = permanent\n",
  ],
  [
    'activities-without-workflows',
    'activities/planted/a.ts',
    "import { sprintId } from '../../workflows/ids.ts'\nexport const a = sprintId\n",
  ],
  [
    'client-on-messages',
    'client/planted/a.ts',
    "import { createActivities } from '../../activities/index.ts'\nexport const a = createActivities\n",
  ],
  [
    'client-on-messages-of-workflows',
    'client/planted/b.ts',
    "import { sprint } from '../../workflows/sprint.ts'\nexport const b = sprint\n",
  ],
  ['worker-without-client', 'worker/planted/a.ts', "import { connect } from '../../client/connect.ts'\nexport const a = connect\n"],
  [
    'gateway-on-messages',
    'gateway/planted/a.ts',
    "import { createActivities } from '../../activities/index.ts'\nexport const a = createActivities\n",
  ],
  ['product-without-lab', 'worker/planted/b.ts', "import { labUp } from '../../lab/up.ts'\nexport const b = labUp\n"],
  ['no-circles', 'domain/planted/c.ts', "import { d } from './d.ts'\nexport const c = () => d\n"],
]

const root = join(import.meta.dirname, '..', '..')
const folders = [...new Set(PLANTED.map(([, file]) => join(root, file, '..')))]
let broken: readonly { readonly rule: { readonly name: string }; readonly from: string }[] = []

beforeAll(async () => {
  await Promise.all(folders.map((folder) => mkdir(folder, { recursive: true })))
  await writeFile(join(root, 'domain/planted/d.ts'), "import { c } from './c.ts'\nexport const d = () => c\n")
  try {
    await Promise.all(PLANTED.map(([, file, text]) => writeFile(join(root, file), text)))
    const args = [...PLANTED.map(([, file]) => file), '--config', '.dependency-cruiser.cjs', '--output-type', 'json']
    const { stdout } = await execa(join(root, 'node_modules/.bin/depcruise'), args, { cwd: root, reject: false, maxBuffer: 1e9 })
    broken = (JSON.parse(stdout) as { summary: { violations: typeof broken } }).summary.violations
  } finally {
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })))
  }
})
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

test.each(PLANTED)('the rule %s sees what is planted in %s', (rule, file) => {
  expect(broken.filter(({ from }) => from === file).map((violation) => violation.rule.name)).toContain(rule)
})

test('every rule has something planted against it', () => {
  const config = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as { forbidden: { name: string }[] }
  expect(PLANTED.map(([rule]) => rule).toSorted((a, b) => a.localeCompare(b))).toEqual(
    config.forbidden.map(({ name }) => name).toSorted((a, b) => a.localeCompare(b)),
  )
})
