/** A column is as wide as its widest cell; numbers stand to the right. */
export function table (header: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map(row => row[i]?.length ?? 0)))
  const line = (cells: readonly string[], align: (cell: string, width: number, column: number) => string): string =>
    cells.map((cell, i) => align(cell, widths[i] ?? 0, i)).join('  ').trimEnd()
  const numeric = header.map((_, i) => rows.every(row => /^([-–]|n\/a|[<>≥≤]?[\d.,]+.*)?$/.test(row[i] ?? '')))
  const align = (cell: string, width: number, column: number): string => numeric[column] === true ? cell.padStart(width) : cell.padEnd(width)
  return [line(header, align), widths.map(width => '─'.repeat(width)).join('  '), ...rows.map(row => line(row, align))].join('\n')
}

/** 1234567 → 1,234,567; small figures keep a digit that tells them apart. */
export function figure (value: number): string {
  if (!Number.isFinite(value)) return 'n/a'
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 })
}

export const ms = (value: number): string => `${figure(value)} ms`

/** The value below which the given part of the sorted samples lies (nearest rank). */
export function percentile (sorted: readonly number[], part: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? NaN
}
