import type { Stack, StackOutput } from '../stack.ts';
import { evaluate, type Scope } from '../template/functions.ts';
import { type Template, validationError } from '../template/template.ts';

/** What other stacks of the Region export and import. */
export interface ExportRegistry {
  /** The stack that exports a name. */
  exporterOf(region: string, exportName: string): Stack | undefined;
  /** The names of the stacks that import a name. */
  importersOf(region: string, exportName: string): readonly string[];
}

/**
 * Evaluates the outputs of a template whose condition holds.
 *
 * @throws AwsError ValidationError when a value is not a text
 */
export function evaluateOutputs(template: Template, scope: Scope): StackOutput[] {
  return Object.entries(template.Outputs ?? {})
    .filter(([, { Condition }]) => Condition === undefined || scope.condition(Condition))
    .map(([key, { Value, Description, Export }]) => ({
      key,
      value: outputText(key, evaluate(Value, scope)),
      ...(Description === undefined ? {} : { description: Description }),
      ...(Export === undefined ? {} : { exportName: outputText(key, evaluate(Export.Name, scope)) }),
    }));
}

function outputText(key: string, value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw validationError(
    `Template format error: Output ${key} is malformed. The Value field of every Outputs member must evaluate to a String.`,
  );
}

/**
 * Checks that new outputs take no export away from stacks that use it, and take no name that is taken.
 *
 * @throws AwsError ValidationError in CloudFormation's words
 */
export function checkExports(stack: Stack, after: readonly StackOutput[], registry: ExportRegistry): void {
  const values = new Map(
    after.flatMap(({ exportName, value }) => (exportName === undefined ? [] : [[exportName, value]])),
  );
  for (const { exportName, value } of stack.outputs) {
    if (exportName === undefined || values.get(exportName) === value) continue;
    refuseExportInUse(stack.region, exportName, values.has(exportName) ? 'updated' : 'deleted', registry);
  }
  for (const name of values.keys()) {
    const exporter = registry.exporterOf(stack.region, name);
    if (exporter && exporter.id !== stack.id) {
      throw validationError(`Export with name ${name} is already exported by stack ${exporter.name}`);
    }
  }
}

/**
 * Checks that no other stack uses what a stack exports, so that it can be deleted.
 *
 * @throws AwsError ValidationError in CloudFormation's words
 */
export function checkExportsUnused(stack: Stack, registry: ExportRegistry): void {
  for (const { exportName } of stack.outputs) {
    if (exportName !== undefined) refuseExportInUse(stack.region, exportName, 'deleted', registry);
  }
}

function refuseExportInUse(region: string, name: string, what: 'updated' | 'deleted', registry: ExportRegistry): void {
  const importers = [...registry.importersOf(region, name)];
  const last = importers.pop();
  if (last === undefined) return;
  const list = importers.length === 0 ? last : `${importers.join(', ')} and ${last}`;
  throw validationError(`Export ${name} cannot be ${what} as it is in use by ${list}`);
}
