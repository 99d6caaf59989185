import { mkdir, writeFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Lab, Part } from '../../lab.ts'
import type { Layout } from '../../layout.ts'
import { makeCgroup } from '../../machine/cgroups.ts'
import { endDaemon, ensureDaemon } from '../../machine/daemon.ts'
import { isMarked, removeMark, setMark } from '../../machine/mark.ts'
import { accepts } from '../../machine/probe.ts'
import { run } from '../../machine/run.ts'
import { linkBin, placeInBin } from '../bin.ts'
import { registryConfig } from '../registry.ts'
import { untilItAnswers } from '../until.ts'
import { serverOf } from './addresses.ts'
import { ensurePki } from './certificate.ts'
import { cniConfig, containerdConfig, kubeletConfig, nodeFolders } from './config.ts'
import { removeNodeLeftovers } from './leftovers.ts'
import { apiReady, everyProcessRuns, nodeReady } from './health.ts'
import { keepKernelSettings, restoreKernelSettings } from './kernel-settings.ts'
import { kubeconfigOf, placeKubeconfig, renderKubeconfig } from './kubeconfig.ts'
import { ensureNodeNetwork, removeNodeNetwork } from './node-network.ts'
import { clusterDaemon, clusterProcesses, controlAndNode, storeAndRuntime } from './processes.ts'
import type { ClusterFiles } from './processes.ts'

/** A cluster of one node, every component of it real. */
export const kubernetes: Part = {
  name: 'kubernetes',
  needs: ['network', 'account', 'registry', 'images'],
  programs: ({ kubernetes: chosen }) =>
    chosen.kind === 'own'
      ? ['etcd', 'containerd', 'docker-registry', 'cni plugins', 'conntrack', 'iptables', 'ip', 'openssl', 'mount', 'ca-certificates']
      : [],
  answers: async ({ layout, choices }) => {
    if (choices.kubernetes.kind === 'existing') return await isMarked(layout.state, 'kubernetes', choices.kubernetes.kubeconfig)
    return (await everyProcessRuns(layout)) && (await nodeReady(layout))
  },
  start: async (lab) => {
    if (lab.choices.kubernetes.kind === 'existing') await useExisting(lab)
    else await startOwn(lab)
    await placeKubeconfig(lab.layout, lab.choices)
  },
  stop: async ({ layout, choices }) => {
    if (choices.kubernetes.kind === 'existing') return await removeMark(layout.state, 'kubernetes')
    for (const name of clusterProcesses.toReversed()) {
      if (name !== 'node-containerd') await endDaemon(layout.state, name)
    }
    await endDaemon(layout.state, 'node-containerd')
    await removeNodeLeftovers(layout)
    await removeNodeNetwork(layout)
    await restoreKernelSettings(join(nodeFolders(layout).cluster, 'kernel.json'))
  },
  daemons: ({ kubernetes: chosen }) => (chosen.kind === 'own' ? clusterProcesses : []),
  address: ({ layout, choices }) => (choices.kubernetes.kind === 'own' ? serverOf(layout) : choices.kubernetes.kubeconfig),
}

async function startOwn(lab: Lab): Promise<void> {
  const { layout } = lab
  const files = await prepare(lab)
  await ensureNodeNetwork(layout)
  await makeCgroup(layout.cgroups.pods)
  const start = (names: readonly (typeof clusterProcesses)[number][]) =>
    Promise.all(names.map((name) => ensureDaemon(layout.state, clusterDaemon(layout, files, name))))
  await start(storeAndRuntime)
  await untilItAnswers(layout, 'kube-apiserver', 90_000, () => apiReady(layout))
  await untilItAnswers(layout, 'node-containerd', 20_000, () => accepts({ path: nodeFolders(layout).containerdSocket }))
  await keepKernelSettings(join(nodeFolders(layout).cluster, 'kernel.json'))
  await start(controlAndNode)
  await untilItAnswers(layout, 'kubelet', 90_000, async () => (await everyProcessRuns(layout)) && (await nodeReady(layout)))
}

/** Writes every file that the components read. */
async function prepare({ layout, choices, binaries }: Lab): Promise<ClusterFiles> {
  const folders = nodeFolders(layout)
  const bin = join(folders.cluster, 'bin')
  for (const folder of [folders.cluster, folders.cniConfig, folders.kubelet, folders.podLogs]) await mkdir(folder, { recursive: true })
  await mkdir(layout.sockets, { recursive: true, mode: 0o755 })
  const pki = await ensurePki(layout)
  const kubeconfig = kubeconfigOf(layout, choices)
  await writeFile(kubeconfig, renderKubeconfig(serverOf(layout), await readFile(pki.certificate, 'utf8'), pki.token), { mode: 0o600 })
  await writeFile(join(folders.cluster, 'containerd.toml'), containerdConfig(layout))
  await writeFile(join(folders.cluster, 'kubelet.json'), JSON.stringify(kubeletConfig(layout, pki), null, 2))
  await writeFile(join(folders.cniConfig, '10-lab.conflist'), JSON.stringify(cniConfig(layout), null, 2))
  const registry = join(folders.cluster, 'registry.yml')
  await writeFile(registry, registryConfig(layout, { readOnly: true }))
  const kubelab = await placeClients(layout, await binaries.kubelab())
  await mkdir(bin, { recursive: true })
  for (const name of ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy']) {
    await run(['ln', '-sfn', kubelab, join(bin, name)])
  }
  return { bin, kubeconfig, pki, registryConfig: registry }
}

async function useExisting({ layout, binaries, choices }: Lab): Promise<void> {
  const present = await binaries.clientsOnPath()
  if (present) await linkBin(layout, present)
  else await placeClients(layout, await binaries.kubelab())
  const kubeconfig = kubeconfigOf(layout, choices)
  await run([join(layout.bin, 'kubectl'), '--kubeconfig', kubeconfig, 'version', '--request-timeout=10s'])
  await setMark(layout.state, 'kubernetes', kubeconfig)
}

async function placeClients(layout: Layout, built: string): Promise<string> {
  const kubelab = await placeInBin(layout, 'kubelab', built)
  await linkBin(layout, { kubectl: kubelab, kustomize: kubelab })
  return kubelab
}
