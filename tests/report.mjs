// Click through a page of ms-trace report in a headless Chromium.
//
//   node report.mjs CHROMIUM PAGE CHECK
//
// playwright-core is looked for in $MS_BUILD/node_modules.  CHECK is one of
// the functions below; what it finds wrong it throws.
import {createRequire} from 'node:module';
import assert from 'node:assert/strict';
import path from 'node:path';

const [chromium, page_path, check] = process.argv.slice(2);
const require = createRequire(path.join(process.env.MS_BUILD, 'x.js'));
const playwright = require('playwright-core');

const browser = await playwright.chromium.launch({
	executablePath: chromium,
	headless: true,
	args: ['--no-sandbox', '--disable-gpu', '--disable-quic',
	    '--no-first-run', '--disable-background-networking',
	    '--disable-component-update', '--disable-sync'],
});
const page = await browser.newPage();
const problems = [];
page.on('pageerror', e => problems.push(String(e)));
page.on('console', m => m.type() === 'error' && problems.push(m.text()));
page.on('dialog', d => { problems.push('a dialog'); d.dismiss(); });
page.on('request', r => r.url().startsWith('file:') ||
    problems.push('asked for ' + r.url()));

const stage = n => page.locator('#stage').fill(String(n));
const text = id => page.locator(id).innerText();
const checks = {
	async click() {
		assert.match(await text('#summary'), /^4 events/);
		await page.fill('#search', '192.0.2.2');
		assert.match(await text('#found'), /^1 of 4/);
		await page.click('#list button');
		assert.match(await text('#tree'), /"cost": 0\.011.*← map price/);
		assert.match(await text('#gone'), /\/user/);
		assert.equal(await page.locator('#tree .set').count(), 1);
		await stage(2);
		assert.match(await text('#tree'), /"user": "\\u00e9"/);
		assert.match(await text('#tree'), /"bytes": 1\.10/);
		assert.doesNotMatch(await text('#tree'), /cost/);
		await stage(0);
		assert.match(await text('#what'), /As it came/);
		assert.ok(await page.locator('#graph rect').count() >= 3);
	},
	async keyboard() {
		await page.focus('#search');
		await page.keyboard.press('Tab');
		if (await page.evaluate(() => document.activeElement.id) === 'list')
			await page.keyboard.press('Tab');
		await page.keyboard.press('Enter');
		assert.ok(await page.isVisible('#event'));
		await page.focus('#stage');
		const before = await text('#what');
		await page.keyboard.press('ArrowLeft');
		assert.notEqual(await text('#what'), before);
	},
	async hostile() {
		await page.click('#list button');
		assert.equal(await page.locator('body > img, #tree img').count(), 0);
		assert.equal(await page.evaluate(() => window.pwned), undefined);
		const all = await page.evaluate(() => document.body.innerText);
		assert.doesNotMatch(all, /[\u202a-\u202e\u2066-\u2069\u0000-\u0008]/);
		assert.match(await text('#tree'), /<\/script>/);
		await stage(0);
		assert.match(await text('#what'), /As it came/);
	},
	/* What can't be taken back is said, and nothing wrong is shown. */
	async lost() {
		const why = [/slim/, /doesn't apply/, /doesn't apply/,
		    /truncated/, /plain text/];
		const buttons = page.locator('#list button');
		assert.equal(await buttons.count(), why.length);
		for (let i = 0; i < why.length; i++) {
			await buttons.nth(i).click();
			assert.match(await text('#tree'), /"a": 1/);
			assert.match(await text('#tree'), /record 1 or before/);
			assert.equal(await text('#gone'), '');
			await stage(0);
			assert.match(await text('#tree'), why[i]);
		}
	},
	async row() {
		await page.click('#list button');
		assert.match(await text('#tree'), /"shop".*← enrich \S*hosts.csv:2/);
	},
	async phone() {
		await page.setViewportSize({width: 360, height: 640});
		await page.emulateMedia({colorScheme: 'dark'});
		await page.click('#list button');
		const [wide, dark] = await page.evaluate(() => [
		    document.documentElement.scrollWidth,
		    getComputedStyle(document.body).color]);
		assert.ok(wide <= 360, 'the page is ' + wide + ' wide');
		assert.match(dark, /255, 255, 255/);
	},
	async many() {
		assert.match(await text('#found'), /10000 of 10000/);
		await page.fill('#search', '"n":9999');
		assert.match(await text('#found'), /^1 of 10000/);
		assert.ok(opened < 2000, 'opened in ' + opened + ' ms');
	},
};

const start = Date.now();
await page.goto('file://' + path.resolve(page_path));
const opened = Date.now() - start;
try {
	await checks[check]();
	assert.deepEqual(problems, []);
} finally {
	await browser.close();
}
