import { defineConfig } from '@playwright/test';
import journeys from '../playwright.config';

// What a person waits for: run by `cargo xtask bench console`, which fills a database and starts the program.
export default defineConfig({
  ...journeys,
  testDir: '.',
  testMatch: '*.bench.ts',
  outputDir: '../../target/bench/output',
  reporter: 'list',
  workers: 1,
  timeout: 1_200_000,
  use: { ...journeys.use, trace: 'off' },
});
