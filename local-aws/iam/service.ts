import type { EvaluationResult, SimulatePrincipalPolicyRequest } from '@aws-sdk/client-iam';
import type { Aws } from '../aws.ts';
import { AwsError, notSupported } from '../errors.ts';
import { queryService } from '../http/query.ts';
import type { Call, Service } from '../service.ts';
import type { Decision } from './policy.ts';

const decisions: Readonly<Record<Decision, EvaluationResult['EvalDecision']>> = {
  allowed: 'allowed',
  'implicitly denied': 'implicitDeny',
  'explicitly denied': 'explicitDeny',
};

/** IAM: what is to be known of a role, and what its policies allow. Roles and policies are made by CloudFormation only. */
export function iamService({ iam }: Pick<Aws, 'iam'>): Service {
  return queryService({
    signingName: 'iam',
    title: 'IAM',
    xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    operations: {
      GetRole: (input: { RoleName?: string }, call: Call) => {
        const name = given('RoleName', input.RoleName);
        const role = iam.findRole(name);
        call.authorize('iam:GetRole', role?.arn ?? iam.roleArn(name));
        const { arn, id, created, trustPolicy } = iam.role(name);
        return {
          Role: {
            Path: arn.slice(arn.indexOf(':role/') + ':role'.length, -name.length),
            RoleName: name,
            RoleId: id,
            Arn: arn,
            CreateDate: created,
            AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(trustPolicy)),
          },
        };
      },

      SimulatePrincipalPolicy: (input: Partial<SimulatePrincipalPolicyRequest>, call: Call) => {
        const { PolicySourceArn, ActionNames = [], ResourceArns = ['*'], ...others } = input;
        const [other] = Object.keys(others);
        if (other) throw notSupported(`the parameter ${other} of SimulatePrincipalPolicy`);
        const source = given('PolicySourceArn', PolicySourceArn);
        call.authorize('iam:SimulatePrincipalPolicy', source);
        return {
          IsTruncated: false,
          EvaluationResults: ActionNames.flatMap((action) =>
            ResourceArns.map((resource) => ({
              EvalActionName: action,
              EvalResourceName: resource,
              EvalDecision: decisions[iam.simulate(source, action, resource)],
              MatchedStatements: [],
              MissingContextValues: [],
            })),
          ),
        };
      },
    },
  });
}

function given(name: string, value: string | undefined): string {
  if (value !== undefined && value !== '') return value;
  throw new AwsError('ValidationError', `1 validation error detected: Value null at '${name}' must not be null`);
}
