import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { run, runRefresh } from '../../lib/credential-provider/handler/run.ts';
import { FakeAws } from '../../test/lib/credential-provider/fake-aws.ts';

const stackId = 'arn:aws:cloudformation:us-east-1:111122223333:stack/outbound-auth-dev-identity/1';
const properties = {
  ServiceToken: 'arn:aws:lambda:us-east-1:111122223333:function:handler',
  CredentialProviderName: 'openai-provider',
  SecretSource: 'EXTERNAL',
  SecretId: 'openai',
  JsonKey: 'apiKey',
};

/** The calls to AWS of one event. */
export interface HandledEvent {
  readonly event: string;
  readonly source: 'EXTERNAL' | 'MANAGED';
  readonly calls: readonly string[];
}

/** Takes a credential provider through its life, as CloudFormation and EventBridge do, and writes down the calls. */
export async function handleAllEvents(): Promise<HandledEvent[]> {
  const handled: HandledEvent[] = [];
  for (const source of ['EXTERNAL', 'MANAGED'] as const) {
    const aws = new FakeAws();
    aws.store('openai', JSON.stringify({ apiKey: 'sk-of-the-benchmark-0123456789' }));
    const surroundings = { calls: aws, log: () => {}, clock: aws.clock, remainingTime: 120_000 };
    const note = async (event: string, work: () => Promise<unknown>) => {
      aws.calls.length = 0;
      const response = (await work()) as { Status?: string; Reason?: string } | undefined;
      if (response?.Status === 'FAILED') throw new Error(`${event}: ${response.Reason}`);
      handled.push({ event, source, calls: [...aws.calls] });
    };
    const custom = (type: 'Create' | 'Update' | 'Delete', status: string, changed: object = {}, old: object = {}) => {
      aws.status = status;
      return run(
        {
          RequestType: type,
          ResponseURL: 'https://example.com/',
          StackId: stackId,
          RequestId: 'request',
          LogicalResourceId: 'Provider',
          ResourceType: 'Custom::ApiKeyCredentialProvider',
          ServiceToken: properties.ServiceToken,
          ...(type !== 'Create' && { PhysicalResourceId: 'openai-provider' }),
          ResourceProperties: { ...properties, SecretSource: source, ...changed },
          ...(type === 'Update' && { OldResourceProperties: { ...properties, SecretSource: source, ...old } }),
        } as CloudFormationCustomResourceEvent,
        surroundings,
      );
    };
    const inUse = () =>
      run(
        {
          RequestType: 'Update',
          ResponseURL: 'https://example.com/',
          StackId: 'arn:of-the-agent-stack',
          RequestId: 'request',
          LogicalResourceId: 'InUse',
          ResourceType: 'Custom::CredentialProviderInUse',
          PhysicalResourceId: 'InUse',
          ResourceProperties: {
            CredentialProviderName: 'openai-provider',
            OwnerStackId: stackId,
            OwnerLogicalId: 'Provider',
          },
        } as unknown as CloudFormationCustomResourceEvent,
        surroundings,
      );
    const refresh = () =>
      runRefresh(
        {
          refresh: {
            CredentialProviderName: 'openai-provider',
            SecretSource: source,
            SecretId: 'openai',
            JsonKey: 'apiKey',
            OwnerStackId: stackId,
            OwnerLogicalId: 'Provider',
          },
        },
        surroundings,
      );
    await note('create', () => custom('Create', 'CREATE_IN_PROGRESS'));
    await note('agent deployed', inUse);
    await note('update', () => custom('Update', 'UPDATE_IN_PROGRESS'));
    aws.status = 'UPDATE_COMPLETE';
    aws.store('openai', JSON.stringify({ apiKey: 'sk-of-the-benchmark-9876543210' }));
    await note('secret changed, or daily look', refresh);
    await note('delete', () => custom('Delete', 'DELETE_IN_PROGRESS'));
  }
  return handled;
}
