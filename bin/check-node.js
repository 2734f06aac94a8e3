// Plain JavaScript on purpose: it has to run on the Node.js that is too old for the rest, and say so.
import module from 'node:module';

const [major] = process.versions.node.split('.').map(Number);
if (major === undefined || major < 24) {
  process.stderr.write(
    `Node.js ${process.versions.node} is too old: this project needs Node.js 24 or later. ` +
      'Run it through npm or npx (npm start, npx cdk deploy), which use the Node.js 24 that `npm ci` has installed.\n',
  );
  process.exit(1);
}

// What Node.js compiles, and the types that it takes out, is kept for the next time.
module.enableCompileCache(new URL('../.cache/node', import.meta.url).pathname);
