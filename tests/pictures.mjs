// Look at a page of ms-trace report, and keep pictures: see pictures.sh.
//
//   node pictures.mjs CHROMIUM PAGE FOLDER
import {createRequire} from 'node:module';
import path from 'node:path';

const [chromium, page_path, folder] = process.argv.slice(2);
const require = createRequire(path.join(process.env.MS_BUILD, 'x.js'));
const browser = await require('playwright-core').chromium.launch({
	executablePath: chromium,
	headless: true,
	args: ['--no-sandbox', '--disable-gpu'],
});
const url = 'file://' + path.resolve(page_path);

async function picture(name, {width, height, dark, search, pick}) {
	const page = await browser.newPage({viewport: {width, height},
	    colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce'});
	await page.goto(url + (search ? '#?' + encodeURIComponent(search) : ''));
	if (pick) {
		await page.evaluate(() => scrollTo(0, document.getElementById('work').offsetTop));
		await page.waitForTimeout(200);
		await page.locator('.ev').nth(3).click();
		await page.click('.fall button.step:has-text("' + pick + '")');
		await page.click('.ln.add >> nth=-1');
		await page.evaluate(() => scrollBy(0, 30));
		await page.mouse.move(0, 0);
	}
	await page.waitForTimeout(200);
	await page.screenshot({path: path.join(folder, name + '.png')});
	await page.close();
}

await picture('overview', {width: 1160, height: 820});
await picture('event', {width: 1280, height: 730, dark: true, search: 'changed:query outcome:out table:networks.csv', pick: 'price'});
await browser.close();
