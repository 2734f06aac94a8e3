// Jest runs CommonJS; the code is TypeScript in ES modules. esbuild is here anyway, so it does the translation.
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { transformSync, version } = require('esbuild');

/** @type {import('esbuild').TransformOptions} */
const options = {
  loader: 'ts',
  format: 'cjs',
  target: 'node24',
  sourcemap: 'inline',
  define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
};
const ownCode = readFileSync(__filename);

/** @type {import('@jest/transform').SyncTransformer} */
module.exports = {
  process: (source, filename) => transformSync(source, { ...options, sourcefile: filename }),
  getCacheKey: (source, filename) =>
    createHash('sha256').update(ownCode).update(version).update(filename).update('\0').update(source).digest('hex'),
};
