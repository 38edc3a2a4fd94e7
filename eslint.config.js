import js from '@eslint/js';
import { importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/**
 * The architecture, top row first. A folder imports only from rows below its own;
 * folders of one row never import each other.
 */
const ROWS = [
  ['admin'],
  ['cluster'],
  ['lifecycle'],
  ['isolation'],
  [
    'bundling',
    'data',
    'migrations',
    'settings',
    'composition',
    'routing',
    'jobs',
    'faults',
    'circuit',
    'vitals',
    'resources',
    'ui',
    'events',
  ],
  ['persistence', 'auth'],
  ['kernel'],
  ['sdk'],
  ['manifest', 'config'],
  ['common'],
];

const NODE_GLOBALS = Object.fromEntries(
  ['console', 'process', 'URL', 'setTimeout', 'clearTimeout'].map((name) => [name, 'readonly']),
);

const folder = (name) => `./src/${name}`;
const zones = ROWS.flatMap((row, index) =>
  row.map((name) => ({
    target: folder(name),
    from: [
      './src/main.ts',
      './src/host.ts',
      './src/app.module.ts',
      ...ROWS.slice(0, index).flat().map(folder),
      ...row.filter((sibling) => sibling !== name).map(folder),
    ],
    message: `src/${name} may import only from the rows below its own (see docs/architecture.md).`,
  })),
);

export default tseslint.config(
  { ignores: ['dist', '.bench', '.nestdock', 'coverage', 'test/fixtures/modules/broken-*/**'] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['*.js', 'bench/*.js'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver': { typescript: true, node: true } },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-cycle': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-empty': ['error', { allowEmptyCatch: false }],
    },
  },
  {
    files: ['modules/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [{ group: ['**/src/kernel/**', '**/../src/**', '**/dist/**'], message: "Import from 'nestdock'." }],
        },
      ],
    },
  },
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
  { files: ['scripts/*.js'], languageOptions: { globals: NODE_GLOBALS } },
);
