import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { mantineStyles } from './build/mantine.ts';

// The program under development: `SAMOVAR=http://127.0.0.1:8480 npm run dev`. An API key in `SAMOVAR_KEY` signs every
// request, for work on pages without signing in.
const program = process.env.SAMOVAR ?? 'http://127.0.0.1:8480';
const key = process.env.SAMOVAR_KEY;
const toProgram = {
  target: program,
  changeOrigin: false,
  headers: key ? { authorization: `Bearer ${key}` } : undefined,
};

const BASE =
  /node_modules\/(react|react-dom|scheduler|use-sync-external-store|openapi-[\w-]+|@tanstack\/((react-)?(router|store)|router-core|history|react-query|query-core))\/|\/src\/api\//;
/** What pages have in common, but for fields and tables. */
const COMMON =
  /@mantine\/(hooks|modals|notifications|core\/esm\/(core|utils|components\/(ActionIcon|Alert|CloseButton|Drawer|FloatingIndicator|FocusTrap|Group|Menu|Modal|ModalBase|Overlay|Popover|Portal|ScrollArea|SegmentedControl|Tabs|Tooltip|VisuallyHidden))\/)|@floating-ui|@tabler|react-remove-scroll|\/src\/(lib\/|ui\/(?!DataTable|FilterBar|PictureField|WordingField))/;
const FIELDS = /@mantine\/core\/(?!esm\/components\/NumberInput)|\/src\/ui\/(?!DataTable)/;
const NUMBERS = /NumberInput|react-number-format/;
const TABLES = /\/src\/ui\/DataTable|@tanstack\//;
/** So many pages and parts use it: then it is worth a place in a file that all of them load. */
const MANY = 8;

// A page stands on a handful of files. One for each module that two pages share would be eighty of them, and a browser
// asks for six at a time.
const groups = [
  // Apart from the rest of the shell: it changes rarely.
  { name: 'base', test: BASE, priority: 5 },
  { name: 'shell', tags: ['$initial' as const], priority: 4 },
  { name: 'common', test: COMMON, minShareCount: MANY, priority: 3 },
  { name: 'fields', test: FIELDS, minShareCount: MANY, priority: 2 },
  { name: 'numbers', test: NUMBERS, minShareCount: 3, priority: 1 },
  { name: 'tables', test: TABLES, minShareCount: 3, priority: 1 },
];

export default defineConfig({
  plugins: [react(), mantineStyles()],
  resolve: { alias: { '~': fileURLToPath(new URL('./src', import.meta.url)) } },
  // The ready bots lie beside this folder.
  server: {
    fs: { allow: ['..'] },
    proxy: { '/api': toProgram, '/chat': toProgram, '/pages': toProgram, '/media': toProgram },
  },
  test: { include: ['src/**/*.test.ts'] },
  build: {
    target: 'es2022',
    manifest: true,
    modulePreload: { polyfill: false },
    // Fonts stay files: the policy of the page allows no `data:` fonts.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: { output: { codeSplitting: { groups } } },
  },
});
