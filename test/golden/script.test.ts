import { describe, expect, it } from 'vitest'
import { runBlock } from './commands.js'
import { GoldenGroup } from './group.js'
import { parseCommand, parseScript, printScript } from './script.js'

const text = ['# Why.', '', 'first 1', 'second a=(1,2) b=3', '----', 'line one', 'line two', '', '# The end.', ''].join('\n')

describe('the language of the golden scripts', () => {
  it('reads blocks with their comments, commands and output, and prints them as they were', () => {
    const { blocks, trailer } = parseScript(text)
    expect(blocks).toEqual([{ preamble: ['# Why.', ''], commands: ['first 1', 'second a=(1,2) b=3'], expected: 'line one\nline two', line: 3 }])
    expect(printScript(blocks, blocks.map(b => b.expected), trailer)).toBe(text)
  })

  it('reads arguments, values and lists', () => {
    const { name, args, options } = parseCommand('second x a=(1,2) b=3')
    expect({ name, args, options: [...options] }).toEqual({ name: 'second', args: ['x'], options: [['a', ['1', '2']], ['b', ['3']]] })
  })

  it('refuses what a typing error makes of a script, instead of quietly testing something else', () => {
    expect(() => parseScript('campaign 1\n')).toThrow(/followed by/)
    expect(() => parseScript('----\n')).toThrow(/line 1/)
    expect(() => runBlock(new GoldenGroup(), ['compaign 1'])).toThrow(/no command "compaign"/)
    expect(() => runBlock(new GoldenGroup(), ['campaign 1'])).toThrow(/no node 1/)
    expect(() => runBlock(new GoldenGroup(), ['add-nodes 1 2 voter=(1,2)'])).toThrow(/no option "voter"/)
  })
})
