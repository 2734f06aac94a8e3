import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApiKeyCredentialProvider,
  CredentialProviderInUse,
  CredentialSource,
  type OwnedCredentialProvider,
} from '../../../lib/index.ts';
import { only, text } from '../templates.ts';
import { env, stackWith } from './support.ts';

interface Names {
  readonly stack?: string;
  readonly construct?: string;
  readonly region?: string;
}

/** Two stacks of somebody else's app, without any feature flag: one has the provider, the other uses it. */
function stacks({ stack = 'identity', construct = 'Key', region = env.region }: Names = {}) {
  const app = new App();
  const identity = new Stack(app, stack, { env: { ...env, region } });
  const agent = new Stack(app, 'agent', { env });
  const provider = new ApiKeyCredentialProvider(identity, construct, {
    credentialProviderName: 'openai',
    source: CredentialSource.reference('team/openai'),
  });
  return { identity, agent, provider };
}

function inUse(names?: Names) {
  const { identity, agent, provider } = stacks(names);
  new CredentialProviderInUse(agent, 'InUse', { credentialProvider: provider });
  const template = Template.fromStack(agent);
  const [[logicalId = ''] = []] = Object.entries(template.findResources('Custom::CredentialProviderInUse'));
  const { Properties } = only(template, 'Custom::CredentialProviderInUse');
  return { identity, agent, logicalId, properties: Properties, serviceToken: text(Properties.ServiceToken) };
}

describe('the note that a provider is in use', () => {
  test('goes to a handler of the same name, however often the stack of the provider goes and comes back', () => {
    const { identity, serviceToken } = inUse();
    const { FunctionName } = only(Template.fromStack(identity), 'AWS::Lambda::Function').Properties;
    // A reference to the function would have another value for another function.
    expect(FunctionName).toMatch(/^identity-Key-/);
    expect(serviceToken).toBe(`arn:\${AWS::Partition}:lambda:us-east-1:111122223333:function:${FunctionName}`);
  });

  test.each<[string, Names]>([
    ['the construct', { construct: 'Other' }],
    ['the stack', { stack: 'other' }],
  ])('is another resource when %s is renamed: no ServiceToken can change in place', (_, names) => {
    const [before, after] = [inUse(), inUse(names)];
    expect(after.serviceToken).not.toBe(before.serviceToken);
    expect(after.logicalId).not.toBe(before.logicalId);
  });

  test('is the same resource otherwise', () => {
    expect(inUse().logicalId).toBe(inUse().logicalId);
  });

  test('is made after the provider, in the same stack and in another one', () => {
    const { identity, agent } = inUse();
    expect(agent.dependencies).toContain(identity);
    const { stack, provider } = stackWith();
    new CredentialProviderInUse(stack, 'InUse', { credentialProvider: provider });
    const { DependsOn, Properties } = only(Template.fromStack(stack), 'Custom::CredentialProviderInUse');
    expect(DependsOn).toContain(provider.ownerLogicalId);
    expect(Properties.OwnerStackId).toEqual({ Ref: 'AWS::StackId' });
  });

  test('comes from another app by four values', () => {
    const credentialProvider: OwnedCredentialProvider = {
      credentialProviderName: 'openai',
      serviceToken: 'arn:aws:lambda:us-east-1:111122223333:function:identity-Key',
      ownerStackId: 'arn:aws:cloudformation:us-east-1:111122223333:stack/identity/1',
      ownerLogicalId: 'KeyA1B2C3D4',
    };
    const stack = new Stack(new App(), 'agent');
    new CredentialProviderInUse(stack, 'InUse', { credentialProvider });
    expect(only(Template.fromStack(stack), 'Custom::CredentialProviderInUse').Properties).toMatchObject({
      ServiceToken: credentialProvider.serviceToken,
      CredentialProviderName: 'openai',
      OwnerStackId: credentialProvider.ownerStackId,
      OwnerLogicalId: 'KeyA1B2C3D4',
    });
  });

  test('is refused in another Region, where no agent can use it', () => {
    expect(() => inUse({ region: 'eu-west-1' })).toThrow(
      expect.objectContaining({
        name: 'SettingsError',
        message:
          "CredentialProviderInUse agent/InUse: its region is us-east-1, and the credential provider's eu-west-1; an agent uses providers of its own account and Region only.",
      }),
    );
  });
});

describe('in an app without feature flags, a stack that uses the provider of another one', () => {
  test('imports nothing that could not change any more', () => {
    const { identity, agent, provider } = stacks();
    provider.grantUse(new Role(agent, 'Agent', { assumedBy: new ServicePrincipal('bedrock-agentcore.amazonaws.com') }));
    new CredentialProviderInUse(agent, 'InUse', { credentialProvider: provider });
    const [theirs, ours] = [Template.fromStack(agent), Template.fromStack(identity)];
    for (const template of [theirs, ours]) {
      expect(JSON.stringify(template).match(/ImportValue|"Export"/)).toBeNull();
    }
    const { OwnerStackId } = only(theirs, 'Custom::CredentialProviderInUse').Properties as {
      OwnerStackId: { 'Fn::GetStackOutput': { OutputName: string } };
    };
    const { OutputName } = OwnerStackId['Fn::GetStackOutput'];
    ours.hasOutput(OutputName, { Value: { Ref: 'AWS::StackId' } });
  });
});
