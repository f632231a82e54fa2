import { defineConfig } from '@playwright/test';

// Journeys of people in a real browser, on the real program with a real SQLite file: see e2e/README.md.
export default defineConfig({
  testDir: 'e2e',
  outputDir: '../target/e2e/output',
  reporter: [['list'], ['json', { outputFile: '../target/e2e/report.json' }]],
  fullyParallel: true,
  forbidOnly: true,
  workers: Number(process.env.E2E_WORKERS ?? 2),
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    locale: 'ru-RU',
    timezoneId: 'Europe/Moscow',
    viewport: { width: 1480, height: 920 },
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      // Nothing of a sandbox inside a container of root, and nothing that calls its maker.
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-dev-shm-usage',
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    },
  },
});
