/** A program that is compiled from the Go module proxy, version and checksums pinned by a go.mod and go.sum of the lab's own. */
export type GoProgram = {
  name: string
  what: string
  minutes: number
  package: string
  flags: readonly string[]
  /** Built inside the folder of this module, whose checksum covers its own go.sum; `beside` is what it reads while it runs. */
  module?: { path: string; beside: readonly string[] }
  /** Needs a C compiler. */
  cgo?: true
}

export const temporal: GoProgram = {
  name: 'temporal',
  what: 'the Temporal server',
  minutes: 3,
  package: 'github.com/temporalio/cli/cmd/temporal',
  flags: ['-trimpath', '-ldflags=-s -w'],
}

const kubernetesVersion = 'v1.34.4'

/** Clients cannot parse what an unversioned API server says of itself; optimisation would double the time to compile. */
export const kubelab: GoProgram = {
  name: 'kubernetes',
  what: `Kubernetes ${kubernetesVersion} and kustomize`,
  minutes: 5,
  package: '.',
  flags: [
    '-trimpath',
    '-gcflags=all=-N -l',
    `-ldflags=-s -w -X k8s.io/component-base/version.gitVersion=${kubernetesVersion} -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=34 -X k8s.io/client-go/pkg/version.gitVersion=${kubernetesVersion}`,
  ],
}

const giteaVersion = '1.26.0'

/** Its go.mod replaces modules, and such lines count only in the module that is built: so it is built in its own folder. */
export const gitea: GoProgram = {
  name: 'gitea',
  what: `Gitea ${giteaVersion}`,
  minutes: 4,
  package: '.',
  flags: ['-trimpath', '-buildvcs=false', '-tags=sqlite sqlite_unlock_notify', `-ldflags=-s -w -X main.Version=${giteaVersion}`],
  module: { path: 'code.gitea.io/gitea', beside: ['templates', 'options', 'public'] },
  cgo: true,
}

const composeVersion = 'v5.0.0'

/** Debian 12 has compose v1 only. Its module replaces others too, and newer ones want a newer Go. */
export const compose: GoProgram = {
  name: 'compose',
  what: `docker compose ${composeVersion}, the plugin`,
  minutes: 2,
  package: './cmd',
  flags: ['-trimpath', '-buildvcs=false', `-ldflags=-s -w -X github.com/docker/compose/v5/internal.Version=${composeVersion}`],
  module: { path: 'github.com/docker/compose/v5', beside: [] },
}
