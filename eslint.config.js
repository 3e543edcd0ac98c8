// @ts-check
import tseslint from 'typescript-eslint'

/**
 * Layers import one way: `cli → service → recipes, formation, engine → storage, wire, machine → raft, keys`.
 * For each layer, the layers that it must not import. `errors.ts` and `clock.ts` at the top of `src` are leaves that every
 * layer but the core may use.
 */
const above = {
  keys: ['raft', 'engine', 'storage', 'wire', 'formation', 'machine', 'recipes', 'service', 'gateway', 'cli'],
  raft: ['keys', 'engine', 'storage', 'wire', 'formation', 'machine', 'recipes', 'service', 'gateway', 'cli'],
  storage: ['engine', 'wire', 'formation', 'recipes', 'service', 'gateway', 'cli'],
  wire: ['engine', 'formation', 'machine', 'recipes', 'service', 'gateway', 'cli'],
  machine: ['engine', 'wire', 'formation', 'recipes', 'service', 'gateway', 'cli'],
  engine: ['formation', 'recipes', 'service', 'gateway', 'cli'],
  formation: ['engine', 'recipes', 'service', 'gateway', 'cli'],
  recipes: ['engine', 'wire', 'formation', 'storage', 'raft', 'service', 'gateway', 'cli'],
  service: ['gateway', 'cli']
}

const layerRules = Object.entries(above).map(([layer, banned]) => ({
  files: [`src/${layer}/**/*.ts`],
  rules: {
    'no-restricted-imports': ['error', {
      patterns: [
        { group: banned.map(b => `**/${b}/**`), message: `${layer}/ is below these layers: imports point one way.` },
        ...(layer === 'raft' ? [{ regex: '^[^.]', allowTypeImports: false, message: 'The core imports nothing from outside itself.' }, { group: ['../errors.js', '../../errors.js', '../clock.js'], message: 'The core imports nothing from outside itself.' }] : [])
      ]
    }]
  }
}))

/** A pure module has no clock, chance, timer or promise: it must run the same, to the last byte, from the same inputs. */
const pure = {
  'no-restricted-globals': ['error', 'Date', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'process', 'crypto', 'Promise', 'fetch'],
  'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: 'Randomness is handed in.' }],
  'no-restricted-syntax': ['error',
    { selector: 'AwaitExpression', message: 'The core is synchronous.' },
    { selector: ':function[async=true]', message: 'The core is synchronous.' },
    { selector: 'ForOfStatement[await=true]', message: 'The core is synchronous.' }
  ]
}

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', '**/pb/*.ts', 'coverage/**'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-console': ['error', { allow: ['error', 'warn'] }],
      'eqeqeq': 'error',
      'prefer-const': 'error'
    }
  },
  { files: ['src/cli/**', 'bench/**', 'examples/**'], rules: { 'no-console': 'off' } },
  ...layerRules,
  { files: ['src/raft/**/*.ts', 'src/formation/pure/**/*.ts'], rules: pure },
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked }
)
