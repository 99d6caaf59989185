import { join } from 'node:path'
import type { Layout } from '../../layout.ts'
import type { Daemon } from '../../machine/daemon.ts'
import { nodePorts, serverOf } from './addresses.ts'
import type { Pki } from './certificate.ts'
import { nodeFolders } from './config.ts'

export type ClusterFiles = { bin: string; kubeconfig: string; pki: Pki; registryConfig: string }

export const storeAndRuntime = ['etcd', 'kube-apiserver', 'node-registry', 'node-containerd'] as const
export const controlAndNode = ['kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy'] as const
export const clusterProcesses = [...storeAndRuntime, ...controlAndNode] as const
type ClusterProcess = (typeof clusterProcesses)[number]

/** All of them live in the node's network namespace, where Kubernetes' usual ports are free. */
export function clusterDaemon(layout: Layout, files: ClusterFiles, name: ClusterProcess): Daemon {
  return { name, namespace: layout.network.node.namespace, argv: commands(layout, files)[name] }
}

function commands(layout: Layout, { bin, kubeconfig, pki, registryConfig }: ClusterFiles): Record<ClusterProcess, string[]> {
  const { network } = layout
  const folders = nodeFolders(layout)
  const etcd = 'http://127.0.0.1:2379'
  const tls = ['--tls-cert-file', pki.certificate, '--tls-private-key-file', pki.key]
  const asAdmin = ['--kubeconfig', kubeconfig, '--authentication-kubeconfig', kubeconfig, '--authorization-kubeconfig', kubeconfig]
  const alone = ['--leader-elect=false', '--bind-address', '127.0.0.1']
  const component = (name: string) => join(bin, name)
  return {
    etcd: [
      'etcd',
      '--data-dir',
      join(folders.cluster, 'etcd'),
      '--listen-client-urls',
      etcd,
      '--advertise-client-urls',
      etcd,
      '--listen-peer-urls',
      'http://127.0.0.1:2380',
      '--unsafe-no-fsync',
      '--log-level',
      'warn',
    ],
    'kube-apiserver': [
      component('kube-apiserver'),
      '--etcd-servers',
      etcd,
      '--bind-address',
      '0.0.0.0',
      '--secure-port',
      new URL(serverOf(layout)).port,
      '--advertise-address',
      network.node.address,
      ...tls,
      '--token-auth-file',
      pki.tokens,
      '--authorization-mode',
      'Node,RBAC',
      '--service-account-key-file',
      pki.serviceAccountKey,
      '--service-account-signing-key-file',
      pki.serviceAccountKey,
      '--service-account-issuer',
      'https://kubernetes.default.svc',
      '--service-cluster-ip-range',
      network.services,
      '--service-node-port-range',
      `${nodePorts.from}-${nodePorts.to}`,
      '--kubelet-preferred-address-types',
      'InternalIP',
      '--kubelet-certificate-authority',
      pki.certificate,
      '--kubelet-client-certificate',
      pki.certificate,
      '--kubelet-client-key',
      pki.key,
      '--allow-privileged',
    ],
    'kube-controller-manager': [
      component('kube-controller-manager'),
      ...asAdmin,
      ...alone,
      ...tls,
      '--controllers',
      '*,-nodeipam',
      '--service-account-private-key-file',
      pki.serviceAccountKey,
      '--root-ca-file',
      pki.certificate,
    ],
    'kube-scheduler': [component('kube-scheduler'), ...asAdmin, ...alone, ...tls],
    'node-registry': ['docker-registry', 'serve', registryConfig],
    'node-containerd': ['containerd', '--config', join(folders.cluster, 'containerd.toml')],
    kubelet: [
      component('kubelet'),
      '--config',
      join(folders.cluster, 'kubelet.json'),
      '--kubeconfig',
      kubeconfig,
      '--root-dir',
      folders.kubelet,
      '--hostname-override',
      'lab',
      '--node-ip',
      network.node.address,
    ],
    'kube-proxy': [
      component('kube-proxy'),
      '--kubeconfig',
      kubeconfig,
      '--hostname-override',
      'lab',
      '--proxy-mode',
      'iptables',
      '--cluster-cidr',
      network.pods,
      '--iptables-localhost-nodeports=false',
      // By default rules follow a rollout up to a second late, and an ended pod goes on being asked.
      '--iptables-min-sync-period=100ms',
      '--bind-address',
      network.node.address,
      // Those limits belong to the whole machine, and cannot be written from a namespace.
      '--conntrack-max-per-core',
      '0',
      '--conntrack-tcp-timeout-established',
      '0',
      '--conntrack-tcp-timeout-close-wait',
      '0',
    ],
  }
}
