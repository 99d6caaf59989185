import { expect, test } from 'vitest'
import { testOptions } from '../../scripts/test-options.ts'

test('the lab gets its own options, and vitest all others', () => {
  const reporter = ['--reporter=default', '--outputFile.json=/tmp/report.json', 'test/domain', '-t', 'own']
  expect(testOptions(reporter, '/here')).toEqual({ lab: { own: false }, vitest: reporter })
  expect(testOptions(['--kubeconfig', 'k.yaml', 'test/e2e', '--own'], '/here')).toEqual({
    lab: { own: true, kubeconfig: '/here/k.yaml' },
    vitest: ['test/e2e'],
  })
  expect(testOptions(['--kubeconfig=/etc/a=b'], '/here').lab).toEqual({ own: false, kubeconfig: '/etc/a=b' })
})

test.each([[['--kubeconfig']], [['--kubeconfig=']], [['--kubeconfig', '--own']]])('%j is refused', (args) => {
  expect(() => testOptions(args, '/here')).toThrow('--kubeconfig needs a file')
})
