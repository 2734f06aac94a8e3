import {
  CloudFormationClient,
  ContinueUpdateRollbackCommand,
  CreateChangeSetCommand,
  type CreateChangeSetCommandInput,
  CreateStackCommand,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeEventsCommand,
  DescribeStackEventsCommand,
  DescribeStackResourceCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  GetTemplateCommand,
  GetTemplateSummaryCommand,
  ListChangeSetsCommand,
  ListExportsCommand,
  ListHookResultsCommand,
  ListImportsCommand,
  ListStackResourcesCommand,
  ListStacksCommand,
  RollbackStackCommand,
  UpdateStackCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import { cloudFormationService } from '../../../local-aws/cloudformation/service.ts';
import { dispatcher } from '../../../local-aws/dispatch.ts';
import { listen, type RunningServer } from '../../../local-aws/http/server.ts';
import { account, fakeAccount, region, thing } from './fake-account.ts';

let server: RunningServer;
let fake: ReturnType<typeof fakeAccount>;
let client: CloudFormationClient;

const clientWith = (credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }) =>
  new CloudFormationClient({ endpoint: `http://127.0.0.1:${server.port}`, region, credentials, maxAttempts: 1 });
const body = (resources: Record<string, unknown>, rest: Record<string, unknown> = {}) =>
  JSON.stringify({ Resources: resources, ...rest });
const ended = async (stackName: string) => {
  const stack = fake.aws.stacks.get(region, stackName);
  await stack.running;
  return stack.status;
};
const changeSet = (type: 'CREATE' | 'UPDATE', templateBody: string, rest: Partial<CreateChangeSetCommandInput> = {}) =>
  client.send(
    new CreateChangeSetCommand({
      StackName: 'S',
      ChangeSetName: 'deploy',
      ChangeSetType: type,
      TemplateBody: templateBody,
      ...rest,
    }),
  );
const described = (IncludePropertyValues = false) =>
  client.send(new DescribeChangeSetCommand({ StackName: 'S', ChangeSetName: 'deploy', IncludePropertyValues }));
const execute = async (rest: { DisableRollback?: boolean } = {}) => {
  await client.send(new ExecuteChangeSetCommand({ StackName: 'S', ChangeSetName: 'deploy', ...rest }));
  return ended('S');
};
const describeStack = async (StackName = 'S') =>
  (await client.send(new DescribeStacksCommand({ StackName }))).Stacks?.[0];

beforeEach(async () => {
  fake = fakeAccount();
  server = await listen(0, dispatcher(fake.aws, [cloudFormationService(fake.aws)]));
  client = clientWith({ accessKeyId: 'test', secretAccessKey: 'test' });
});

afterEach(async () => {
  fake.things.held.clear();
  client.destroy();
  await server.close();
  expect(fake.aws.faults).toEqual([]);
});

describe('a change set', () => {
  test('creates a stack when it is executed, and not before', async () => {
    const created = await changeSet('CREATE', body({ A: thing() }), { Tags: [{ Key: 'team', Value: 'x' }] });
    expect(created.Id).toMatch(new RegExp(`^arn:aws:cloudformation:${region}:${account}:changeSet/deploy/`));
    expect(await describeStack()).toMatchObject({ StackStatus: 'REVIEW_IN_PROGRESS', StackId: created.StackId });
    expect(fake.things.calls).toEqual([]);
    expect(await described()).toMatchObject({
      Status: 'CREATE_COMPLETE',
      ExecutionStatus: 'AVAILABLE',
      Changes: [
        {
          Type: 'Resource',
          ResourceChange: { Action: 'Add', LogicalResourceId: 'A', ResourceType: 'AWS::Test::Thing' },
        },
      ],
    });
    expect(await execute()).toBe('CREATE_COMPLETE');
    expect(await describeStack()).toMatchObject({ Tags: [{ Key: 'team', Value: 'x' }], DisableRollback: false });
    expect((await described()).ExecutionStatus).toBe('EXECUTE_COMPLETE');
    await expect(execute()).rejects.toMatchObject({ name: 'InvalidChangeSetStatusException' });
  });

  test('without changes fails in the words that the CLI looks for', async () => {
    await fake.deploy('S', { A: thing() });
    await changeSet('UPDATE', body({ A: thing() }));
    expect(await described()).toMatchObject({
      Status: 'FAILED',
      ExecutionStatus: 'UNAVAILABLE',
      StatusReason:
        "The submitted information didn't contain changes. Submit different information to create a change set.",
    });
  });

  test('with another output alone is not without changes', async () => {
    await fake.deploy('S', { A: thing() });
    await changeSet('UPDATE', body({ A: thing() }, { Outputs: { O: { Value: 'new' } } }));
    expect(await described()).toMatchObject({ Status: 'CREATE_COMPLETE' });
    expect((await described()).Changes ?? []).toEqual([]);
    expect(await execute()).toBe('UPDATE_COMPLETE');
    expect((await describeStack())?.Outputs).toEqual([{ OutputKey: 'O', OutputValue: 'new' }]);
  });

  test('tells what is added, changed, replaced and removed, and what follows from it', async () => {
    const following = (name: string) => thing({ Needs: { Ref: name }, Name: 'x' });
    await fake.deploy('S', {
      Changed: thing({ Value: 1 }),
      Replaced: thing({ Name: 'old' }),
      Gone: thing(),
      After: following('Replaced'),
    });
    await changeSet(
      'UPDATE',
      body({
        Changed: thing({ Value: 2 }),
        Replaced: thing({ Name: 'new' }),
        New: thing(),
        After: following('Replaced'),
      }),
    );
    const plain = (await described()).Changes?.map(({ ResourceChange }) => ResourceChange);
    expect(
      plain?.map((change) => [change?.LogicalResourceId, change?.Action, change?.Replacement, change?.PolicyAction]),
    ).toEqual([
      ['Changed', 'Modify', 'False', undefined],
      ['Replaced', 'Modify', 'True', 'ReplaceAndDelete'],
      ['New', 'Add', undefined, undefined],
      ['After', 'Modify', 'False', undefined],
      ['Gone', 'Remove', undefined, 'Delete'],
    ]);
    expect(plain?.[0]?.Details?.[0]?.Target).not.toHaveProperty('AfterValue');
    expect(plain?.[3]?.Details).toMatchObject([{ ChangeSource: 'ResourceReference', CausingEntity: 'Replaced' }]);
    const detailed = (await described(true)).Changes?.map(({ ResourceChange }) => ResourceChange);
    expect(detailed?.[0]).toMatchObject({
      Details: [{ Target: { Name: 'Value', BeforeValue: '1', AfterValue: '2', RequiresRecreation: 'Never' } }],
      BeforeContext: '{"Properties":{"Value":1}}',
      AfterContext: '{"Properties":{"Value":2}}',
    });
    expect(detailed?.[3]?.Details?.[0]?.Target?.AfterValue).toBe('{{changeSet:KNOWN_AFTER_APPLY}}');
    expect(fake.things.calls).toHaveLength(4);
  });

  test('that was deleted is not found, by the name that the CLI waits for', async () => {
    await changeSet('CREATE', body({ A: thing() }));
    await client.send(new DeleteChangeSetCommand({ StackName: 'S', ChangeSetName: 'deploy' }));
    await expect(described()).rejects.toMatchObject({ name: 'ChangeSetNotFoundException' });
    await client.send(new DeleteChangeSetCommand({ StackName: 'S', ChangeSetName: 'deploy' }));
    await client.send(new DeleteStackCommand({ StackName: 'S' }));
    await expect(describeStack()).rejects.toThrow('Stack with id S does not exist');
  });

  test('for a missing export fails, and the CLI finds no hooks or validations to blame', async () => {
    await changeSet('CREATE', body({ A: thing({ Value: { 'Fn::ImportValue': 'nobody' } }) }));
    expect(await described()).toMatchObject({ Status: 'FAILED', StatusReason: 'No export named nobody found' });
    const { Summaries = [] } = await client.send(new ListChangeSetsCommand({ StackName: 'S' }));
    expect(Summaries).toMatchObject([{ ChangeSetName: 'deploy', Status: 'FAILED' }]);
    const events = await client.send(new DescribeEventsCommand({ StackName: 'S', ChangeSetName: 'deploy' }));
    expect(events.OperationEvents ?? []).toEqual([]);
    const hooks = await client.send(
      new ListHookResultsCommand({ TargetType: 'CHANGE_SET', TargetId: Summaries[0]?.ChangeSetId }),
    );
    expect(hooks.HookResults ?? []).toEqual([]);
  });

  test.each<[string, string, string, Partial<CreateChangeSetCommandInput>]>([
    [
      'an unknown resource type',
      body({ A: { Type: 'AWS::EC2::VPC' } }),
      'does not support the resource type AWS::EC2::VPC (resource A)',
      {},
    ],
    [
      'an invented resource type',
      body({ A: { Type: 'Foo' } }),
      'Template format error: Unrecognized resource types: [Foo]',
      {},
    ],
    [
      'an unknown property',
      body({ A: thing({ Wrong: 1 }) }),
      'does not support the property Wrong of AWS::Test::Thing (resource A)',
      {},
    ],
    [
      'an unknown function',
      body({ A: thing({ Value: { 'Fn::GetAZs': '' } }) }),
      'does not support the function Fn::GetAZs',
      {},
    ],
    ['a circle', body({ A: thing({ Value: { Ref: 'A' } }) }), 'Circular dependency between resources: [A]', {}],
    ['a template that is too long', ' '.repeat(51_201), 'less than or equal to 51200', {}],
    [
      'a bad stack name',
      body({ A: thing() }),
      "Value 'S_1' at 'stackName' failed to satisfy constraint",
      { StackName: 'S_1' },
    ],
    ['an import', body({ A: thing() }), 'does not support change sets of the type IMPORT', { ChangeSetType: 'IMPORT' }],
    [
      'notifications',
      body({ A: thing() }),
      'does not support NotificationARNs',
      { NotificationARNs: ['arn:aws:sns:x:1:t'] },
    ],
    [
      'the express mode',
      body({ A: thing() }),
      'does not support the deployment mode EXPRESS',
      { DeploymentConfig: { Mode: 'EXPRESS' } },
    ],
    [
      'a role that is not there',
      body({ A: thing() }),
      'is invalid or cannot be assumed',
      { RoleARN: 'arn:aws:iam::1:role/x' },
    ],
  ])('is refused for %s, and leaves no stack behind', async (_name, templateBody, message, rest) => {
    await expect(changeSet('CREATE', templateBody, rest)).rejects.toThrow(message);
    await expect(describeStack()).rejects.toThrow('Stack with id S does not exist');
  });

  test('needs the capability that its IAM resources ask for', async () => {
    const role = (name: object) => ({
      Type: 'AWS::IAM::Role',
      Properties: {
        ...name,
        AssumeRolePolicyDocument: {
          Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
        },
      },
    });
    const refused = changeSet('CREATE', body({ R: role({}) }));
    await expect(refused).rejects.toMatchObject({
      name: 'InsufficientCapabilitiesException',
      message: 'Requires capabilities : [CAPABILITY_IAM]',
    });
    await expect(
      changeSet('CREATE', body({ R: role({ RoleName: 'mine' }) }), { Capabilities: ['CAPABILITY_IAM'] }),
    ).rejects.toThrow('Requires capabilities : [CAPABILITY_NAMED_IAM]');
    await changeSet('CREATE', body({ R: role({}) }), { Capabilities: ['CAPABILITY_IAM'] });
  });

  test('takes its template from S3, in every form of the URL', async () => {
    fake.aws.objects.createBucket('assets');
    fake.aws.objects.put('assets', 'a/t.json', Buffer.from(body({ A: thing() })));
    for (const url of [
      `https://s3.${region}.amazonaws.com/assets/a/t.json`,
      `https://assets.s3.${region}.amazonaws.com/a/t.json`,
      'https://assets.s3.amazonaws.com/a/t.json',
      `${fake.aws.endpoint}/assets/a/t.json`,
    ]) {
      const summary = await client.send(new GetTemplateSummaryCommand({ TemplateURL: url }));
      expect(summary.ResourceTypes).toEqual(['AWS::Test::Thing']);
    }
    const missing = new GetTemplateSummaryCommand({ TemplateURL: `https://s3.${region}.amazonaws.com/assets/no.json` });
    await expect(client.send(missing)).rejects.toThrow('S3 error: The specified key does not exist.');
    const elsewhere = new GetTemplateSummaryCommand({ TemplateURL: 'https://example.com/assets/t.json' });
    await expect(client.send(elsewhere)).rejects.toThrow('TemplateURL must be a supported URL.');
  });
});

describe('the life of a stack', () => {
  test('create, look at it, update, delete', async () => {
    const template = body(
      { A: thing({}, { Metadata: { note: 1 } }) },
      { Description: 'mine', Outputs: { O: { Value: 'v', Export: { Name: 'e' } } } },
    );
    const { StackId } = await client.send(new CreateStackCommand({ StackName: 'S', TemplateBody: template }));
    expect(await ended('S')).toBe('CREATE_COMPLETE');
    expect(await describeStack()).toMatchObject({
      StackId,
      Description: 'mine',
      Outputs: [{ OutputKey: 'O', OutputValue: 'v', ExportName: 'e' }],
    });
    const { StackResources } = await client.send(new DescribeStackResourcesCommand({ StackName: 'S' }));
    expect(StackResources).toMatchObject([
      { LogicalResourceId: 'A', PhysicalResourceId: 'A-1', ResourceStatus: 'CREATE_COMPLETE' },
    ]);
    const one = await client.send(new DescribeStackResourceCommand({ StackName: 'S', LogicalResourceId: 'A' }));
    expect(one.StackResourceDetail?.Metadata).toBe('{"note":1}');
    await expect(
      client.send(new DescribeStackResourceCommand({ StackName: 'S', LogicalResourceId: 'Z' })),
    ).rejects.toThrow('Resource Z does not exist for stack S');
    const listed = await client.send(new ListStackResourcesCommand({ StackName: 'S' }));
    expect(listed.StackResourceSummaries).toMatchObject([{ PhysicalResourceId: 'A-1' }]);
    expect((await client.send(new GetTemplateCommand({ StackName: 'S' }))).TemplateBody).toBe(template);
    expect((await client.send(new ListExportsCommand())).Exports).toEqual([
      { ExportingStackId: StackId, Name: 'e', Value: 'v' },
    ]);
    await expect(client.send(new ListImportsCommand({ ExportName: 'e' }))).rejects.toThrow(
      "Export 'e' is not imported by any stack.",
    );

    await expect(client.send(new CreateStackCommand({ StackName: 'S', TemplateBody: template }))).rejects.toMatchObject(
      {
        name: 'AlreadyExistsException',
      },
    );
    await expect(client.send(new UpdateStackCommand({ StackName: 'S', TemplateBody: template }))).rejects.toThrow(
      'No updates are to be performed.',
    );
    await client.send(new UpdateStackCommand({ StackName: 'S', TemplateBody: body({ A: thing({ Value: 2 }) }) }));
    expect(await ended('S')).toBe('UPDATE_COMPLETE');

    await client.send(new DeleteStackCommand({ StackName: 'S' }));
    expect(await ended(StackId as string)).toBe('DELETE_COMPLETE');
    await expect(describeStack()).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'Stack with id S does not exist',
    });
    expect((await describeStack(StackId))?.StackStatus).toBe('DELETE_COMPLETE');
    expect(
      (await client.send(new ListStacksCommand({ StackStatusFilter: ['DELETE_COMPLETE'] }))).StackSummaries,
    ).toMatchObject([{ StackId, StackStatus: 'DELETE_COMPLETE' }]);
    await client.send(new DeleteStackCommand({ StackName: 'S' }));
  });

  test('previous values of parameters stay, NoEcho values are never shown', async () => {
    const template = body(
      { A: thing({ Value: { Ref: 'Shown' }, Needs: { Ref: 'Hidden' } }) },
      { Parameters: { Shown: { Type: 'String' }, Hidden: { Type: 'String', NoEcho: true } } },
    );
    const Parameters = [
      { ParameterKey: 'Shown', ParameterValue: 'one' },
      { ParameterKey: 'Hidden', ParameterValue: 'sk-hidden' },
    ];
    await client.send(new CreateStackCommand({ StackName: 'S', TemplateBody: template, Parameters }));
    await ended('S');
    const update = { StackName: 'S', UsePreviousTemplate: true };
    await client.send(
      new UpdateStackCommand({
        ...update,
        Parameters: [
          { ParameterKey: 'Shown', ParameterValue: 'two' },
          { ParameterKey: 'Hidden', UsePreviousValue: true },
        ],
      }),
    );
    await ended('S');
    expect(fake.things.existing.get('A-1')).toEqual({ Value: 'two', Needs: 'sk-hidden' });
    const shown = JSON.stringify([
      await describeStack(),
      await client.send(new DescribeStackEventsCommand({ StackName: 'S' })),
    ]);
    expect(shown).toContain('****');
    expect(shown).not.toContain('sk-hidden');
    await expect(client.send(new UpdateStackCommand({ ...update }))).rejects.toThrow(
      'Parameters: [Shown, Hidden] must have values',
    );
  });

  test('events come newest first, each once, page by page', async () => {
    const resources = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`T${index}`, thing()]));
    await fake.deploy('S', resources);
    const first = await client.send(new DescribeStackEventsCommand({ StackName: 'S' }));
    const second = await client.send(new DescribeStackEventsCommand({ StackName: 'S', NextToken: first.NextToken }));
    const events = [...(first.StackEvents ?? []), ...(second.StackEvents ?? [])];
    expect(events).toHaveLength(182);
    expect(second.NextToken).toBeUndefined();
    expect(new Set(events.map(({ EventId }) => EventId)).size).toBe(182);
    const times = events.map(({ Timestamp }) => Timestamp?.getTime() ?? 0);
    expect(times).toEqual([...times].sort((a, b) => b - a));
    expect(events[0]).toMatchObject({
      LogicalResourceId: 'S',
      ResourceStatus: 'CREATE_COMPLETE',
      PhysicalResourceId: events[0]?.StackId,
    });
  });

  test('an operation under way refuses another one', async () => {
    fake.things.held.add('create A');
    await client.send(new CreateStackCommand({ StackName: 'S', TemplateBody: body({ A: thing() }) }));
    const { StackId } = (await describeStack()) ?? {};
    await expect(
      client.send(new UpdateStackCommand({ StackName: 'S', TemplateBody: body({ A: thing() }) })),
    ).rejects.toThrow(`Stack:${StackId} is in CREATE_IN_PROGRESS state and can not be updated.`);
    await expect(client.send(new DeleteStackCommand({ StackName: 'S' }))).rejects.toThrow(
      `Stack [${StackId}] cannot be deleted while in status CREATE_IN_PROGRESS`,
    );
    fake.things.held.clear();
    expect(await ended('S')).toBe('CREATE_COMPLETE');
  });

  test('`cdk` is told how a stack is when its operation has ended, everybody else at once', async () => {
    fake.things.held.add('create A');
    await client.send(new CreateStackCommand({ StackName: 'S', TemplateBody: body({ A: thing() }) }));
    expect((await describeStack())?.StackStatus).toBe('CREATE_IN_PROGRESS');
    const cdk = new CloudFormationClient({
      endpoint: `http://127.0.0.1:${server.port}`,
      region,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      customUserAgent: 'aws-cdk/2.1148.1',
    });
    const asked = cdk.send(new DescribeStacksCommand({ StackName: 'S' }));
    expect(await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, 200, 'waits'))])).toBe('waits');
    fake.things.held.clear();
    expect((await asked).Stacks?.[0]?.StackStatus).toBe('CREATE_COMPLETE');
    cdk.destroy();
  });

  test('a protected stack is not deleted', async () => {
    await client.send(
      new CreateStackCommand({ StackName: 'S', TemplateBody: body({ A: thing() }), EnableTerminationProtection: true }),
    );
    await ended('S');
    await expect(client.send(new DeleteStackCommand({ StackName: 'S' }))).rejects.toThrow(
      'Stack [S] cannot be deleted while TerminationProtection is enabled',
    );
    await client.send(new UpdateTerminationProtectionCommand({ StackName: 'S', EnableTerminationProtection: false }));
    await client.send(new DeleteStackCommand({ StackName: 'S' }));
    expect(fake.aws.stacks.list(region)[0]?.status).toBe('DELETE_COMPLETE');
  });

  test('a failed create that is not rolled back can be mended, or rolled back later', async () => {
    fake.things.failingOnce.add('create B');
    const template = body({ A: thing(), B: thing({ Needs: { Ref: 'A' } }) });
    await changeSet('CREATE', template);
    expect(await execute({ DisableRollback: true })).toBe('CREATE_FAILED');
    expect((await describeStack())?.StackStatusReason).toBe('The following resource(s) failed to create: [B].');
    await changeSet('UPDATE', template, { ChangeSetName: 'again' });
    await client.send(new ExecuteChangeSetCommand({ StackName: 'S', ChangeSetName: 'again' }));
    expect(await ended('S')).toBe('CREATE_COMPLETE');
    expect(fake.things.calls).toEqual(['create A', 'create B', 'create B']);
  });

  test('a failed create that is not rolled back is rolled back when asked', async () => {
    fake.things.failing.add('create B');
    await changeSet('CREATE', body({ A: thing(), B: thing({ Needs: { Ref: 'A' } }) }));
    await execute({ DisableRollback: true });
    await expect(client.send(new ContinueUpdateRollbackCommand({ StackName: 'S' }))).rejects.toThrow(
      'can not be rolled back',
    );
    await client.send(new RollbackStackCommand({ StackName: 'S' }));
    expect(await ended('S')).toBe('ROLLBACK_COMPLETE');
    expect(fake.things.existing.size).toBe(0);
    await expect(changeSet('UPDATE', body({ A: thing() }), { ChangeSetName: 'x' })).rejects.toThrow(
      'is in ROLLBACK_COMPLETE state and can not be updated.',
    );
  });

  test('OnFailure DELETE leaves no stack', async () => {
    fake.things.failing.add('create B');
    const TemplateBody = body({ A: thing(), B: thing({}, { DependsOn: 'A' }) });
    const { StackId } = await client.send(
      new CreateStackCommand({ StackName: 'S', TemplateBody, OnFailure: 'DELETE' }),
    );
    expect(await ended(StackId as string)).toBe('DELETE_COMPLETE');
    expect(fake.things.existing.size).toBe(0);
  });

  test('Regions are kept apart', async () => {
    await fake.deploy('S', { A: thing() });
    const elsewhere = new CloudFormationClient({
      endpoint: `http://127.0.0.1:${server.port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    await expect(elsewhere.send(new DescribeStacksCommand({ StackName: 'S' }))).rejects.toThrow(
      'Stack with id S does not exist',
    );
  });
});

describe('permissions', () => {
  const asRole = (...statements: object[]) => {
    const { iam } = fake.aws;
    iam.putRole({
      name: 'deployer',
      trustPolicy: { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: account } }] },
      inlinePolicies: { policy: { Statement: statements as never } },
    });
    return clientWith(iam.assumeRole(iam.administrator, iam.roleArn('deployer'), 'test'));
  };
  const logGroup = body({ L: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/mine' } } });

  test('every call is authorized on the stack', async () => {
    const limited = asRole({
      Effect: 'Allow',
      Action: 'cloudformation:*',
      Resource: `arn:aws:cloudformation:${region}:${account}:stack/Mine/*`,
    });
    await limited.send(
      new CreateChangeSetCommand({
        StackName: 'Mine',
        ChangeSetName: 'c',
        ChangeSetType: 'CREATE',
        TemplateBody: body({ A: thing() }),
      }),
    );
    await limited.send(new DescribeStacksCommand({ StackName: 'Mine' }));
    await expect(limited.send(new DescribeStacksCommand({ StackName: 'Other' }))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('is not authorized to perform: cloudformation:DescribeStacks on resource: '),
    });
    await expect(limited.send(new DescribeStacksCommand({}))).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('without a role, the resources are made with the rights of the caller', async () => {
    const limited = asRole({ Effect: 'Allow', Action: 'cloudformation:*', Resource: '*' });
    await limited.send(new CreateStackCommand({ StackName: 'S', TemplateBody: logGroup }));
    expect(await ended('S')).toBe('ROLLBACK_COMPLETE');
    const { events } = fake.aws.stacks.get(region, 'S');
    expect(events.find(({ status }) => status === 'CREATE_FAILED')?.reason).toMatch(
      /^Resource handler returned message: "User: .*assumed-role\/deployer\/test is not authorized to perform: logs:CreateLogGroup .*HandlerErrorCode: AccessDenied\)$/,
    );
  });

  test('with a role, with the rights of that role, which the caller must be allowed to pass', async () => {
    fake.aws.iam.putRole({
      name: 'execution',
      trustPolicy: {
        Statement: [
          { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'cloudformation.amazonaws.com' } },
        ],
      },
      inlinePolicies: { policy: { Statement: [{ Effect: 'Allow', Action: 'logs:*', Resource: '*' }] } },
    });
    const RoleARN = fake.aws.iam.roleArn('execution');
    const input = { StackName: 'S', TemplateBody: logGroup, RoleARN };
    const mayNotPass = asRole({ Effect: 'Allow', Action: 'cloudformation:*', Resource: '*' });
    await expect(mayNotPass.send(new CreateStackCommand(input))).rejects.toThrow('iam:PassRole');
    const mayPass = asRole(
      { Effect: 'Allow', Action: 'cloudformation:*', Resource: '*' },
      {
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: RoleARN,
        Condition: { StringEquals: { 'iam:PassedToService': 'cloudformation.amazonaws.com' } },
      },
    );
    await mayPass.send(new CreateStackCommand(input));
    expect(await ended('S')).toBe('CREATE_COMPLETE');
    expect(fake.aws.logs.hasGroup(region, '/mine')).toBe(true);
    // The stack keeps its role: the delete needs none.
    await mayPass.send(new DeleteStackCommand({ StackName: 'S' }));
    expect(fake.aws.logs.hasGroup(region, '/mine')).toBe(false);
  });
});
