import { expect, test } from 'vitest'
import { fixedPorts, labId, layoutOf, slotCount } from '../../lab/layout.ts'
import { allocateSlot, withoutGone } from '../../lab/slots.ts'

const always = async () => true

test('a checkout keeps the slot that it holds, whoever sits on its ports', async () => {
  expect(await allocateSlot({ '/a': 7 }, '/a', labId('/a'), async () => false)).toBe(7)
})

test('a new checkout gets the slot that its id points to', async () => {
  const id = labId('/a')
  expect(await allocateSlot({}, '/a', id, always)).toBe(Number.parseInt(id, 16) % slotCount)
})

test('a slot that another checkout holds, or whose ports somebody uses, is passed over', async () => {
  const first = await allocateSlot({}, '/a', '000000', always)
  const second = await allocateSlot({ '/other': first }, '/a', '000000', always)
  const third = await allocateSlot({ '/other': first }, '/a', '000000', async (slot) => slot !== second)
  expect([first, second, third]).toEqual([0, 1, 2])
})

test('the search goes round from the last slot to the first', async () => {
  const last = (slotCount - 1).toString(16).padStart(6, '0')
  expect(await allocateSlot({ '/other': slotCount - 1 }, '/a', last, always)).toBe(0)
})

test('a full machine is told with the checkouts that could give way', async () => {
  const full = Object.fromEntries(Array.from({ length: slotCount }, (_, slot) => [`/checkout-${slot}`, slot]))
  await expect(allocateSlot(full, '/a', '000000', always)).rejects.toThrow(/64 lab slots.*\/checkout-63/)
})

test('checkouts that are gone from the disk give their slots back', () => {
  expect(withoutGone({ '/a': 1, '/b': 2 }, (path) => path === '/b')).toEqual({ '/b': 2 })
})

test('no two slots share a port, and none reaches into the range that the kernel hands out', () => {
  const ports = Array.from({ length: slotCount }, (_, slot) => {
    const { ports: own } = layoutOf('/a', slot)
    const published = Array.from({ length: own.published.to - own.published.from + 1 }, (_unused, step) => own.published.from + step)
    return [...fixedPorts(own), ...published]
  }).flat()
  expect(new Set(ports).size).toBe(ports.length)
  expect(Math.max(...ports)).toBeLessThan(32_768)
})

test('two checkouts share no name, folder or address', () => {
  const [one, two] = [layoutOf('/srv/one', 3), layoutOf('/srv/two', 4)]
  const values = (value: unknown): string[] => (typeof value === 'object' && value ? Object.values(value).flatMap(values) : [String(value)])
  const sizes = new Set(['24'])
  const shared = values(one).filter((value) => values(two).includes(value) && !sizes.has(value))
  expect(shared).toEqual([])
})

test('names fit where the kernel is short of room', () => {
  const { network, sockets } = layoutOf(`/home/${'long/'.repeat(60)}checkout`, 63)
  expect(network.engine.bridge.length).toBeLessThan(16)
  expect(network.node.hostInterface.length).toBeLessThan(16)
  expect(`${sockets}/node-containerd.sock`.length).toBeLessThan(108)
})
