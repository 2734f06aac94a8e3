import { type App, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { OutboundAuthApp } from '../../lib/outbound-auth-app.ts';
import { defaultQualifier } from '../../lib/policies/index.ts';
import { appWith, synthesize } from './synthesize.ts';
import { only, type CfnResource as Resource } from './templates.ts';

const network = {
  subnets: ['subnet-0123456789abcdef0', 'subnet-0fedcba9876543210'],
  securityGroups: ['sg-0123456789abcdef0'],
};

const runtimeOf = (settings: object) =>
  only(synthesize(settings as Record<string, unknown>).agent, 'AWS::BedrockAgentCore::Runtime').Properties;

describe('the network', () => {
  test('is that of the environment, by the ids of its subnets and security groups', () => {
    expect(runtimeOf({ network }).NetworkConfiguration).toEqual({
      NetworkMode: 'VPC',
      NetworkModeConfig: { Subnets: network.subnets, SecurityGroups: network.securityGroups },
    });
  });

  test('is AgentCore’s own where the environment has none', () => {
    expect(runtimeOf({}).NetworkConfiguration).toEqual({ NetworkMode: 'PUBLIC' });
  });
});

describe('sessions', () => {
  test.each([
    [
      'end when the environment says',
      { idleSeconds: 300, maxSeconds: 3600 },
      { IdleRuntimeSessionTimeout: 300, MaxLifetime: 3600 },
    ],
    ['may wait as long as AgentCore lets them', { maxSeconds: 3600 }, { MaxLifetime: 3600 }],
    ['live as long as AgentCore lets them', { idleSeconds: 60 }, { IdleRuntimeSessionTimeout: 60 }],
    [
      'never wait longer than they live, which AgentCore would refuse',
      { maxSeconds: 600 },
      { IdleRuntimeSessionTimeout: 600, MaxLifetime: 600 },
    ],
  ])('%s', (_, lifecycle, properties) => {
    expect(runtimeOf({ lifecycle }).LifecycleConfiguration).toEqual(properties);
  });

  test('are AgentCore’s matter where the environment says nothing', () => {
    expect(runtimeOf({}).LifecycleConfiguration).toEqual({});
  });
});

describe('tags', () => {
  const tags = { team: 'payments', 'cost-center': '4711' };
  const { stacks, identity, agent } = appWith({ tags, callersWithoutUser: true });
  const templates = [identity, agent].map((stack) => Template.fromStack(stack));

  /** Types of CloudFormation without tags of their own. */
  const untagged = [
    'AWS::IAM::Policy',
    'AWS::SQS::QueuePolicy',
    'AWS::Lambda::Permission',
    'AWS::Lambda::EventInvokeConfig',
    'Custom::CredentialProviderInUse',
    'Custom::RuntimeLogGroupsRemoval',
  ];

  test('are those of every resource that takes them', () => {
    const resources = templates.flatMap((template) =>
      Object.entries(template.toJSON().Resources as Record<string, Resource>),
    );
    const tagsOf = ({ Properties: { Tags } }: Resource): unknown =>
      typeof Tags === 'string'
        ? JSON.parse(Tags)
        : Array.isArray(Tags)
          ? Object.fromEntries((Tags as { Key: string; Value: string }[]).map(({ Key, Value }) => [Key, Value]))
          : Tags;
    const taggable = resources.filter(([, { Type }]) => !untagged.includes(Type));
    expect(taggable.map(([, { Type }]) => Type)).toEqual(
      expect.arrayContaining([
        'AWS::BedrockAgentCore::Runtime',
        'AWS::BedrockAgentCore::WorkloadIdentity',
        'AWS::CloudWatch::Alarm',
        'AWS::Events::Rule',
        'AWS::IAM::Role',
        'AWS::Lambda::Function',
        'AWS::Logs::LogGroup',
        'AWS::SQS::Queue',
        'Custom::ApiKeyCredentialProvider',
      ]),
    );
    for (const [id, resource] of taggable) expect([id, tagsOf(resource)]).toEqual([id, expect.objectContaining(tags)]);
  });

  test('are those of the stacks themselves', () => {
    expect(stacks.map((stack) => stack.tags.tagValues())).toEqual([tags, tags]);
  });
});

describe('logs', () => {
  test('of the handler are kept as long as the environment says', () => {
    const retention = (settings: Record<string, unknown>) =>
      only(synthesize(settings).identity, 'AWS::Logs::LogGroup').Properties.RetentionInDays;
    expect(retention({})).toBe(30);
    expect(retention({ logRetentionDays: 365 })).toBe(365);
    expect(retention({ logRetentionDays: 7, production: true })).toBe(7);
  });
});

describe('the bootstrap that an environment is deployed by', () => {
  // Without the checks of a synth, which are the app's.
  const stacksIn = (app: App) => app.node.children.filter(Stage.isStage).flatMap((stage) => stage.synth().stacks);
  const stacksOf = (settings: Record<string, unknown>) => stacksIn(appWith(settings).app);

  test('has the qualifier of the environment, for the roles that deploy and for the assets', () => {
    const stacks = stacksOf({ bootstrapQualifier: 'outbauth' });
    expect(stacks).toHaveLength(2);
    for (const stack of stacks) {
      expect(stack.assumeRoleArn).toContain('/cdk-outbauth-deploy-role-');
      expect(stack.cloudFormationExecutionRoleArn).toContain('/cdk-outbauth-cfn-exec-role-');
      expect(stack.bootstrapStackVersionSsmParameter).toBe('/cdk-bootstrap/outbauth/version');
      expect(JSON.stringify(stack.template)).toContain('cdk-outbauth-');
      expect(JSON.stringify(stack.template)).not.toContain(defaultQualifier);
    }
  });

  test('is that of the app otherwise, and else CDK’s own', () => {
    const app = new OutboundAuthApp({
      context: {
        '@aws-cdk/core:bootstrapQualifier': 'ofapp',
        environments: { dev: { secret: 's' }, prod: { secret: 's', bootstrapQualifier: 'ofprod' } },
      },
    });
    const qualifiers = stacksIn(app).map(({ assumeRoleArn }) => assumeRoleArn?.split('-')[1]);
    expect(qualifiers).toEqual(['ofapp', 'ofapp', 'ofprod', 'ofprod']);
    for (const { assumeRoleArn } of stacksOf({})) expect(assumeRoleArn).toContain(`/cdk-${defaultQualifier}-`);
  });
});
