/** Opens what this device kept of mails that could not be saved. */
export function openKeptDrafts(_memberId: string) {}
