/** Where the fence of a script target lies, from the user's home. */
export function stateFolder({ project, environment }: { readonly project: string; readonly environment: string }): string {
  return `.slipway/${project}.${environment}`
}
