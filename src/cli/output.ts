import { isUtf8 } from 'node:buffer'

/** Where a command prints: its results to `out`, what goes on meanwhile and errors to `err`. */
export interface Output {
  readonly out: (line: string) => void
  readonly err: (line: string) => void
}

/** Rows as aligned columns, the first row being the heading. */
export function table (rows: ReadonlyArray<readonly string[]>): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0))) ?? []
  return rows.map(row => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   ').trimEnd()).join('\n')
}

export function toJson (value: unknown): string {
  return JSON.stringify(value)
}

/** Bytes in an object that becomes JSON: under `name` where they are text, and else as base64 under `<name>Base64`. */
export function asText (name: string, bytes: Uint8Array): Record<string, string> {
  return isUtf8(bytes) ? { [name]: Buffer.from(bytes).toString() } : { [`${name}Base64`]: Buffer.from(bytes).toString('base64') }
}

/** One line for a person: the message, and what it comes from where that says something else. */
export function errorText (error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  const more = cause instanceof Error && !error.message.includes(cause.message) ? ` (${cause.message})` : ''
  return `${error.message}${more}`
}
