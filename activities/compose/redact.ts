/** Takes secret values out of what a host prints. Values of one or two characters would take everything else with them. */
export function redactor(values: readonly string[]): (text: string) => string {
  const secrets = values
    .flatMap((value) => [value, ...value.split('\n')])
    .filter((value) => value.trim().length > 2)
    .toSorted((a, b) => b.length - a.length)
  return (text) => secrets.reduce((left, secret) => left.replaceAll(secret, '***'), text)
}
