import type { Aws } from '../aws.ts';
import type { ConditionContext } from '../iam/conditions.ts';

/** Properties of a resource with every intrinsic function resolved. */
export type Properties = Readonly<Record<string, unknown>>;

/** Where and for whom a resource is made. */
export interface ResourceContext {
  readonly aws: Aws;
  readonly region: string;
  readonly stackName: string;
  readonly stackId: string;
  readonly logicalId: string;
  /** As the template says it: `Custom::Name`, where the provider is for all of `Custom::`. */
  readonly resourceType: string;
  /** The stack's own tags, which CloudFormation puts on every resource that takes tags. */
  readonly stackTags: Readonly<Record<string, string>>;
  /** Checks the policies of the role that CloudFormation works with (or of the caller where it was given none). */
  authorize(action: string, resources: string | readonly string[], context?: ConditionContext): void;
  /** A name as CloudFormation makes one: `STACK-LOGICALID-RANDOM`, cut to a length; the same for a retry of one create. */
  generateName(maxLength: number): string;
}

/** What became of a resource. */
export interface ResourceResult {
  /** What `Ref` returns, unless `ref` says otherwise, and what a later update or delete is called with. */
  readonly physicalId: string;
  readonly ref?: string;
  /** What `Fn::GetAtt` can ask for. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/**
 * One resource type. Errors thrown become the reason in the stack's events, as CloudFormation shows them. An error of
 * `create` that has a `physicalId` speaks of a resource that may be there in part: the rollback deletes it by that id.
 */
export interface ResourceProvider {
  /** `AWS::IAM::Role`, or a prefix that ends in `::` (`Custom::`). */
  readonly type: string;
  /** Properties whose change makes a new resource; the old one is deleted after the update has succeeded. */
  readonly replaceOn: readonly string[];
  /** The properties the type knows: another one is refused by name. Undefined takes any (custom resources). */
  readonly properties?: readonly string[];
  /** What is there already under the name that the properties give: an import would take it into the stack. */
  existing?(aws: Aws, properties: Properties): string | undefined;
  create(context: ResourceContext, properties: Properties): Promise<ResourceResult>;
  /** In place; a custom resource may answer with another physical id, which makes it a replacement. */
  update(
    context: ResourceContext,
    physicalId: string,
    properties: Properties,
    oldProperties: Properties,
  ): Promise<ResourceResult>;
  /** Deleting what is already gone succeeds. */
  delete(context: ResourceContext, physicalId: string, properties: Properties): Promise<void>;
}
