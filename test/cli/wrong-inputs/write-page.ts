// npm run wrong-inputs: writes docs/wrong-inputs.md anew.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pagePath, wrongInputsPage } from './page.ts';

writeFileSync(join(import.meta.dirname, '../../..', pagePath), wrongInputsPage());
