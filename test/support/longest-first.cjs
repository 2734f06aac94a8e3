// What drives the real `cdk` takes longest, and comes first: else the run ends with one of them, and an idle core. Jest
// remembers by itself how long a file took, but not on a machine that is new, as in CI.
const { default: Sequencer } = require('@jest/test-sequencer');

const order = ['/test/journey/', '/test/proof/', '/test/e2e/', '/test/cli/', '/test/agent/'];

module.exports = class LongestFirst extends Sequencer {
  /**
   * @override
   * @param {import('@jest/test-result').Test[]} tests
   */
  async sort(tests) {
    const rank = (/** @type {{ path: string }} */ { path }) => {
      const index = order.findIndex((beginning) => path.includes(beginning));
      return index < 0 ? order.length : index;
    };
    return (await super.sort(tests)).toSorted((a, b) => rank(a) - rank(b));
  }
};
