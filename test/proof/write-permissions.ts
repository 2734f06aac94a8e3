// npm run permissions: writes docs/permissions.md anew.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../support/run.ts';
import { pagePath, permissionsPage } from './page.ts';
import { gatherEvidence } from './proof.ts';

writeFileSync(join(projectFolder, pagePath), permissionsPage(await gatherEvidence()));
