import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../../support/run.ts';
import { pageCommand, pagePath, wrongInputsPage } from './page.ts';

test(`${pagePath} is what \`${pageCommand}\` writes`, () => {
  expect(readFileSync(join(projectFolder, pagePath), 'utf8')).toBe(wrongInputsPage());
});
