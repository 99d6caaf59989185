/** `ADDRESS:PORT`, the address of IPv6 between brackets; null for anything else. */
export function parsePlace(text: string): { readonly address: string; readonly port: number } | null {
  const match = /^(?:\[(?<six>[0-9A-Fa-f:.]+)\]|(?<four>[A-Za-z0-9][A-Za-z0-9.-]*)):(?<port>\d{1,5})$/.exec(text)
  const { six, four, port = '' } = match?.groups ?? {}
  const address = six ?? four
  return address === undefined || Number(port) > 65_535 ? null : { address, port: Number(port) }
}
