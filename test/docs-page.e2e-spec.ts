import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { eventually } from './support/eventually.js';
import { TestHost } from './support/test-host.js';

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const hasChromium = existsSync(CHROMIUM);
if (!hasChromium) console.warn(`skipped: the pages in a real browser, as there is no ${CHROMIUM} (set CHROMIUM_PATH)`);

(hasChromium ? describe : describe.skip)('the page at /docs', () => {
  let host: TestHost;
  let browser: Browser;

  beforeAll(async () => {
    host = await TestHost.start({ modules: ['hello'] });
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'],
    });
  });
  afterAll(async () => {
    await browser.close();
    await host.dispose();
  });

  it('shows what is loaded now, and breaks no rule of its security headers', async () => {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
    page.on('pageerror', (error) => complaints.push(error.message));

    await page.goto(`${host.url}/docs`);
    await page.locator('.opblock').first().waitFor();
    expect(await page.getByText('/api/v1/m/hello').count()).toBe(0);

    await host.admin('POST', '/modules/hello/enable');
    await eventually(async () => {
      await page.reload();
      await page.locator('.opblock').first().waitFor();
      expect(await page.getByText('/api/v1/m/hello').count()).toBeGreaterThan(0);
    });
    expect(complaints).toEqual([]);
  });
});
