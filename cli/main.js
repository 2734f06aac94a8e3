// Plain JavaScript on purpose: on a Node.js that is too old it still runs, and says so in one line.
import '../bin/check-node.js';

const { main } = await import('./commands.ts');
process.exitCode = await main(process.argv.slice(2));
