import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { program, root } from './program.js'

/** What a node's store is made of, which is handed on whole; and what recipes are made of, by the handles. */
const opaque = new Set(['LevelOrderedStore', 'OrderedDatastore', 'RecipeContext'])

/** Names of types in what `src/index.ts` exports that it does not export itself: nobody could name them. */
function hidden (): string[] {
  const whole = program({})
  const checker = whole.getTypeChecker()
  const index = whole.getSourceFile(`${root}src/index.ts`)
  const module = index === undefined ? undefined : checker.getSymbolAtLocation(index)
  if (module === undefined) throw new Error('src/index.ts exports nothing')
  const target = (symbol: ts.Symbol): ts.Symbol => (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol)
  const exported = new Set(checker.getExportsOfModule(module).map(target))
  const found = new Set<string>()

  const look = (node: ts.Node): void => {
    if (ts.isBlock(node)) return
    if (ts.canHaveModifiers(node) && ts.getCombinedModifierFlags(node as unknown as ts.Declaration) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) return
    if ('name' in node && ts.isPrivateIdentifier(node.name as ts.Node)) return
    const name = ts.isTypeReferenceNode(node) ? node.typeName : ts.isExpressionWithTypeArguments(node) ? node.expression : undefined
    const symbol = name === undefined ? undefined : checker.getSymbolAtLocation(name)
    if (symbol !== undefined) note(target(symbol))
    ts.forEachChild(node, look)
  }
  const note = (symbol: ts.Symbol): void => {
    const ours = symbol.declarations?.some(declaration => declaration.getSourceFile().fileName.startsWith(`${root}src/`)) === true
    if (ours && (symbol.flags & ts.SymbolFlags.TypeParameter) === 0 && !exported.has(symbol) && !opaque.has(symbol.name)) found.add(symbol.name)
  }
  for (const symbol of exported) for (const declaration of symbol.declarations ?? []) look(declaration)
  return [...found].sort()
}

describe('the types of the package', () => {
  it('are all exported: whatever stands in a signature can be named', () => {
    expect(hidden()).toEqual([])
  })
})
