import { writeFile } from 'node:fs/promises'
import type { Lab, Part } from '../lab.ts'
import type { Layout } from '../layout.ts'
import { run, succeeds } from '../machine/run.ts'

/**
 * What lets the lab's containers and pods reach each other and the outside. The engine is told to leave the firewall
 * alone: two engines in one network namespace delete each other's chains.
 */
export const network: Part = {
  name: 'network',
  needs: [],
  programs: () => ['iptables', 'ip'],
  answers: async ({ layout }) => {
    const present = await Promise.all(firewallRules(layout).map((rule) => succeeds(iptables('-C', rule))))
    return present.every(Boolean)
  },
  start: async ({ layout }) => {
    await writeFile('/proc/sys/net/ipv4/ip_forward', '1')
    for (const rule of firewallRules(layout)) {
      if (!(await succeeds(iptables('-C', rule)))) await run(iptables('-I', rule))
    }
  },
  stop: async ({ layout }) => {
    for (const rule of firewallRules(layout)) {
      while (await succeeds(iptables('-C', rule))) await run(iptables('-D', rule))
    }
  },
  daemons: () => [],
  address: ({ layout }: Lab) => layout.network.subnet,
}

type FirewallRule = { table: 'filter' | 'nat'; chain: string; match: readonly string[] }

export function firewallRules({ network: { subnet }, id }: Layout): FirewallRule[] {
  const comment = ['-m', 'comment', '--comment', `slipway-lab-${id}`]
  return [
    { table: 'filter', chain: 'FORWARD', match: ['-s', subnet, ...comment, '-j', 'ACCEPT'] },
    {
      table: 'filter',
      chain: 'FORWARD',
      match: ['-d', subnet, '-m', 'conntrack', '--ctstate', 'RELATED,ESTABLISHED', ...comment, '-j', 'ACCEPT'],
    },
    { table: 'nat', chain: 'POSTROUTING', match: ['-s', subnet, '!', '-d', subnet, ...comment, '-j', 'MASQUERADE'] },
  ]
}

function iptables(action: '-C' | '-I' | '-D', { table, chain, match }: FirewallRule): string[] {
  return ['iptables', '-w', '-t', table, action, chain, ...match]
}
