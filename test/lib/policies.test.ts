import { readEnvironments } from '../../lib/environments/index.ts';
import { cloudFormationExecutionPolicy, inParts, lengthOf, longestPolicy } from '../../lib/policies/index.ts';
import { allow, policyDocument } from '../../lib/policies/policy-document.ts';

const place = { account: '111122223333', region: 'us-east-1', qualifier: 'outbauth' };
const network = { subnets: ['subnet-0123456789abcdef0'], securityGroups: ['sg-0123456789abcdef0'] };

function statementsOf(settings: object) {
  const [environment] = readEnvironments({ dev: { secret: 'team/openai', ...settings } });
  if (!environment) throw new Error('there is no environment');
  const boundary = 'arn:aws:iam::111122223333:policy/Boundary';
  const { Statement } = cloudFormationExecutionPolicy(environment, place, boundary);
  return (sid: string) => Statement.find(({ Sid }) => Sid === sid);
}

describe('what CloudFormation may do for an environment', () => {
  const plain = statementsOf({});

  test('in a VPC: put the runtime into these subnets and security groups, and have AgentCore make its role for that', () => {
    const statement = statementsOf({ network });
    const condition = {
      'ForAllValues:StringEquals': {
        'bedrock-agentcore:subnets': network.subnets,
        'bedrock-agentcore:securityGroups': network.securityGroups,
      },
    };
    expect(statement('CreateRuntime')?.Condition).toEqual(condition);
    expect(statement('ManageRuntime')).toMatchObject({
      Action: expect.arrayContaining(['bedrock-agentcore:UpdateAgentRuntime']),
      Condition: condition,
    });
    const ofNetwork = 'network.bedrock-agentcore.amazonaws.com';
    const ofRuntime = 'runtime-identity.bedrock-agentcore.amazonaws.com';
    const roles = 'arn:aws:iam::111122223333:role/aws-service-role';
    expect(statement('MakeServiceLinkedRole')).toMatchObject({
      Action: ['iam:CreateServiceLinkedRole'],
      Resource: [
        `${roles}/${ofRuntime}/AWSServiceRoleForBedrockAgentCoreRuntimeIdentity`,
        `${roles}/${ofNetwork}/AWSServiceRoleForBedrockAgentCoreNetwork`,
      ],
      Condition: { StringEquals: { 'iam:AWSServiceName': [ofRuntime, ofNetwork] } },
    });
    expect(plain('CreateRuntime')).not.toHaveProperty('Condition');
    expect(plain('ManageRuntime')).not.toHaveProperty('Condition');
    expect(JSON.stringify(plain('MakeServiceLinkedRole'))).not.toContain('Network');
  });

  test('tag what it makes, with tags or without: the last tag goes with settings that have none', () => {
    expect(plain('ManageFunction')?.Action).toEqual(
      expect.arrayContaining(['lambda:TagResource', 'lambda:UntagResource']),
    );
    expect(plain('ManageQueue')?.Action).toEqual(expect.arrayContaining(['sqs:TagQueue', 'sqs:UntagQueue']));
    expect(plain('ManageRuntime')?.Action).toContain('bedrock-agentcore:TagResource');
    expect(statementsOf({ tags: { team: 'payments' } })('ManageFunction')).toEqual(plain('ManageFunction'));
  });
});

describe('a policy that is longer than IAM takes', () => {
  const statement = (sid: string, length: number) => allow(sid, ['s3:GetObject'], ['x'.repeat(length)]);

  test('is printed in parts, of which IAM takes each, with the same statements', () => {
    const policy = policyDocument(statement('A', 4000), statement('B', 4000), statement('C', 100));
    const parts = inParts(policy);
    expect(parts.map(({ Statement }) => Statement.map(({ Sid }) => Sid))).toEqual([['A'], ['B', 'C']]);
    for (const part of parts) expect(lengthOf(part)).toBeLessThanOrEqual(longestPolicy);
  });

  test('and otherwise in one', () => {
    const policy = policyDocument(statement('A', 100), statement('B', 100));
    expect(inParts(policy)).toEqual([policy]);
  });
});
