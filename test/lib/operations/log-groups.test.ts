import { Match, type Template } from 'aws-cdk-lib/assertions';
import { synthesize } from '../synthesize.ts';
import { type CfnResource, only, statement, text } from '../templates.ts';

const { agent } = synthesize();
const runtimeId = { 'Fn::GetAtt': [Match.stringLikeRegexp('Runtime'), 'AgentRuntimeId'] };
const logGroup = (endpoint: string) => ({
  'Fn::Join': ['', ['/aws/bedrock-agentcore/runtimes/', runtimeId, `-${endpoint}`]],
});
const idOf = (template: Template, type: string) => Object.keys(template.findResources(type))[0];

describe('the log groups of the runtime', () => {
  test('are those of DEFAULT and of live, and are kept for thirty days', () => {
    agent.hasResourceProperties('Custom::RuntimeLogGroups', {
      LogGroupNames: [logGroup('DEFAULT'), logGroup('live')],
      RetentionInDays: '30',
      KmsKeyArn: Match.absent(),
      Tags: Match.absent(),
      ServiceTimeout: '600',
    });
  });

  test('have the retention, the key and the tags of the environment', () => {
    const logEncryptionKeyArn = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const other = synthesize({ logRetentionDays: 365, logEncryptionKeyArn, tags: { team: 'platform' } });
    other.agent.hasResourceProperties('Custom::RuntimeLogGroups', {
      RetentionInDays: '365',
      KmsKeyArn: logEncryptionKeyArn,
      Tags: '{"team":"platform"}',
    });
    for (const template of [other.identity, other.agent]) {
      template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 365, KmsKeyId: logEncryptionKeyArn });
    }
  });

  test('are deleted after the runtime: what deletes them is made before it', () => {
    const removal = idOf(agent, 'Custom::RuntimeLogGroupsRemoval');
    expect(only(agent, 'AWS::BedrockAgentCore::Runtime').DependsOn).toContain(removal);
    agent.hasResourceProperties('Custom::RuntimeLogGroupsRemoval', {
      LogGroupNamePrefix: '/aws/bedrock-agentcore/runtimes/outbound_auth_dev-',
      OnDelete: 'Delete',
    });
  });

  test('stay in production, where their handler may not delete them', () => {
    const production = synthesize({ production: true }).agent;
    production.hasResourceProperties('Custom::RuntimeLogGroupsRemoval', { OnDelete: 'Retain' });
    expect(JSON.stringify(production.findResources('AWS::IAM::Policy'))).not.toMatch(
      /DeleteLogGroup|DescribeLogGroups.*DescribeLogGroups/,
    );
    production.hasResourceProperties('AWS::Lambda::Function', { ReservedConcurrentExecutions: 1 });
  });

  test('wait for their handler to have its permissions, and it for no more than this runtime', () => {
    const policies = Object.keys(agent.findResources('AWS::IAM::Policy')).filter((id) => id.includes('LogGroups'));
    for (const type of ['Custom::RuntimeLogGroups', 'Custom::RuntimeLogGroupsRemoval']) {
      const resource = Object.values(agent.findResources(type))[0] as CfnResource;
      expect(resource.DependsOn).toEqual(expect.arrayContaining(policies));
    }
    const own =
      'arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/bedrock-agentcore/runtimes/outbound_auth_dev-*';
    for (const sid of ['SetLogGroups', 'RemoveLogGroups']) {
      expect(text(statement(agent, sid).Resource)).toBe(own);
    }
  });

  test('have a handler that keeps its own logs as long', () => {
    agent.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
    agent.hasResourceProperties('AWS::Lambda::Function', { Runtime: 'nodejs24.x', Architectures: ['arm64'] });
  });
});
