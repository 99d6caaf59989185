import { chown, cp, mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import type { Estate } from './estate.ts'

/** How a team deploys before it has Slipway, as the article has it: plain docker, docker-compose over ssh, kustomize and kubectl. */
export function openByHand(estate: Estate) {
  const { env, sample, git } = estate
  const { project, folder } = sample
  const variables = { ...process.env, PATH: `${env.path}:${process.env['PATH'] ?? ''}`, DOCKER_HOST: env.engine.dockerHost }
  const shell = (script: string, more: { cwd?: string; env?: Record<string, string> } = {}) =>
    execa('sh', ['-euc', script], { cwd: more.cwd ?? folder, env: { ...variables, ...more.env } })
  const image = (service: string, tag: string) => `${env.registry.address}/${project}/${service}:${tag}`

  return {
    /** The images of what is checked out, built and pushed under this tag. */
    build: async (tag: string): Promise<void> => {
      for (const service of ['website', 'api']) {
        const names = { BASE: env.images.busybox, IMAGE: image(service, tag), SERVICE: service }
        await shell('docker build -q --build-arg "BASE=$BASE" -t "$IMAGE" "$SERVICE" && docker push -q "$IMAGE" && docker rmi "$IMAGE"', {
          env: names,
        })
      }
    },

    /** `export TAG=… && docker-compose up -d` on the host, where the compose file lies already. */
    compose: async (tag: string, settings: Record<string, string>): Promise<void> => {
      const directory = join(env.ssh.home, project)
      await mkdir(directory, { recursive: true })
      await writeFile(join(directory, 'docker-compose.yml'), await git('show', 'HEAD:docker-compose.yml'))
      const { uid, gid } = await stat(env.ssh.home)
      for (const path of [directory, join(directory, 'docker-compose.yml')]) await chown(path, uid, gid)
      const exports = Object.entries({ TAG: tag, REGISTRY: env.registry.address, ...settings }).map(
        ([name, value]) => `export ${name}='${value}'`,
      )
      const { host, port, user, keyFile, knownHostsFile } = env.ssh
      const options = [`UserKnownHostsFile=${knownHostsFile}`, 'BatchMode=yes', 'IdentitiesOnly=yes'].flatMap((option) => ['-o', option])
      const line = ['cd', directory, '&&', ...exports.flatMap((each) => [each, '&&']), 'docker-compose', 'up', '-d'].join(' ')
      await execa('ssh', ['-F', '/dev/null', '-p', `${port}`, '-i', keyFile, ...options, `${user}@${host}`, line])
    },

    /** `kustomize edit set image … && kustomize build . | kubectl apply -f -`, in a copy of what is checked out. */
    kustomize: async (overlay: string, tag: string): Promise<void> => {
      const copy = join(folder, '..', 'by-hand')
      await cp(join(folder, 'deploy'), join(copy, 'deploy'), { recursive: true })
      const script = `
        kustomize edit set image "${project}/website=$WEBSITE" "${project}/api=$API"
        kustomize build . | kubectl apply -f -
        for each in api website; do kubectl -n "$NAMESPACE" rollout status "deployment/$each" --timeout 60s; done`
      await shell(script, {
        cwd: join(copy, 'deploy', 'overlays', overlay),
        env: {
          KUBECONFIG: env.kubernetes.kubeconfig,
          NAMESPACE: `${project}-${overlay}`,
          WEBSITE: image('website', tag),
          API: image('api', tag),
        },
      })
      await rm(copy, { recursive: true })
    },
  }
}
