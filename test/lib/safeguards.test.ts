import { CfnResource } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { appWith, synthesize } from './synthesize.ts';
import { only, type CfnResource as Resource } from './templates.ts';

const keyArn = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const topicArn = 'arn:aws:sns:us-east-1:111122223333:on-call';

const dev = synthesize();
const production = appWith({ production: true });
const productionTemplates = [production.identity, production.agent].map((stack) => Template.fromStack(stack));

const rolesOf = (templates: readonly Template[]) =>
  templates.flatMap((template) => Object.values(template.findResources('AWS::IAM::Role')) as Resource[]);

describe('an environment that is production', () => {
  const [identity] = productionTemplates as [Template];

  test('has stacks that nobody deletes by mistake', () => {
    expect(production.stacks.map(({ terminationProtection }) => terminationProtection)).toEqual([true, true]);
    expect(appWith().stacks.map(({ terminationProtection }) => terminationProtection)).toEqual([false, false]);
  });

  test('leaves its credential provider when the stack is deleted all the same, unless removalPolicy says otherwise', () => {
    const onDelete = (template: Template) => only(template, 'Custom::ApiKeyCredentialProvider').Properties.OnDelete;
    expect(onDelete(identity)).toBe('Retain');
    expect(onDelete(synthesize({ production: true, removalPolicy: 'destroy' }).identity)).toBe('Delete');
    expect(onDelete(dev.identity)).toBeUndefined();
  });

  test('leaves its logs', () => {
    expect(only(identity, 'AWS::Logs::LogGroup').DeletionPolicy).toBe('Retain');
    expect(only(dev.identity, 'AWS::Logs::LogGroup').DeletionPolicy).toBe('Delete');
  });

  test('has a handler that never runs twice at a time; elsewhere nothing is reserved, which a new account could not', () => {
    identity.hasResourceProperties('AWS::Lambda::Function', { ReservedConcurrentExecutions: 1 });
    dev.identity.hasResourceProperties('AWS::Lambda::Function', { ReservedConcurrentExecutions: Match.absent() });
  });
});

describe('the handler', () => {
  test('is invoked by rules of this environment only, each by its ARN', () => {
    const permissions = Object.values(dev.identity.findResources('AWS::Lambda::Permission')) as Resource[];
    expect(permissions.length).toBeGreaterThan(0);
    for (const { Properties } of permissions) {
      expect(Properties).toMatchObject({
        Action: 'lambda:InvokeFunction',
        Principal: 'events.amazonaws.com',
        SourceArn: { 'Fn::GetAtt': [expect.any(String), 'Arn'] },
      });
    }
  });
});

describe('log groups', () => {
  test('expire, each of them', () => {
    const groups = [dev.identity, dev.agent, ...productionTemplates].flatMap(
      (template) => Object.values(template.findResources('AWS::Logs::LogGroup')) as Resource[],
    );
    expect(groups.length).toBeGreaterThan(0);
    for (const { Properties } of groups) expect(Properties.RetentionInDays).toEqual(expect.any(Number));
  });

  test('are encrypted with the key that the environment gives, each of them', () => {
    const { identity, agent } = synthesize({ logEncryptionKeyArn: keyArn });
    const groups = [identity, agent].flatMap((template) =>
      Object.values(template.findResources('AWS::Logs::LogGroup')),
    );
    expect(groups.length).toBeGreaterThan(0);
    for (const { Properties } of groups) expect(Properties.KmsKeyId).toBe(keyArn);
    dev.identity.allResourcesProperties('AWS::Logs::LogGroup', { KmsKeyId: Match.absent() });
  });
});

describe('the alarm', () => {
  test('tells the topic that the environment gives, and nobody otherwise', () => {
    const { identity } = synthesize({ alarms: { topicArn } });
    expect(only(identity, 'AWS::CloudWatch::Alarm').Properties.AlarmActions).toEqual([topicArn]);
    expect(only(dev.identity, 'AWS::CloudWatch::Alarm').Properties.AlarmActions).toBeUndefined();
  });
});

describe('every role', () => {
  test('has neither a boundary nor a path unless the environment says so', () => {
    for (const { Properties } of rolesOf([dev.identity, dev.agent])) {
      expect(Properties).not.toHaveProperty('PermissionsBoundary');
      expect(Properties).not.toHaveProperty('Path');
    }
  });

  test.each<[string, string, unknown]>([
    [
      'a name',
      'platform/Boundary',
      { 'Fn::Join': ['', expect.arrayContaining([{ Ref: 'AWS::AccountId' }, ':policy/platform/Boundary'])] },
    ],
    ['an ARN', 'arn:aws:iam::111122223333:policy/Boundary', 'arn:aws:iam::111122223333:policy/Boundary'],
  ])('has the permissions boundary that the environment gives, by %s', (_, permissionsBoundary, expected) => {
    const { identity, agent } = synthesize({ permissionsBoundary });
    const roles = rolesOf([identity, agent]);
    expect(roles.length).toBeGreaterThanOrEqual(2);
    for (const { Properties } of roles) expect(Properties.PermissionsBoundary).toEqual(expected);
  });

  test('has the path that the environment gives', () => {
    const { identity, agent } = synthesize({ rolePath: '/team/' });
    const roles = rolesOf([identity, agent]);
    expect(roles.length).toBeGreaterThanOrEqual(2);
    for (const { Properties } of roles) expect(Properties.Path).toBe('/team/');
  });

  test('has both, even where CDK makes it by itself and without the class', () => {
    const { agent } = appWith({ permissionsBoundary: 'arn:aws:iam::111122223333:policy/B', rolePath: '/team/' });
    new CfnResource(agent, 'MadeByCdk', {
      type: 'AWS::IAM::Role',
      properties: { AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] } },
    });
    Template.fromStack(agent).allResourcesProperties('AWS::IAM::Role', {
      PermissionsBoundary: 'arn:aws:iam::111122223333:policy/B',
      Path: '/team/',
    });
  });
});
