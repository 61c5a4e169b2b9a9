/** Whether a text is an id of 16 bytes, as sessions have it (relay/wire/control.ts). */
export function isSessionId(text: string): boolean {
  return /^[\w-]{21}[AQgw]$/.test(text);
}
