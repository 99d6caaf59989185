import { cpus, loadavg, release, totalmem } from 'node:os'
import { execa } from 'execa'
import type { LabEnv } from '../../lab/env.ts'

export type MachineFacts = {
  readonly processor: string
  readonly cores: number
  readonly memoryGiB: number
  readonly kernel: string
  readonly versions: Readonly<Record<string, string>>
}

/** What a number of milliseconds says little without. */
export async function describeMachine(env: LabEnv): Promise<MachineFacts> {
  const said = async (command: string, args: readonly string[], version = /(\d+\.\d+[\w.+~-]*)/) => {
    const { stdout } = await execa(command, args, {
      reject: false,
      env: { DOCKER_HOST: env.engine.dockerHost, KUBECONFIG: env.kubernetes.kubeconfig },
    })
    return version.exec(stdout ?? '')?.[1] ?? 'unknown'
  }
  const bin = (name: string) => `${env.path}/${name}`
  const [docker, compose, kubernetes, temporal, git] = await Promise.all([
    said(bin('docker'), ['version', '--format', '{{.Server.Version}}']),
    said(bin('docker-compose'), ['version', '--short']),
    said(bin('kubectl'), ['get', '--raw', '/version'], /"gitVersion": "v([^"]+)/),
    said(bin('temporal'), ['--version'], /Server (\d+[^,)\s]*)/),
    said('git', ['--version']),
  ])
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    versions: {
      Node: process.versions.node,
      'Docker engine': docker,
      'docker-compose': compose,
      Kubernetes: kubernetes,
      'Temporal server': temporal,
      git,
    },
  }
}

/** Of the last minute. */
export function load(): number {
  return Math.round((loadavg()[0] ?? 0) * 10) / 10
}
