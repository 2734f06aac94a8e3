import { holds } from './conditions.ts';
import type { Scope } from './functions.ts';
import { type Template, validationError } from './template.ts';

/**
 * Checks the parameters by the template's `Rules`, such as the CDK's `CheckBootstrapVersion`.
 *
 * @throws AwsError ValidationError with the description of the assertion that failed
 */
export function checkRules(template: Template, scope: Scope): void {
  for (const [name, rule] of Object.entries(template.Rules ?? {})) {
    if (rule.RuleCondition !== undefined && !holds(rule.RuleCondition, scope)) continue;
    for (const { Assert, AssertDescription } of rule.Assertions) {
      if (!holds(Assert, scope)) {
        throw validationError(
          `Template error: Rule ${name} failed: ${AssertDescription ?? 'an assertion does not hold'}`,
        );
      }
    }
  }
}
