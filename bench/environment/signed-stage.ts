import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { stringify } from 'yaml'
import { openConversation } from '../../test/fakes/conversation.ts'
import type { Led } from '../life/stage.ts'
import { openCli } from '../machine/cli.ts'
import { startTemporal } from '../machine/temporal.ts'
import { startWorker } from '../machine/worker.ts'
import type { Bench } from '../measure/bench.ts'
import { createProject } from '../project/create.ts'
import { labEstate, projectEstateOf } from '../project/estate.ts'
import { freePorts } from '../project/ports.ts'
import { removeProject } from '../project/remove.ts'
import type { Shape } from '../project/shape.ts'
import { hintLine } from '../ways/slipway.ts'

export const APPROVER = 'anne'
const SHAPE = { name: 'bench-signed', services: ['website'], prod: 'kustomize' } as const satisfies Shape

export type SignedLed = Led & {
  /** The approver's key, which no agent holds and no passphrase guards. */
  readonly keyFile: string
}

/** A project whose prod believes signed words alone. */
export async function openSignedStage(bench: Bench): Promise<SignedLed> {
  const { env, cleanUp, say, packageFolder } = bench
  const folder = join(bench.folder, 'signed')
  await mkdir(folder, { recursive: true })
  say('approval: bringing up a project with signers')
  await removeProject(env, SHAPE)
  cleanUp.later(() => removeProject(env, SHAPE))
  const [website = 0] = await freePorts(env, 1)
  const project = await createProject(SHAPE, { env, top: join(folder, 'projects'), ports: { website } })
  await project.git('push', '--quiet', 'origin', 'develop:master')

  const keyFile = join(folder, 'key')
  await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', APPROVER, '-f', keyFile])
  await writeFile(join(folder, 'allowed_signers'), `${APPROVER} namespaces="slipway" ${await readFile(`${keyFile}.pub`, 'utf8')}`)
  const estateFile = join(folder, 'estate.yaml')
  const estate = projectEstateOf(env, project) as { environments: Record<string, object> }
  const prod = { ...estate.environments['prod'], approvers: [APPROVER], approval: { verified: true, author: true, tagger: true } }
  const projects = { [SHAPE.name]: { ...estate, environments: { ...estate.environments, prod } } }
  await writeFile(estateFile, stringify({ ...labEstate(env), signers: 'allowed_signers', projects }))

  const { address, client, close } = await startTemporal(env, folder)
  cleanUp.later(close)
  const worker = await startWorker({ env, address, packageFolder, folder, estateFile })
  cleanUp.later(worker.stop)
  await writeFile(project.hintFile, hintLine(env, address, SHAPE.name))
  return {
    project,
    client,
    talk: openConversation(client, SHAPE.name),
    cli: openCli({ packageFolder, folder, address, project }),
    keyFile,
  }
}
