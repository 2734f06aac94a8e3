// npm run proof: prints what is proven of the permissions and of the key, and ends with 1 where something is not.
import { runCanary } from '../e2e/canary/canary.ts';
import { canaryRows } from './canary.ts';
import { gatherEvidence } from './proof.ts';
import { proofTable, renderTable } from './table.ts';

// One after the other: each looks at all processes and files of its own journey.
const permissions = await proofTable(await gatherEvidence());
const rows = [...permissions, ...canaryRows(await runCanary())];
process.stdout.write(`${renderTable(rows)}\n`);
process.exitCode = rows.some(({ isFault }) => isFault) ? 1 : 0;
