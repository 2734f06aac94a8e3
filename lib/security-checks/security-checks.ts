import { type App, type IPolicyValidationPlugin, type PolicyViolation, Validations } from 'aws-cdk-lib';
import type { NagPack } from 'cdk-nag';
// Not from the package's index: it loads four more rule sets.
import { AwsSolutionsChecks } from 'cdk-nag/lib/packs/aws-solutions.js';
import { NIST80053R5Checks } from 'cdk-nag/lib/packs/nist-800-53-r5.js';

/**
 * Has every synth checked against AwsSolutions and NIST 800-53 Rev. 5. A finding, an error or a warning, fails it, unless
 * it was accepted at the resource (see `accepted-findings.ts`).
 */
export function addSecurityChecks(app: App): void {
  Validations.of(app).addPlugins(plugin(new AwsSolutionsChecks()), plugin(new NIST80053R5Checks()));
}

function plugin(pack: NagPack): IPolicyValidationPlugin {
  return {
    name: pack.name,
    validate(context) {
      const { violations, ...report } = pack.validate(context);
      return { ...report, violations: violations.map(readable) };
    },
  };
}

/**
 * One line that can be read: the rule, what is wrong and where in a policy, without the numbers of thirty controls. An
 * error, as CDK lets warnings pass.
 */
function readable(violation: PolicyViolation): PolicyViolation {
  const [, rule = '', finding] = /^([^[]*)(?:\[(.*)\])?$/.exec(violation.ruleName) ?? [];
  const words = violation.description
    .replace(/ - \(Control IDs: .*$/, '')
    .replace(' and does not have a cdk-nag rule suppression with evidence for those permission', '')
    .replace(/\.$/, '');
  return { ...violation, severity: 'error', description: `${rule}: ${words}${finding ? `: ${finding}` : '.'}` };
}
