// npm run faults: writes docs/faults.md anew.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityFaults } from './identity-faults.ts';
import { openLab } from './lab.ts';
import { modelFaults } from './model-faults.ts';
import { observeFaults } from './observe.ts';
import { faultsPage, pagePath } from './page.ts';

const lab = await openLab();
const observed = await observeFaults(lab, [...modelFaults, ...identityFaults]).finally(() => lab.close());
writeFileSync(join(import.meta.dirname, '../../..', pagePath), faultsPage(observed));
