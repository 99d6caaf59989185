/** Whether somebody said nothing where a reason is asked for. */
export function isBlank(reason: string | null): boolean {
  return reason === null || reason.trim() === ''
}
