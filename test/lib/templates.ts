import type { Template } from 'aws-cdk-lib/assertions';

/** A statement of a policy in a template. */
export interface Statement {
  Sid: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

export interface CfnResource {
  Type: string;
  Condition?: string;
  Properties: Record<string, unknown>;
  DependsOn?: string[];
  DeletionPolicy?: string;
}

/** The statements of all the policies that roles have. */
export function statements(template: Template): Statement[] {
  return Object.values(template.findResources('AWS::IAM::Policy'))
    .flatMap((policy) => (policy as CfnResource).Properties.PolicyDocument as { Statement: Statement[] })
    .flatMap(({ Statement }) => Statement);
}

export function statement(template: Template, sid: string): Statement {
  const found = statements(template).find(({ Sid }) => Sid === sid);
  if (!found) throw new Error(`no statement ${sid}`);
  return found;
}

/** The resources of a statement, without those that stand there only once a version of the agent is live. */
export function unconditional(resources: unknown): unknown[] {
  return [resources].flat().filter((resource) => !Object.hasOwn(Object(resource), 'Fn::If'));
}

/** The one resource of a type. */
export function only(template: Template, type: string): CfnResource {
  const [resource, ...others] = Object.values(template.findResources(type)) as CfnResource[];
  if (!resource || others.length > 0) throw new Error(`not exactly one ${type}`);
  return resource;
}

/** A text with its pseudo parameters, attributes and outputs of other stacks written as in Fn::Sub. */
export function text(value: unknown): string {
  if (typeof value === 'string') return value;
  const {
    'Fn::Join': join,
    'Fn::GetAtt': attribute,
    'Fn::GetStackOutput': output,
    Ref: ref,
  } = value as {
    'Fn::Join'?: [string, unknown[]];
    'Fn::GetAtt'?: [string, string];
    'Fn::GetStackOutput'?: { OutputName: string };
    Ref?: string;
  };
  if (join) return join[1].map(text).join(join[0]);
  if (output) return `\${${output.OutputName}}`;
  return attribute ? `\${${attribute.join('.')}}` : `\${${ref}}`;
}
