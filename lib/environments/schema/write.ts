import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { written } from './written.ts';

const project = join(import.meta.dirname, '../../..');

for (const [path, content] of Object.entries(written)) {
  const file = join(project, path);
  writeFileSync(
    file,
    content(() => readFileSync(file, 'utf8')),
  );
}
