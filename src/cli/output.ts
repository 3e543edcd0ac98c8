import { isUtf8 } from 'node:buffer'
import { InvalidArgumentError, messageOf, RaftMeshError, TooLargeError } from '../errors.js'
import { UsageError } from './args.js'

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

/** Bytes in a line for a person, whoever wrote them: a line stays one line, and a terminal takes no orders. What programs read is JSON. */
export function inLine (bytes: Uint8Array | string): string {
  return (typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString()).replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, found => escapes[found] ?? `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

export const WRONG_USE = 2

/** What was asked for in words that mean nothing is wrong use, wherever that was seen; what is merely too large is not. */
export function exitCode (error: unknown): number {
  return error instanceof UsageError || (error instanceof InvalidArgumentError && !(error instanceof TooLargeError)) ? WRONG_USE : 1
}

/** Lines on an error. */
export function told (error: unknown, json: boolean): string[] {
  if (json) {
    const { name } = error instanceof Error ? error : { name: 'Error' }
    return [toJson({ error: { name, message: errorText(error), ...(error instanceof RaftMeshError ? { outcome: error.outcome } : {}) } })]
  }
  const lines = [`raftmesh: ${errorText(error)}`]
  if (error instanceof UsageError) lines.push(`Try: raftmesh help${error.command === undefined ? '' : ` ${error.command}`}`)
  return lines
}

/** One line for a person: the message, and what it comes from where that says something else. */
export function errorText (error: unknown): string {
  if (!(error instanceof Error)) return messageOf(error)
  const { cause } = error
  const more = cause instanceof Error && !error.message.includes(cause.message) ? ` (${cause.message})` : ''
  return `${error.message}${more}`
}
