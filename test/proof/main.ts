// npm run proof: prints what is proven of the permissions, and ends with 1 where something is not.
import { canaryRow } from './canary.ts';
import { gatherEvidence } from './proof.ts';
import { proofTable, renderTable } from './table.ts';

const rows = [...(await proofTable(await gatherEvidence())), await canaryRow()];
process.stdout.write(`${renderTable(rows)}\n`);
process.exitCode = rows.some(({ isFault }) => isFault) ? 1 : 0;
