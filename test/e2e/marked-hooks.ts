import { spawn } from 'node:child_process'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Estate } from './estate.ts'

export type MarkedHooks = ReturnType<typeof openMarkedHooks>

const JOB = (image: string) => `apiVersion: batch/v1
kind: Job
metadata: { name: migrate }
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 0
      containers: [{ name: migrate, image: ${image}, command: [echo, migrated] }]
`

/** Hooks for every environment of the sample that leave a mark each time they are run, however they are begun. */
export function openMarkedHooks(estate: Estate) {
  const { env, sample } = estate
  const { project, folder } = sample
  const marks = join(env.ssh.home, `${project}-marks`)
  const pods = new Set<string>()
  const watches: (() => void)[] = []
  return {
    /** Commits them to develop and pushes it. */
    configure: async (): Promise<void> => {
      await writeFile(join(folder, 'deploy', 'migrate.yaml'), JOB(`${project}/website`))
      const file = join(folder, 'slipway.yaml')
      const mark = (when: string) => `[{ name: mark-${when}, command: [sh, -c, 'echo "${when} $TAG" >>"$HOME/${project}-marks"'] }]`
      const hooks = {
        integration: `hooks: { before: ${mark('before')}, after: ${mark('after')} }`,
        alpha: 'hooks: { before: [{ name: migrate, job: deploy/migrate.yaml }] }',
        prod: 'hooks: { before: [{ name: migrate, job: deploy/migrate.yaml }] }',
      }
      const lines = (await readFile(file, 'utf8')).split('\n').map((line) => {
        const hook = hooks[/^ {2}(\w+): \{ (?:compose|kustomize)/.exec(line)?.[1] as keyof typeof hooks]
        return hook === undefined ? line : line.replace(/ \}$/, `, ${hook} }`)
      })
      await writeFile(file, lines.join('\n'))
      await estate.git('add', '--all')
      await estate.git('commit', '--quiet', '-m', 'Migrations run with each deployment')
      await estate.git('push', '--quiet', 'origin', 'develop')
    },

    /** Those of an earlier run. */
    forget: (): Promise<void> => rm(marks, { recursive: true, force: true }),

    /** From now on no mark can be left, and every hook on the host fails; until `unblock`. */
    block: async (): Promise<void> => {
      await rename(marks, `${marks}.kept`)
      await mkdir(marks)
    },

    unblock: async (): Promise<void> => {
      await rm(marks, { recursive: true })
      await rename(`${marks}.kept`, marks)
    },

    /** Pods of Jobs come and go: each is seen when it is made. */
    watch: (environment: string): void => {
      const selector = ['get', 'pods', '--selector', 'batch.kubernetes.io/job-name', '--watch', '--output', 'name']
      const child = spawn(
        env.kubernetes.kubectl,
        ['--kubeconfig', env.kubernetes.kubeconfig, '--namespace', `${project}-${environment}`, ...selector],
        { stdio: ['ignore', 'pipe', 'ignore'] },
      )
      createInterface(child.stdout).on('line', (name) => pods.add(`${environment} ${name}`))
      watches.push(() => void child.kill())
    },

    /** How often they were run since the beginning. */
    counts: async (): Promise<Record<string, number>> => {
      const lines = (await readFile(marks, 'utf8').catch(() => '')).split('\n')
      const of = (when: string) => lines.filter((line) => line.startsWith(`${when} `)).length
      const inCluster = (environment: string) => [...pods].filter((name) => name.startsWith(`${environment} `)).length
      return {
        'hooks before integration': of('before'),
        'hooks after integration': of('after'),
        'hooks of alpha': inCluster('alpha'),
        'hooks of prod': inCluster('prod'),
      }
    },

    close: (): void => {
      for (const end of watches) end()
    },
  }
}
