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
    // What every page stands on is one file: many small ones pack worse, and this one changes rarely.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'base', test: BASE }] } } },
  },
});
