import { areas } from '../index.js'
import type { Mutant } from '../mutant.js'
import type { Outcome } from './hunt.js'

const BEGIN = '<!-- mutants: written by npm run test:mutants -- --write -->'
const END = '<!-- /mutants -->'

/** The text with a new table between the two markers. */
export function withTable (text: string, outcomes: ReadonlyMap<Mutant, Outcome>): string {
  const begin = text.indexOf(BEGIN)
  const end = text.indexOf(END)
  if (begin < 0 || end < begin) throw new Error(`there is no place for the table: it goes between the lines ${BEGIN} and ${END}`)
  return `${text.slice(0, begin + BEGIN.length)}\n${table(outcomes)}\n${text.slice(end)}`
}

export function table (outcomes: ReadonlyMap<Mutant, Outcome>): string {
  const rows = areas.flatMap(({ title, mutants }) => [`| **${title}** | | |`, ...mutants.map(mutant => row(mutant, outcomes.get(mutant)))])
  return ['| bug | caught by | at seed |', '|---|---|---|', ...rows].join('\n')
}

function row ({ bug, name }: Mutant, outcome: Outcome | undefined): string {
  if (outcome?.result !== 'caught') throw new Error(`the mutant '${name}' was not caught: there is no table to write`)
  const by = outcome.seeds === undefined ? `\`${outcome.by}\`` : outcome.by
  return `| ${bug} (\`${name}\`) | ${by} | ${outcome.seeds ?? ''} |`
}
