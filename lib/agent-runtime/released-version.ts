import { Aws, CfnCondition, CfnParameter, Fn, type ICfnConditionExpression } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { agentCoreArns } from '../agentcore-arns.ts';
import type { DeployedCredential } from '../outbound-credentials.ts';
import { type Released, releaseParameters } from './release-parameters.ts';

/** ARNs that a policy names where a released version has them; elsewhere nothing stands in their place. */
export interface PinnedCredential {
  readonly credentialProviderArn: string;
  readonly apiKeySecretArn: string;
}

/**
 * A version of the runtime that `release` and `rollback` name by parameters of the stack, with what it gets its keys
 * from: its variables never change, so it goes on with the credential providers of its time.
 */
export class ReleasedVersion {
  /** Empty where there is none. */
  readonly version: string;
  /** Whether there is one, of this runtime. */
  readonly exists: CfnCondition;
  /** One for each of the agent's keys. */
  readonly credentials: readonly PinnedCredential[];
  readonly #names = new Map<string, string>();

  /**
   * @param scope the stack: a parameter is known by its id there
   * @param runtimeName name of the runtime that the stack has now
   */
  constructor(scope: Construct, which: Released, runtimeName: string, credentials: readonly DeployedCredential[]) {
    const parameters = releaseParameters(which);
    const version = parameter(scope, parameters.version, '([1-9][0-9]{0,4})?', describe[which]);
    const ofRuntime = parameter(
      scope,
      parameters.runtimeName,
      '[a-zA-Z0-9_]{0,48}',
      `Name of the runtime that ${version.node.id} is a version of; npm run release sets it.`,
    );
    this.version = version.valueAsString;
    this.exists = new CfnCondition(scope, `Has${version.node.id}`, {
      expression: Fn.conditionAnd(isGiven(version), Fn.conditionEquals(ofRuntime.valueAsString, runtimeName)),
    });
    const arns = agentCoreArns(scope);
    this.credentials = credentials.map(({ idPrefix, service }) => {
      const ofVersion = `of ${version.node.id} (${service}); npm run release sets it.`;
      const name = parameter(
        scope,
        parameters.credentialProviderName(idPrefix),
        '[a-zA-Z0-9_-]{0,128}',
        `Credential provider ${ofVersion}`,
      );
      // Without wildcards: a policy names it.
      const secretArn = parameter(
        scope,
        parameters.apiKeySecretArn(idPrefix),
        '(arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[a-zA-Z0-9/_+=.@!-]+)?',
        `Secret of the credential provider ${ofVersion}`,
      );
      const { logicalId } = new CfnCondition(scope, `Has${name.node.id}`, {
        expression: Fn.conditionAnd(this.exists, isGiven(name)),
      });
      const orNothing = (value: string) => Fn.conditionIf(logicalId, value, Aws.NO_VALUE).toString();
      this.#names.set(idPrefix, orNothing(name.valueAsString));
      return {
        credentialProviderArn: orNothing(arns.credentialProvider(name.valueAsString)),
        apiKeySecretArn: orNothing(secretArn.valueAsString),
      };
    });
  }

  /** Name of the credential provider of one of the agent's keys; `AWS::NoValue` where there is none. */
  credentialProviderName({ idPrefix }: Pick<DeployedCredential, 'idPrefix'>): string {
    return this.#names.get(idPrefix) ?? Aws.NO_VALUE;
  }
}

const describe: Readonly<Record<Released, string>> = {
  Live: 'Version of the runtime that the endpoint live serves; npm run release and npm run rollback set it.',
  FormerLive: 'Version that the endpoint live served before; npm run rollback goes back to it.',
};

function parameter(scope: Construct, id: string, allowedPattern: string, description: string): CfnParameter {
  return new CfnParameter(scope, id, { type: 'String', default: '', allowedPattern, description });
}

function isGiven({ valueAsString }: CfnParameter): ICfnConditionExpression {
  return Fn.conditionNot(Fn.conditionEquals(valueAsString, ''));
}
